"""List files: the name that a policy gives in, bytes out. A file lies beside its policy or below, never elsewhere.

So a policy that comes from somebody else cannot read what the worker may read.
"""

from pathlib import Path
from typing import Final

LARGEST: Final = 16_000_000  # bytes of a list file; as much as a blocklist holds


class Unreadable(ValueError):
    """A file that cannot be used; the text says why and what to do."""


def read_beside(folder: Path, name: str) -> bytes:
    """Return the bytes of a file of at most 16 MB, named relative to the policy's folder; raise Unreadable."""
    try:
        root = folder.resolve()
        file = (root / name).resolve()
    except (OSError, RuntimeError, ValueError):  # links that lead back to themselves; a name with a zero
        raise Unreadable(f"{name} leads nowhere: name a file beside the policy, or below") from None
    if Path(name).is_absolute() or not file.is_relative_to(root):
        raise Unreadable(f"{name} lies outside of the policy's folder: move it beside the policy, or below")
    try:
        return data_of(file, LARGEST)
    except Unreadable as error:
        raise Unreadable(f"{name} {error}") from None


def data_of(file: Path, largest: int) -> bytes:
    """Return the bytes of a file of at most `largest` bytes; raise Unreadable."""
    try:
        if not file.is_file():
            raise Unreadable("is not there, or no file")
        with file.open("rb") as stream:
            data = stream.read(largest + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}: check its permissions") from None
    if len(data) > largest:
        raise Unreadable(f"is larger than {largest} bytes: split it, or put long lists into files of their own")
    return data


def decoded(data: bytes) -> str:
    """Return the text of a file; raise Unreadable."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("is not UTF-8: save it as UTF-8") from None
