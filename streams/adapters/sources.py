"""Where a policy comes from: its document and the files that it names, from disk or out of published records."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from streams.adapters.lists import Unreadable, data_of, decoded, read_beside

LARGEST: Final = 1_000_000  # bytes of a document; long lists belong in files of their own


class Source(Protocol):
    """A document and its files."""

    name: str  # in front of every complaint

    def text(self) -> str:
        """Return the document; raise Unreadable."""

    def listed(self, name: str) -> bytes:
        """Return a file by the name that the document gives; raise Unreadable."""


class OnDisk:
    """A policy file, and lists that lie beside it or below."""

    def __init__(self, file: Path) -> None:
        self.name = file.name
        self.read: dict[str, bytes] = {}  # what was asked for, by the name in the document
        self._file = file

    def text(self) -> str:
        """Return the document; raise Unreadable."""
        return decoded(data_of(self._file, LARGEST))

    def listed(self, name: str) -> bytes:
        """Return a file beside the document or below; raise Unreadable."""
        data = self.read[name] = read_beside(self._file.parent, name)
        return data


class InHand:
    """A document and its files as they were published: nothing is read from this machine's disk."""

    def __init__(self, name: str, document: str, files: Mapping[str, bytes]) -> None:
        self.name = name
        self._document = document
        self.files = files

    def text(self) -> str:
        """Return the document; raise Unreadable when it is too large."""
        if len(self._document.encode()) > LARGEST:
            raise Unreadable(f"is larger than {LARGEST} bytes: put long lists into files of their own")
        return self._document

    def listed(self, name: str) -> bytes:
        """Return a file by the name that the document gives; raise Unreadable."""
        try:
            return self.files[name]
        except KeyError:
            raise Unreadable(f"{name} was not published with the policy: apply it again") from None
