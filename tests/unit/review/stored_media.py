"""Where tests keep pictures: bytes by location, and what was asked for."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from streams.adapters.fetched import Fetched
from streams.adapters.unreadable import Unreadable
from streams.core.content import Location


class Stored:
    """Gives what it was given: bytes, or the reason why there are none; holds every answer while `go` is not set."""

    def __init__(self, objects: dict[str, bytes | Unreadable] | None = None) -> None:
        """Take objects by key."""
        self.objects = dict(objects or {})
        self.asked: list[str] = []
        self.limits: list[int | None] = []
        self.called = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:
        """Return the object of that key."""
        key = location.key or ""
        self.asked.append(key)
        self.limits.append(limit)
        self.called.set()
        await self.go.wait()
        found = self.objects.get(key, Unreadable("object_not_found"))
        if isinstance(found, Unreadable):
            raise found
        if limit is not None and len(found) > limit:
            raise Unreadable("too_large")
        return Fetched(found, location)


def at(key: str) -> Location:
    """Return the location of a key."""
    return Location(bucket="media", key=key)


def picture(colour: Any = "red", size: tuple[int, int] = (400, 300), name: str = "PNG", **keys: Any) -> bytes:
    """Return a file with a plain picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, name, **keys)
    return file.getvalue()


def animation(colours: Sequence[Any], duration: int = 500) -> bytes:
    """Return an animated GIF."""
    first, *rest = [Image.new("RGB", (120, 90), colour) for colour in colours]
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=rest, duration=duration)
    return file.getvalue()


def opened(jpeg: bytes) -> Image.Image:
    """Return a JPEG's pixels; fail for anything else, and for a JPEG that holds more than pixels."""
    assert jpeg.startswith(b"\xff\xd8\xff")
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as found:
        assert not found.info.keys() & {"exif", "icc_profile", "comment", "xmp"}
        found.load()
        return found.copy()
