import os
import stat
import subprocess
from pathlib import Path

import pytest

from streams.core.audit import GENESIS
from streams.core.checkpoint import Checkpoint
from streams.review.signing import AuditKey, NoKey, key_of, keys_of, signs


def checkpoint(key: AuditKey, seq: int = 3) -> Checkpoint:
    return Checkpoint(chain="acts", seq=seq, hash="ab" * 32, at=5, key_id=key.id, previous=GENESIS)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"

    key = key_of(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(path).id == key.id
    assert repr(key) == f"AuditKey({key.id})"
    assert len(key.id) == 16
    assert "PRIVATE" not in (tmp_path / "audit.key.pub").read_text()


def test_a_signature_holds_for_what_was_signed_and_nothing_else(tmp_path: Path) -> None:
    key, other = key_of(tmp_path / "a"), key_of(tmp_path / "b")
    keys = keys_of([tmp_path / "a.pub"], tmp_path / "b")
    signed = key.sign(checkpoint(key))

    assert signs(keys, signed)
    for changed in (
        key.sign(checkpoint(key, seq=4)).signature,
        signed.signature[:-2],
        "no hexadecimal digits",
        "",
    ):
        given = {name: getattr(signed, name) for name in signed.__struct_fields__}
        assert not signs(keys, type(signed)(**given | {"signature": changed}))
    assert not signs(keys, other.sign(checkpoint(other)))  # a key that was not given
    assert not signs(keys, other.sign(checkpoint(key)))  # another key under its name


def test_the_public_half_beside_the_key_is_taken_where_none_is_given(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    assert keys_of([], path) == {}
    key = key_of(path)

    assert list(keys_of([], path)) == [key.id]
    (tmp_path / "audit.key.pub").unlink()
    assert list(keys_of([], path)) == [key.id]  # the key's own half


def test_a_key_of_openssl_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "made.pem"
    try:
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True, capture_output=True)
    except FileNotFoundError:
        assert "CI" not in os.environ, "no openssl: apt-get install openssl"
        pytest.skip("no openssl here: apt-get install openssl")

    key = key_of(path)
    assert signs(keys_of([], path), key.sign(checkpoint(key)))


def test_what_is_no_key_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no key")
    (tmp_path / "public").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    (tmp_path / "folder").mkdir()

    for name in ("text", "folder", "absent/key"):
        with pytest.raises(NoKey) as wrong:
            key_of(tmp_path / name)
        assert "\n" not in str(wrong.value)
    for name in ("text", "public", "absent"):
        with pytest.raises(NoKey) as wrong:
            keys_of([tmp_path / name], tmp_path / "none")
        assert "\n" not in str(wrong.value)
