"""Files in records: bytes in, compressed parts that a broker takes out, and back."""

import base64
import hashlib
import zlib
from binascii import Error as NotBase64
from collections.abc import Sequence
from typing import Final

from streams.adapters.lists import LARGEST, Unreadable
from streams.core.published import FilePart, ListFile

PART: Final = 700_000  # bytes of a part before base64: the record stays below a broker's usual limit of 1 MiB


def packed(path: str, data: bytes) -> tuple[ListFile, list[FilePart]]:
    """Return how a document names a file, and the records that hold it."""
    digest = hashlib.sha256(data).hexdigest()
    small = zlib.compress(data, 6)
    parts = [
        FilePart(digest, number, base64.b64encode(small[start : start + PART]).decode())
        for number, start in enumerate(range(0, len(small), PART))
    ]
    return ListFile(path, digest, len(parts)), parts


def unpacked(file: ListFile, parts: Sequence[str]) -> bytes:
    """Return the file of its parts; raise Unreadable when they are not what was published."""
    unfold = zlib.decompressobj()
    try:
        small = b"".join(base64.b64decode(part, validate=True) for part in parts)
        data = unfold.decompress(small, LARGEST)
    except (NotBase64, ValueError, zlib.error):
        raise Unreadable(f"{file.path} is damaged: apply the policy again") from None
    if not unfold.eof or hashlib.sha256(data).hexdigest() != file.sha256:
        raise Unreadable(f"{file.path} is damaged: apply the policy again")
    return data
