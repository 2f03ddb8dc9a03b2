"""Amazon Rekognition on stored videos: what a job saw in, categories with confidences and stretches of time out.

Pure: what is wanted, and what labels mean. The role `rekognition_video` starts the jobs and fetches what they saw
(`adapters/rekognition_video.py`). A job watches the pictures only: nobody hears the soundtrack.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from pydantic import Field

from streams.core.banded import LEAST, Banded, Categories
from streams.core.calling import Address, is_open
from streams.core.duration import duration_ms
from streams.core.engine import Accepts, Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.core.label import UNMAPPED
from streams.core.rule import Rule
from streams.core.taxonomy import CATEGORIES, Label, Seen, sorted_out
from streams.core.timeline import Stretch, fewer

SELF_HARM: Final = "self_harm"
SOUNDTRACK: Final = {"soundtrack": "no_engine"}  # a job watches, it does not listen
LONGEST_NAME: Final = 64  # characters of a label in the evidence
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

    seen: Seen
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
        banded = Banded(self.name, config, CATEGORIES)
        if errors := list(_wrong(config, banded.uncovered)):
            raise Refused(errors)
        self.config = config
        self._banded = banded
        self._least = {
            label: min(rule.threshold or LEAST for rule in banded.rules if rule.label == label)
            for label in banded.labels
        }
        guarded = [self._least[label] for label in ("violence", "visually_disturbing") if label in self._least]
        self._guarded = min(guarded, default=None)  # lowest threshold of the categories that self-harm belongs to
        others = [Rule(self.name, UNMAPPED, UNMAPPED, "flag", why="A label that no category has.")]
        if self._guarded is not None:
            why = "Somebody may be in danger."
            others.append(Rule(self.name, SELF_HARM, SELF_HARM, "flag", escalate=True, why=why))
        self.rules: tuple[Rule, ...] = (*banded.rules, *others)
        self.labels: frozenset[str] = banded.labels | {rule.label for rule in others}
        self.poll_ms = duration_ms(config.poll)

    @property
    def least(self) -> float:
        """Return the lowest threshold of all, 1..100: what the service is asked for."""
        return self._banded.least

    def version_of(self, model: str) -> str:
        """Return this engine's version and the service's model."""
        return f"{self.version}/{model}"

    def strays(self, watched: Watched) -> int:
        """Return how many different labels no table knows, or no category has."""
        names: set[str] = set()
        for labels in _moments(watched).values():
            found = sorted_out(labels, watched.model)
            names |= found.unknown | ({found.unmapped.label} if found.unmapped is not None else set())
        return len(names)

    def answer(self, watched: Watched) -> Answer:
        """Return what was found: each category with its peak, and where in time it reaches its lowest threshold.

        A label comes together with those above it: a category's score is the highest of all its labels, and a moment
        that several of them name counts once.
        """
        hits, urgent = _hits(watched)
        findings: list[Finding] = []
        scores: dict[str, float] = {}
        for category in sorted(self._least):
            found = hits.get(category, [])
            peak = max((hit.seen.confidence for hit in found), default=0.0)
            scores[category] = round(peak / 100, 4)
            reached = [hit for hit in found if hit.seen.confidence >= self._least[category]]
            finding = self._banded.finding(category, round(peak, 2), _evidence(reached, watched.duration))
            if finding is not None:
                findings.append(finding)
        if UNMAPPED in hits:
            findings.append(_other(UNMAPPED, hits[UNMAPPED], self.least, watched.duration))
        if self._guarded is not None:
            urgent = [hit for hit in urgent if hit.seen.confidence >= self._guarded]
            if urgent:
                findings.append(_other(SELF_HARM, urgent, self._guarded, watched.duration))
        return Answer(findings=tuple(findings), scores=scores, not_evaluated=SOUNDTRACK)


def stretches(hits: Sequence[Hit], duration: int) -> list[Stretch]:
    """Return where in time something is seen, in order; `duration` of the video in milliseconds.

    Segments that touch are one stretch, with no frames counted; so are moments close to each other, each standing for
    STEP milliseconds. `frame` of a stretch is the index of its surest hit.
    """
    result: list[Stretch] = []
    for index, hit in sorted(enumerate(hits), key=lambda each: each[1].start):
        start, confidence = hit.start, hit.seen.confidence
        end = hit.end if hit.end is not None else max(start, min(start + STEP, duration))
        frames = int(hit.end is None)
        last = result[-1] if result else None
        if last is not None and start <= last.end + (GAP - STEP if frames else 0):
            peak, frame = (confidence, index) if confidence > last.peak else (last.peak, last.frame)
            result[-1] = Stretch(last.start, max(last.end, end), peak, frame, last.frames + frames)
        else:
            result.append(Stretch(start, end, confidence, index, frames))
    return result


def _hits(watched: Watched) -> tuple[dict[str, list[Hit]], list[Hit]]:
    """Return what a job saw by category, `unmapped` among them, and self-harm; labels of a moment belong together."""
    hits: dict[str, list[Hit]] = {}
    urgent: list[Hit] = []
    for (start, end), labels in _moments(watched).items():
        found = sorted_out(labels, watched.model)
        for category, seen in found.categories.items():
            hits.setdefault(category, []).append(Hit(seen, start, end))
        if found.unmapped is not None:
            hits.setdefault(UNMAPPED, []).append(Hit(found.unmapped, start, end))
        if found.self_harm > 0:
            urgent.append(Hit(Seen(found.self_harm, SELF_HARM), start, end))
    return hits, urgent


def _moments(watched: Watched) -> dict[tuple[int, int | None], list[Label]]:
    moments: dict[tuple[int, int | None], list[Label]] = {}
    for sighting in watched.sightings:
        moments.setdefault((sighting.start, sighting.end), []).append(sighting.label)
    return moments


def _evidence(hits: Sequence[Hit], duration: int) -> tuple[Evidence, ...]:
    """Return where in time something was seen, as what, and in how many frames where they were counted."""
    found = fewer(stretches(hits, duration))
    return tuple(
        Evidence(frame=one.span, count=one.frames or None, entity=hits[one.frame].seen.label[:LONGEST_NAME])
        for one in found
    )


def _other(label: str, hits: Sequence[Hit], threshold: float, duration: int) -> Finding:
    best = max(hit.seen.confidence for hit in hits)
    evidence = _evidence(hits, duration)
    return Finding(label, label, confidence=round(best, 2), threshold=threshold, evidence=evidence)


def _wrong(config: RekognitionVideoConfig, uncovered: Sequence[str]) -> Iterator[tuple[str, str]]:
    for category in uncovered:
        yield f"categories.{category}", "is no category of the service: name the engines qr, pii and media_hash for it"
    told = {"topic_arn": config.topic_arn, "role_arn": config.role_arn, "queue_url": config.queue_url}
    missing = [name for name, value in told.items() if value is None]
    if 0 < len(missing) < len(told):
        yield missing[0], "is missing: topic_arn, role_arn and queue_url are named together, or none of them"
    if config.endpoint is not None and is_open(config.endpoint) and not config.allow_http:
        yield "endpoint", "would carry names of objects in the clear: use https, or say allow_http: true"
