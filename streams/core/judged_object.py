"""The stored object that was judged: what must be acted upon, and nothing that came to lie there since."""

from collections.abc import Iterable

import msgspec

from streams.core.content import Count, Location, Short
from streams.core.label import MediaKind


class JudgedObject(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One object of a content, in the order of its objects; version and etag are those of the bytes that were read."""

    kind: MediaKind
    location: Location
    sha256: Short | None = None  # of the bytes; None where they could not be read
    size: Count | None = None  # bytes


def as_read(announced: tuple[JudgedObject, ...], read: Iterable[JudgedObject]) -> tuple[JudgedObject, ...]:
    """Return the announced objects, each replaced by what was read at its place; by one with a hash before one without.

    An object that nobody announced is left out. One that was announced with a version is that version and no other.
    """
    if not announced:
        return ()
    found: dict[tuple[str | None, ...], JudgedObject] = {}
    for each in read:
        for place in {_place(each.location), _place(each.location, each.location.version_id)}:
            if place not in found or (found[place].sha256 is None and each.sha256 is not None):
                found[place] = each
    return tuple(found.get(_place(each.location, each.location.version_id), each) for each in announced)


def _place(location: Location, version: str | None = None) -> tuple[str | None, ...]:
    return location.bucket, location.key, location.url, version
