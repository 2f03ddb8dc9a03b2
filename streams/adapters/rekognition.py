"""Rekognition's interface for pictures: a task in, what the service saw in the picture out.

Versioned objects are read by the service where they lie; everything else is sent as bytes whose hash was checked. What
the service does not take (WebP, GIF, too large, too small) becomes JPEG frames first.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from hashlib import sha256
from time import time
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from streams.adapters.attempts import Allowance, Attempts
from streams.adapters.aws import Service
from streams.adapters.fault import Fault
from streams.adapters.inspection import Reader, fetched
from streams.adapters.picture import Limits
from streams.adapters.suited import MOST_BYTES, MOST_STORED, frames, suits
from streams.adapters.undecodable import Undecodable
from streams.adapters.unreadable import Unreadable
from streams.core.picture_task import PictureTask
from streams.core.span import Span
from streams.core.taxonomy import Label
from streams.core.transcript import Box, Line
from streams.engines.rekognition import Glance, Known, Rekognition

MOST_LABELS: Final = 500  # of one answer; the taxonomy has 52
MOST_LINES: Final = 100  # words that the service reads in a picture, at most: so many lines at most


class Shown(NamedTuple):
    """One frame as the service is shown it."""

    image: Mapping[str, Any]  # `Image` of a request
    span: Span | None = None  # as in Frame


class Sending(NamedTuple):
    """How pictures are sent."""

    timeout: float  # seconds of a request
    limits: Limits  # of what is decoded
    executor: Executor | None = None  # where; the loop's own threads without it
    references: bool = True  # whether the service may be told where an object lies


class Sights(Protocol):
    """Whoever looks at pictures: `RekognitionImages`, or a stand-in."""

    async def __call__(self, task: PictureTask, allowance: Allowance) -> Known:
        """Return what is seen in a picture; raise Fault or Unreadable."""

    async def close(self) -> None:
        """Close the connections."""


class RekognitionImages:
    """Asks for the engine `rekognition`."""

    def __init__(
        self,
        engine: Rekognition,
        objects: Reader,
        attempts: Attempts,
        sending: Sending,
        now: Callable[[], float] = time,
    ) -> None:
        """Take who reads objects and how pictures are sent; `now` gives seconds since 1970."""
        config = engine.config
        self._engine = engine
        self._objects = objects
        self._service = Service("rekognition", config.region, config.endpoint, sending.timeout, config.concurrency)
        self._attempts = attempts
        self._limits = msgspec.structs.replace(sending.limits, frames=config.frames)
        self._executor = sending.executor
        self._references = sending.references
        self._now = now
        self._wanted: dict[str, Any] = {"MinConfidence": engine.least}
        if config.project_version is not None:
            self._wanted["ProjectVersion"] = config.project_version

    async def __call__(self, task: PictureTask, allowance: Allowance) -> Known:
        """Return what the service sees in a picture; raise Fault, or Unreadable for bytes that cannot be had."""
        if self._lies_well(task):
            reference = {"Bucket": task.location.bucket, "Name": task.location.key, "Version": task.location.version_id}
            try:
                return await self._known(task, [Shown({"S3Object": reference})], allowance)
            except Fault as fault:
                if fault.reason != "invalid_object":
                    raise
            # Gone, or never shared with the service: who can read it himself knows which.
            await self._bytes(task, allowance)
            raise Fault("not_shared", "deployment")
        return await self._known(task, await self._frames(task, allowance), allowance)

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()

    def _lies_well(self, task: PictureTask) -> bool:
        """Say whether the service can read the very bytes of a task where they lie: only a version cannot change."""
        pinned = task.location.bucket is not None and task.location.version_id is not None
        return self._references and pinned and _still(task) and task.size <= MOST_STORED

    async def _frames(self, task: PictureTask, allowance: Allowance) -> list[Shown]:
        data = await self._bytes(task, allowance)
        if _still(task) and len(data) <= MOST_BYTES:
            return [Shown({"Bytes": data})]
        loop = asyncio.get_running_loop()
        try:
            made = await loop.run_in_executor(self._executor, frames, data, self._limits)
        except Undecodable:
            raise Fault("undecodable", "item") from None
        return [Shown({"Bytes": frame.data}, frame.span) for frame in made]

    async def _bytes(self, task: PictureTask, allowance: Allowance) -> bytes:
        try:
            async with asyncio.timeout_at(allowance.until):
                data, _ = await fetched(self._objects, task.location, allowance.until)
        except TimeoutError:
            raise Unreadable("timeout") from None
        if sha256(data).hexdigest() != task.sha256:
            raise Unreadable("changed")
        return data

    async def _known(self, task: PictureTask, shown: list[Shown], allowance: Allowance) -> Known:
        engine, asked = self._engine, self._engine.config.project_version
        glances, models, adapters = [], [], []
        for each in shown:
            labels, model, adapter = await self._attempts(partial(self._labels, each), allowance)
            lines: tuple[Line, ...] = ()
            if engine.config.detect_text:
                lines = await self._attempts(partial(self._lines, each, (task.width, task.height)), allowance)
            glances.append(Glance(labels, lines, each.span))
            models.append(model)
            adapters.append(asked is None or adapter == asked)
        return Known(int(self._now() * 1000), engine.wanted, engine.least, models[-1], all(adapters), tuple(glances))

    async def _labels(self, shown: Shown) -> tuple[tuple[Label, ...], str, str | None]:
        request = {"Image": shown.image, **self._wanted}
        return labels_of(await self._service.call(lambda client: client.detect_moderation_labels(**request)))

    async def _lines(self, shown: Shown, sides: tuple[int, int]) -> tuple[Line, ...]:
        return lines_of(await self._service.call(lambda client: client.detect_text(Image=shown.image)), sides)


def _still(task: PictureTask) -> bool:
    return task.frames <= 1 and suits(task.format, (task.width, task.height))


def labels_of(answer: Any) -> tuple[tuple[Label, ...], str, str | None]:
    """Return the labels of an answer, the model's version, and the adapter that it names; raise Fault for no answer.

    boto3 hands an empty, foreign or cut-off body over as an answer without fields: that is no clean picture.
    """
    try:
        found, model, adapter = (
            answer["ModerationLabels"],
            answer["ModerationModelVersion"],
            answer.get("ProjectVersion"),
        )
        if not isinstance(found, list) or len(found) > MOST_LABELS or not isinstance(adapter, str | None):
            raise Fault("garbled", "retry")
        return tuple(label_of(one) for one in found), _name(model), adapter
    except (AttributeError, KeyError, TypeError):
        raise Fault("garbled", "retry") from None


def label_of(value: Any) -> Label:
    """Return one label as the service tells it; raise Fault, KeyError or TypeError for anything else."""
    parent = value.get("ParentName", "")
    if not isinstance(parent, str):
        raise Fault("garbled", "retry")
    return Label(_name(value["Name"]), parent, _confidence(value["Confidence"]))


def lines_of(answer: Any, sides: tuple[int, int]) -> tuple[Line, ...]:
    """Return the lines of text in a picture of these sides, in pixels; raise Fault as `labels_of`.

    The words of an answer repeat its lines.
    """
    try:
        found, model = answer["TextDetections"], answer["TextModelVersion"]
        if not isinstance(found, list) or not _name(model):
            raise Fault("garbled", "retry")
        lines = [one for one in found if _name(one["Type"]) == "LINE"]
        return tuple(
            Line(_name(one["DetectedText"]), _box(one["Geometry"]["BoundingBox"], sides)) for one in lines[:MOST_LINES]
        )
    except (AttributeError, KeyError, TypeError):
        raise Fault("garbled", "retry") from None


def _box(place: Any, sides: tuple[int, int]) -> Box:
    """Return a place, given as shares of the picture, in pixels; it may reach over the edge."""
    left, top, width, height = (_number(place[name]) for name in ("Left", "Top", "Width", "Height"))
    if max(map(abs, (left, top, width, height))) > 10:  # noqa: PLR2004  pictures: text of ten times its size is no text
        raise Fault("garbled", "retry")
    return (
        round(left * sides[0]),
        round(top * sides[1]),
        round((left + width) * sides[0]),
        round((top + height) * sides[1]),
    )


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise Fault("garbled", "retry")
    return value


def _confidence(value: Any) -> float:
    number = _number(value)
    if not 0 <= number <= 100:  # noqa: PLR2004  per cent
        raise Fault("garbled", "retry")
    return number


def _number(value: Any) -> float:
    """Return a number; NaN, texts and truth values are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Fault("garbled", "retry")
    return float(value)
