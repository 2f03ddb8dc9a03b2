"""The stored object that was judged: what must be acted upon, and nothing that came to lie there since."""

import msgspec

from streams.core.content import Count, Location, Short
from streams.core.label import MediaKind


class JudgedObject(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One object of a content, in the order of its objects; version and etag are those of the bytes that were read."""

    kind: MediaKind
    location: Location
    sha256: Short | None = None  # of the bytes; None where they could not be read
    size: Count | None = None  # bytes
