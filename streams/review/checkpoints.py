"""Where checkpoints of the audit log are kept: a file that only grows, or a bucket that locks what it has."""

import os
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import msgspec

from streams.adapters.locked_bucket import LockedBucket, There
from streams.core.audit import canonical
from streams.core.checkpoint import Signed
from streams.core.moment import EPOCH, MILLISECOND
from streams.settings import Settings

SETTING: Final = "MODERATION_REVIEW_CHECKPOINTS"
S3: Final = "s3://"

_read: Final = msgspec.json.Decoder(Signed).decode


class Unkept(Exception):
    """Checkpoints cannot be kept, or read, where they should be: one line that says what to do."""

    exit_code: Final = 74  # EX_IOERR


class Read(NamedTuple):
    """What lies there."""

    checkpoints: list[Signed]
    garbled: int  # pieces that are none: what a crash left, or somebody's traces


class Checkpoints(Protocol):
    """A place for checkpoints."""

    def prepared(self) -> None:
        """Raise an error with an exit code unless checkpoints can be kept here."""

    def add(self, checkpoint: Signed) -> None:
        """Keep a checkpoint for good; raise an error with an exit code where that cannot be done now.

        Raises There where another one of the same chain and number is kept already.
        """

    def read(self) -> Read:
        """Return all of them."""


class CheckpointFile:
    """One line each, at the end of a file, on the disk before anybody goes on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepared(self) -> None:
        """Raise Unkept unless the file can be written."""
        self._appended(b"")

    def add(self, checkpoint: Signed) -> None:
        """Append a checkpoint; raise Unkept."""
        self._appended(canonical(checkpoint).encode() + b"\n")

    def read(self) -> Read:
        """Return what the file holds; nothing where there is none. Raises Unkept."""
        try:
            return _parsed(self._path.read_bytes().splitlines())
        except FileNotFoundError:
            return Read([], 0)
        except OSError as error:
            raise self._unkept(error) from None

    def _appended(self, line: bytes) -> None:
        try:
            new = not self._path.exists()
            with self._path.open("ab+") as file:
                if line and file.tell() and self._torn():
                    line = b"\n" + line  # a crash left half of a line: it stays what it is
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if new:
                _synced(self._path.absolute().parent)
        except OSError as error:
            raise self._unkept(error) from None

    def _torn(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"

    def _unkept(self, error: OSError) -> Unkept:
        return Unkept(f"{SETTING}: {self._path}: {error.strerror}: name a file that can be written")


class CheckpointBucket:
    """An object each, `CHAIN/NUMBER.json`, locked for some days."""

    def __init__(self, bucket: LockedBucket, days: int) -> None:
        self._bucket = bucket
        self._kept = timedelta(days=days)

    def prepared(self) -> None:
        """Raise Unlocked or Unreached unless the bucket locks what it has."""
        self._bucket.looked_at()

    def add(self, checkpoint: Signed) -> None:
        """Put a checkpoint; raise There or Unreached."""
        until = EPOCH + checkpoint.at * MILLISECOND + self._kept
        name = f"{checkpoint.chain}/{checkpoint.seq:020d}.json"
        self._bucket.put(name, canonical(checkpoint).encode(), until)

    def read(self) -> Read:
        """Return what the bucket holds; raise Unreached."""
        return _parsed(self._bucket.read())


def checkpoints_of(settings: Settings) -> Checkpoints:
    """Return the place that the settings name."""
    place = settings.review_checkpoints
    if not place.startswith(S3):
        return CheckpointFile(Path(place))
    bucket, _, prefix = place.removeprefix(S3).partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix else ""
    locked = LockedBucket(bucket, prefix, endpoint=settings.s3_endpoint, region=settings.s3_region)
    return CheckpointBucket(locked, settings.review_checkpoint_days)


def _parsed(pieces: Iterable[bytes]) -> Read:
    found, garbled = [], 0
    for piece in pieces:
        try:
            found.append(_read(piece))
        except msgspec.MsgspecError:
            garbled += bool(piece.strip())
    return Read(found, garbled)


def _synced(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


__all__ = [
    "CheckpointBucket",
    "CheckpointFile",
    "Checkpoints",
    "Read",
    "There",
    "Unkept",
    "checkpoints_of",
]
