"""Amazon Rekognition on stored videos: what a job saw in, categories with confidences and stretches of time out.

Pure: what is wanted, and what labels mean. The role `rekognition_video` starts the jobs and fetches what they saw
(`adapters/rekognition_video.py`). A job watches the pictures only: nobody hears the soundtrack.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from streams.core.banded import Banded, Categories
from streams.core.calling import Address, is_open
from streams.core.engine import Accepts, Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.core.policy import Rule, duration_ms
from streams.core.taxonomy import CATEGORIES, Label, sorted_out
from streams.core.timeline import Stretch, fewer

# The service tells of about two moments a second: those next to each other are one stretch, a missing one between them
# does not part it.
STEP: Final = 500  # milliseconds that a moment stands for
GAP: Final = 1_000  # milliseconds from one moment to the next within a stretch


class RekognitionVideoConfig(Categories):
    """Which categories lead to what, where jobs run, and how their end is heard of."""

    region: str = Field(pattern=r"^[a-z0-9-]+$", max_length=64)
    endpoint: Address | None = None  # instead of the region's own
    allow_http: bool = False  # object names travel in the clear to an endpoint that is not on this machine
    # The service tells the topic that a job has ended, under the role; the topic is subscribed to by the queue. Without
    # the three, the service is asked every `poll`.
    topic_arn: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:sns:[^\s]+$", max_length=1024)
    role_arn: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:iam:[^\s]+$", max_length=1024)
    queue_url: str | None = Field(default=None, pattern=r"^https?://[^\s]+$", max_length=2048)
    aggregate: Literal["timestamps", "segments"] = "timestamps"  # segments count no frames, and are fewer pages
    poll: str = Field(default="30s", pattern=r"^[1-9][0-9]{0,5}(ms|s|m)$")  # until a job that said nothing is asked for
    timeout: str = Field(default="8s", pattern=r"^[1-9][0-9]{0,5}(ms|s|m)$")  # of one request
    concurrency: int = Field(default=8, ge=1, le=256)  # requests at a time, of one worker
    budget_per_minute: int = Field(default=300, ge=1, le=1_000_000)  # requests, of one worker


class Sighting(NamedTuple):
    """A label at a moment of a video, or through a segment of it."""

    label: Label
    start: int  # milliseconds
    end: int | None = None  # milliseconds; None for a moment


class Hit(NamedTuple):
    """A category at a moment of a video, or through a segment of it."""

    confidence: float  # 0..100
    start: int  # milliseconds
    end: int | None  # milliseconds; None for a moment


class Watched(NamedTuple):
    """All that a job saw."""

    sightings: Sequence[Sighting]
    duration: int  # milliseconds
    model: str  # version of the service's model


class RekognitionVideo:
    """Judges stored videos by jobs of Amazon Rekognition."""

    name: ClassVar[str] = "rekognition_video"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "media"
    apart: ClassVar[bool] = True
    Config: ClassVar[type[RekognitionVideoConfig]] = RekognitionVideoConfig

    def __init__(self, config: RekognitionVideoConfig) -> None:
        if errors := list(_wrong(config)):
            raise Refused(errors)
        self.config = config
        self._banded = Banded(self.name, config, CATEGORIES)
        self.rules: tuple[Rule, ...] = self._banded.rules
        self.labels: frozenset[str] = self._banded.labels
        self.uncovered: tuple[str, ...] = self._banded.uncovered
        self.poll_ms = duration_ms(config.poll)
        self._least = {
            label: min(rule.threshold or 0.0 for rule in self.rules if rule.label == label) for label in self.labels
        }

    @property
    def least(self) -> float:
        """Return the lowest threshold of all, 1..100: what the service is asked for."""
        return self._banded.least

    def answer(self, watched: Watched) -> Answer:
        """Return what was found: each category with its peak, and where in time it reaches its lowest threshold.

        A label comes together with those above it: a category's score is the highest of all its labels, and a moment
        that several of them name counts once.
        """
        hits = _hits(watched)
        scores = dict.fromkeys(sorted(self.labels), 0.0)
        findings: list[Finding] = []
        for category in sorted(hits.keys() & self.labels):
            peak = max(hit.confidence for hit in hits[category])
            scores[category] = round(peak / 100, 4)
            reached = [hit for hit in hits[category] if hit.confidence >= self._least[category]]
            found = self._banded.finding(category, round(peak, 2), _evidence(reached, watched.duration))
            if found is not None:
                findings.append(found)
        return Answer(findings=tuple(findings), scores=scores)


def stretches(hits: Sequence[Hit], duration: int) -> list[Stretch]:
    """Return where in time something is seen, in order; `duration` of the video in milliseconds.

    Segments that touch are one stretch, with no frames counted; so are moments close to each other, each standing for
    STEP milliseconds.
    """
    result: list[Stretch] = []
    for confidence, start, until in sorted(hits, key=lambda hit: hit.start):
        end = until if until is not None else max(start, min(start + STEP, duration))
        frames = int(until is None)
        last = result[-1] if result else None
        if last is not None and start <= last.end + (GAP - STEP if frames else 0):
            peak = max(last.peak, confidence)
            result[-1] = Stretch(last.start, max(last.end, end), peak, 0, last.frames + frames)
        else:
            result.append(Stretch(start, end, confidence, 0, frames))
    return result


def _hits(watched: Watched) -> dict[str, list[Hit]]:
    """Return the categories that a job saw; the labels of one moment are sorted out together."""
    moments: dict[tuple[int, int | None], list[Label]] = {}
    for sighting in watched.sightings:
        moments.setdefault((sighting.start, sighting.end), []).append(sighting.label)
    hits: dict[str, list[Hit]] = {}
    for (start, end), labels in moments.items():
        for category, seen in sorted_out(labels, watched.model).categories.items():
            hits.setdefault(category, []).append(Hit(seen.confidence, start, end))
    return hits


def _evidence(hits: Sequence[Hit], duration: int) -> tuple[Evidence, ...]:
    found = fewer(stretches(hits, duration))
    return tuple(Evidence(frame=one.span, count=one.frames or None) for one in found)


def _wrong(config: RekognitionVideoConfig) -> Iterator[tuple[str, str]]:
    told = {"topic_arn": config.topic_arn, "role_arn": config.role_arn, "queue_url": config.queue_url}
    missing = [name for name, value in told.items() if value is None]
    if 0 < len(missing) < len(told):
        yield missing[0], "is missing: topic_arn, role_arn and queue_url are named together, or none of them"
    if config.endpoint is not None and is_open(config.endpoint) and not config.allow_http:
        yield "endpoint", "would carry names of objects in the clear: use https, or say allow_http: true"
