"""What pictures show: decoded frames in, categories with confidences out, from networks that run here.

Three classifiers look at each frame, and only those that a policy's categories need (`streams/vision`). A picture, an
animation and a video are judged by their frames alike; what counts is the frame that shows most. The networks are
loaded by the first `inspect`, be it of nothing: every worker compiles the policy, only those of one role see pictures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from threading import Lock
from typing import Any, ClassVar, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from streams.core.banded import LEAST, Banded, Categories
from streams.core.engine import Accepts, Example, Media
from streams.core.finding import Answer, Finding
from streams.core.rule import Rule
from streams.core.timeline import seen, stretches
from streams.models.weights import EFFICIENTNET, OPEN_NSFW, SAFETY, Missing, Weights, ensure
from streams.vision.confidence import CURVES, confidences
from streams.vision.groups import GROUPS, grouped
from streams.vision.imagenet import shared_imagenet
from streams.vision.open_nsfw import shared_open_nsfw
from streams.vision.safety import NSFL, NSFW, shared_safety
from streams.vision.shrunk import shrunk

KNOWN: Final = tuple(CURVES)
NO_DETECTOR: Final = "no_detector"  # of a category that the policy asks for

# What a video shows for less than a moment counts only where the model is sure: a camera that turns or comes too near
# makes frames without shapes, and the classifiers take blurred skin for more than it is. Milliseconds, confidence.
MOMENT: Final = 500
SURE: Final = 95.0

Confidences = NDArray[np.float64]
T = TypeVar("T")
_LOADING: Final = Lock()


class ImageModelConfig(Categories):
    """Which categories lead to what; without any, all that the networks know."""


class ImageModel:
    """Classifies frames."""

    name: ClassVar[str] = "image_model"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "media"
    Config: ClassVar[type[ImageModelConfig]] = ImageModelConfig

    def __init__(self, config: ImageModelConfig) -> None:
        self._banded = Banded(self.name, config, KNOWN)
        self.rules: tuple[Rule, ...] = self._banded.rules
        self.labels: frozenset[str] = self._banded.labels
        self._least = {
            label: min(rule.threshold or LEAST for rule in self.rules if rule.label == label)
            for label in KNOWN
            if label in self.labels
        }
        self._open = dict.fromkeys(self._banded.uncovered, NO_DETECTOR) or None
        safety = bool(self.labels & {"explicit", "visually_disturbing"})
        self._needs: tuple[Weights, ...] = (
            *([SAFETY] if safety else []),
            *([OPEN_NSFW] if "explicit" in self.labels else []),
            *([EFFICIENTNET] if self.labels & GROUPS.keys() else []),
        )
        try:
            for weights in self._needs:
                ensure(weights)
        except Missing as error:  # the policy's errors are told together, with its file
            raise ValueError(str(error)) from None

    def inspect(self, batch: Sequence[Media]) -> list[Answer]:
        """Answer for each medium: a finding for each category, with its peak and where in time it is seen."""
        found = self._confidences([shrunk(frame) for media in batch for frame in media.frames])
        ends = np.cumsum([0, *(len(media.frames) for media in batch)]).tolist()
        return [
            self._answer(media, {label: found[label][start:end] for label in found})
            for media, (start, end) in zip(batch, pairwise(ends), strict=True)
        ]

    def _confidences(self, pictures: Sequence[Image.Image]) -> dict[str, Confidences]:
        """Return for each category of the policy the confidence for each picture, float64 [n]."""
        return {label: confidences(label, scores) for label, scores in self._scores(pictures) if label in self.labels}

    def _scores(self, pictures: Sequence[Image.Image]) -> Iterator[tuple[str, NDArray[np.float32]]]:
        if SAFETY in self._needs:
            safety = loaded(shared_safety)(pictures)
            yield "visually_disturbing", safety[:, NSFL]
            if OPEN_NSFW in self._needs:
                yield "explicit", (safety[:, NSFW] + loaded(shared_open_nsfw)(pictures)) / np.float32(2)
        if EFFICIENTNET in self._needs:
            yield from grouped(loaded(shared_imagenet)(pictures)).items()

    def _answer(self, media: Media, found: Mapping[str, Confidences]) -> Answer:
        if not media.frames:
            reason = "video_not_decoded" if media.kind == "video" else "not_decoded"
            return Answer(status="not_evaluated", reason=reason, not_evaluated=self._open)
        peaks = {label: float(each.max()) for label, each in found.items()}
        findings = [self._finding(label, each, media) for label, each in found.items()]
        return Answer(
            findings=tuple(finding for finding in findings if finding is not None),
            scores={label: round(peak / 100, 3) for label, peak in peaks.items()},
            not_evaluated=self._open,
        )

    def _finding(self, label: str, each: Confidences, media: Media) -> Finding | None:
        hits = {frame: value for frame, value in enumerate(each.tolist()) if value >= self._least[label]}
        if media.kind == "video":
            hits = _lasting(hits, media)
        return self._banded.finding(label, max(hits.values()), seen(hits, media)) if hits else None

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return a drawn glass of red wine and an empty page."""
        config: dict[str, Any] = {"categories": {"alcohol": {"min_confidence": 50}, "violence": "flag"}}
        return (
            Example(config, Media("ab" * 32, "image", "PNG", (glass_of_wine(),), (0,)), frozenset({"alcohol"})),
            Example(config, Media("cd" * 32, "image", "PNG", (_page(),), (0,)), frozenset()),
        )


def _lasting(hits: Mapping[int, float], media: Media) -> dict[int, float]:
    """Return the hits of a video that do not pass in a moment, and those that are sure."""
    kept: dict[int, float] = {}
    for stretch in stretches(hits, media.times_ms, media.end_ms):
        if stretch.end - stretch.start >= MOMENT or stretch.peak >= SURE:
            kept |= {at: value for at, value in hits.items() if stretch.start <= media.times_ms[at] < stretch.end}
    return kept


def loaded(shared: Callable[[], T]) -> T:
    """Return the process's classifier; threads that ask at once for the first time load it once."""
    with _LOADING:
        return shared()


def glass_of_wine() -> NDArray[np.uint8]:
    """Return a drawing, RGB uint8 [400, 300, 3]."""
    picture = Image.new("RGB", (300, 400), (240, 235, 230))
    draw = ImageDraw.Draw(picture)
    clear = (200, 205, 210)
    draw.ellipse((90, 40, 210, 220), fill=(215, 220, 225))
    draw.pieslice((90, 40, 210, 220), 0, 180, fill=(110, 10, 35))
    draw.ellipse((92, 115, 208, 145), fill=(140, 20, 50))
    draw.rectangle((146, 215, 154, 350), fill=clear)
    draw.ellipse((100, 340, 200, 365), fill=clear)
    return np.asarray(picture)


def _page() -> NDArray[np.uint8]:
    return np.full((400, 300, 3), 240, np.uint8)
