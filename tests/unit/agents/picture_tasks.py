"""Tasks on pictures as the role `media` writes them."""

from typing import Any

from streams.core.content import Location
from streams.core.picture_task import PictureTask
from tests.unit.core.given import NOON, REF

LEFT = 30_000  # milliseconds from noon to the deadline


def picture_task(content_id: str, sha256: str, **more: Any) -> PictureTask:
    """Return the task on the only picture of a content, a small PNG; `more` are its other fields."""
    given = {
        "kind": "image",
        "engine": "rekognition",
        "location": Location(bucket="b", key="k"),
        "format": "PNG",
        "size": 100,
        "width": 100,
        "height": 100,
        "frames": 1,
        "number": 0,
        "of": 1,
        "policy": REF,
        "deadline_at": NOON + LEFT,
    }
    return PictureTask(content_id=content_id, sha256=sha256, **{**given, **more})
