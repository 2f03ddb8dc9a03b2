"""A stream of JSON lines in, batches of lines out as soon as they are there, in bounded memory."""

from collections.abc import Iterator
from typing import Final, Protocol

CHUNK: Final = 1 << 17  # bytes that one read asks for
BOM: Final = b"\xef\xbb\xbf"


class Source(Protocol):
    """A buffered binary file."""

    def read1(self, size: int = -1, /) -> bytes:
        """Return what is there, at most `size` bytes; nothing at the end."""


def batches(source: Source, limit: int) -> Iterator[list[bytes]]:
    """Yield the lines of each read, without their ends; the last one need not have an end.

    Of a line longer than `limit` bytes more than that is never kept: it comes out cut, yet longer than `limit`.
    """
    rest = b""
    first = True
    while data := source.read1(CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        rest = rest[: limit + 1]
        if lines:
            if first:
                lines[0] = lines[0].removeprefix(BOM)
                first = False
            yield lines
    if rest:
        yield [rest.removeprefix(BOM) if first else rest]
