"""Amazon Rekognition on pictures: what it saw in, categories with confidences out; text that it read goes to others.

Pure: what is wanted, and what labels mean. The role `rekognition` asks (`adapters/rekognition.py`), equal bytes once.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import msgspec
from pydantic import Field

from streams.core.banded import LEAST, Banded, Categories
from streams.core.calling import Address, is_open
from streams.core.duration import duration_ms
from streams.core.engine import Accepts, Config, Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.core.judged_media import JudgedLabel, JudgedMedia
from streams.core.label import UNMAPPED
from streams.core.rule import Rule
from streams.core.span import Span
from streams.core.taxonomy import CATEGORIES, Label, Seen, Sorted, sorted_out
from streams.core.transcript import Judge, Line, Page, Transcript, unjudged

SELF_HARM: Final = "self_harm"
NEAR_DUPLICATE: Final = "near_duplicate"  # why nobody was asked: the answer is that on a near copy
NO_DETECTOR: Final = "no_detector"  # why a category that the policy asks for is not looked for
LONGEST_NAME: Final = 64  # characters of a label in the evidence

_DURATION: Final = r"^[1-9][0-9]{0,5}(ms|s|m|h|d)$"
_HOUR: Final = 3_600_000  # milliseconds


class NearDuplicates(Config):
    """How close a picture is to a judged one whose answer it gets; what it shows beside that is not looked at."""

    max_distance: int = Field(default=10, ge=0, le=31)  # bits of 256 between PDQ hashes; 31 as in `media_hash`
    remembered: int = Field(default=100_000, ge=1, le=1_000_000)  # judged pictures in each worker's memory


class RekognitionConfig(Categories):
    """Which categories lead to what, where and how it is asked, and how long an answer is kept."""

    region: str = Field(pattern=r"^[a-z0-9-]+$", max_length=64)
    endpoint: Address | None = None  # instead of the region's own
    allow_http: bool = False  # pictures travel in the clear to an endpoint that is not on this machine
    # An adapter of the account's own (ARN); where the answer does not name it, it has expired: that is counted.
    project_version: str | None = Field(default=None, pattern=r"^arn:aws[a-z-]*:rekognition:[^\s]+$", max_length=2048)
    # Version of the service's model for which the thresholds were chosen; another one is counted, and changing it here
    # asks anew for pictures that an older one judged.
    model_version: str | None = Field(default=None, pattern=r"^[0-9]+(\.[0-9]+)*$", max_length=32)
    detect_text: bool = False  # a second billed call for each picture; what is read goes to the policy's text engines
    # The service reads versioned objects where they lie; without it, and where it could not, bytes are sent. Turn it
    # off for buckets of another region or of another server than Amazon's.
    by_reference: bool = True
    frames: int = Field(default=3, ge=2, le=8)  # of an animation, each a billed call
    rate_per_second: float = Field(default=5.0, gt=0, le=10_000)  # of account and region: shared by all workers
    budget_per_minute: int = Field(default=600, ge=1, le=1_000_000)  # requests of one worker, repeated ones included
    timeout: str = Field(default="8s", pattern=r"^[1-9][0-9]{0,5}(ms|s|m)$")  # of one request
    attempts: int = Field(default=3, ge=1, le=10)  # requests for one answer, the first one included
    concurrency: int = Field(default=8, ge=1, le=256)  # requests at a time, over all partitions
    keep: str = Field(default="30d", pattern=_DURATION)  # how long equal bytes are not asked about again
    # Near copies of judged pictures are not asked about either. Off without it: a copy may differ in what matters.
    near_duplicates: NearDuplicates | None = None


class Glance(msgspec.Struct, frozen=True, gc=False):
    """What the service saw in one frame."""

    labels: tuple[Label, ...]
    lines: tuple[Line, ...] = ()
    frame: Span | None = None  # [start, end] in milliseconds that it stands for; None for a still picture

    def __repr__(self) -> str:
        """Show numbers only: content never reaches a log."""
        return f"Glance({len(self.labels)} labels, {len(self.lines)} lines)"


class Known(msgspec.Struct, frozen=True, gc=False):
    """What is known of a picture: kept in the role's table by SHA-256."""

    at: int  # milliseconds since 1970
    wanted: str  # what was asked for: adapter, expected model, text
    least: float  # MinConfidence that it was asked with, 0..100
    model: str  # version of the service's model
    adapter: bool  # whether the asked adapter answered; True where none was asked
    glances: tuple[Glance, ...]


class Rekognition:
    """Asks Rekognition for moderation labels, and for text where wanted."""

    name: ClassVar[str] = "rekognition"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "media"
    apart: ClassVar[bool] = True
    Config: ClassVar[type[RekognitionConfig]] = RekognitionConfig

    def __init__(self, config: RekognitionConfig) -> None:
        banded = Banded(self.name, config, CATEGORIES)
        if errors := list(_wrong(config)):
            raise Refused(errors)
        self.config = config
        self._banded = banded
        self._judge: Judge = unjudged
        self._least = {
            label: min(rule.threshold or LEAST for rule in banded.rules if rule.label == label)
            for label in banded.labels
        }
        others = [Rule(self.name, UNMAPPED, UNMAPPED, "flag", why="A label that no category has.")]
        if self._guards:
            why = "Somebody may be in danger."
            others.append(Rule(self.name, SELF_HARM, SELF_HARM, "flag", escalate=True, why=why))
        self.rules: tuple[Rule, ...] = (*banded.rules, *others)
        self.labels: frozenset[str] = banded.labels | {rule.label for rule in others}
        self.keep_ms = _kept_ms(config.keep)
        self.wanted = " ".join((config.project_version or "-", config.model_version or "-", str(config.detect_text)))

    @property
    def least(self) -> float:
        """Return the lowest threshold of all, 1..100: what the service is asked for."""
        return self._banded.least

    @property
    def _guards(self) -> list[float]:
        """Return the lowest thresholds of the categories that self-harm belongs to."""
        return [self._least[label] for label in ("violence", "visually_disturbing") if label in self._least]

    def hand_to(self, judge: Judge) -> None:
        """Have what is read in pictures judged."""
        self._judge = judge

    def serves(self, known: Known, now: int) -> bool:
        """Say whether what is known answers what is wanted now, `now` in milliseconds since 1970."""
        return self.fits(known.wanted, known.least) and now - known.at < self.keep_ms

    def fits(self, wanted: str, least: float) -> bool:
        """Say whether an answer to what was asked for, from a MinConfidence on, says all that is wanted now."""
        return wanted == self.wanted and least <= self.least

    def version_of(self, known: Known) -> str:
        """Return this engine's version, the service's model, and the adapter that answered."""
        adapter = self.config.project_version if known.adapter else None
        # .../project/NAME/version/VERSION/CREATED: the version's own name says enough.
        parts = (adapter or "").split("/")
        named = [parts[parts.index("version") + 1]] if "version" in parts[:-1] else [adapter] if adapter else []
        return "/".join((self.version, known.model, *named))

    def alarms(self, known: Known) -> Iterator[str]:
        """Yield what an operator should hear of: `adapter_expired`, `model_version`."""
        if not known.adapter:
            yield "adapter_expired"
        if self.config.model_version not in {None, known.model}:
            yield "model_version"

    def published(self, sha256: str, pdq: str, known: Known) -> JudgedMedia | None:
        """Return what near copies of a picture are answered from; None for what is not a still picture."""
        if len(known.glances) != 1 or known.glances[0].frame is not None or known.glances[0].lines:
            return None
        labels = tuple(JudgedLabel(name, sure, parent) for name, parent, sure in known.glances[0].labels)
        return JudgedMedia(
            sha256, pdq, self.name, known.at, known.wanted, known.least, known.model, known.adapter, labels
        )

    def recalled(self, judged: JudgedMedia) -> Known:
        """Return what is known of a judged picture."""
        labels = tuple(Label(one.name, one.parent, one.confidence) for one in judged.labels)
        return Known(judged.at, judged.wanted, judged.least, judged.model, judged.adapter, (Glance(labels),))

    def strays(self, known: Known) -> int:
        """Return how many labels no table knows or no category has."""
        found = [sorted_out(glance.labels, known.model) for glance in known.glances]
        return sum(len(one.unknown) or one.unmapped is not None for one in found)

    def answer(self, known: Known) -> Answer:
        """Return what was found; `adapter_expired` is the reason where the base model answered in an adapter's place.

        A label comes together with those above it: a category's confidence is the highest of all its labels, and of
        all frames.
        """
        sorted_frames = [(glance, sorted_out(glance.labels, known.model)) for glance in known.glances]
        scores: dict[str, float] = {}
        findings: list[Finding] = []
        for category in sorted(self._least):
            seen = [(glance, found.categories.get(category)) for glance, found in sorted_frames]
            best = max((one.confidence for _, one in seen if one is not None), default=0.0)
            scores[category] = round(best / 100, 4)
            reached = [(glance, one) for glance, one in seen if one is not None and self._reaches(category, one)]
            finding = self._banded.finding(category, round(best, 2), [_evidence(*each) for each in reached])
            if finding is not None:
                findings.append(finding)
        findings += self._others(sorted_frames)
        reason = "adapter_expired" if not known.adapter else None
        open_ones = dict.fromkeys(self._banded.uncovered, NO_DETECTOR)
        answer = Answer("ok", reason, tuple(findings), scores, open_ones or None)
        pages = tuple(Page(glance.lines, glance.frame) for glance in known.glances if glance.lines)
        return self._judge(Transcript(answer, pages)) if pages else answer

    def answer_near(self, known: Known, near: Evidence) -> Answer:
        """Return the answer on a near copy: that on the judged picture, which `near` names by PDQ and distance."""
        answer = self.answer(known)
        findings = tuple(
            msgspec.structs.replace(finding, evidence=(*finding.evidence, near)) for finding in answer.findings
        )
        return msgspec.structs.replace(answer, reason=NEAR_DUPLICATE, findings=findings)

    def _reaches(self, category: str, seen: Seen) -> bool:
        return seen.confidence >= self._least[category]

    def _others(self, frames: Sequence[tuple[Glance, Sorted]]) -> Iterator[Finding]:
        """Yield what belongs to no category, and what is urgent."""
        strays = [(glance, found.unmapped) for glance, found in frames if found.unmapped is not None]
        if strays:
            best = max(seen.confidence for _, seen in strays)
            evidence = tuple(_evidence(*each) for each in strays)
            yield Finding(UNMAPPED, UNMAPPED, confidence=round(best, 2), threshold=self.least, evidence=evidence)
        urgent = max((found.self_harm for _, found in frames), default=0.0)
        if self._guards and urgent >= min(self._guards):
            where = tuple(
                Evidence(entity=SELF_HARM, frame=glance.frame) for glance, found in frames if found.self_harm > 0
            )
            yield Finding(
                SELF_HARM, SELF_HARM, confidence=round(urgent, 2), threshold=min(self._guards), evidence=where
            )


def _evidence(glance: Glance, seen: Seen) -> Evidence:
    return Evidence(frame=glance.frame, entity=seen.label[:LONGEST_NAME])


def _kept_ms(keep: str) -> int:
    if keep.endswith("h"):
        return int(keep[:-1]) * _HOUR
    return int(keep[:-1]) * 24 * _HOUR if keep.endswith("d") else duration_ms(keep)


def _wrong(config: RekognitionConfig) -> Iterator[tuple[str, str]]:
    if config.endpoint is not None and is_open(config.endpoint) and not config.allow_http:
        yield "endpoint", "would carry pictures in the clear: use https, or say allow_http: true"
    if config.near_duplicates is not None and config.detect_text:
        yield "near_duplicates", "and detect_text exclude each other: a near copy may have another text"
