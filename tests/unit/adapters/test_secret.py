from pathlib import Path

import pytest

from streams.adapters.secret import NoSecret, secret_in
from streams.cli.failure import explained

KEY = "sk-canary-0123456789"


def test_the_one_line_of_a_file_is_the_secret_and_prints_as_stars(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")

    secret = secret_in(tmp_path / "key")

    assert secret.get_secret_value() == KEY
    assert KEY not in f"{secret} {secret!r}"


def test_a_missing_file_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoSecret) as caught:
        secret_in(tmp_path / "key")

    line, code = explained(caught.value)
    assert line == f"{tmp_path}/key: No such file or directory: mount the secret there"
    assert code == 78


@pytest.mark.parametrize("data", [b"", b" \n", f"{KEY}\n{KEY}".encode(), KEY.encode() + b"\xff", KEY.encode() * 1000])
def test_a_file_that_holds_no_key_is_refused_without_being_quoted(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "key").write_bytes(data)

    with pytest.raises(NoSecret, match="holds no key") as caught:
        secret_in(tmp_path / "key")
    assert KEY not in str(caught.value)
