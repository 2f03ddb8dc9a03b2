"""Limits on repeating a text, writing, and sending links: a text and the marks before it in, an answer out."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, NamedTuple, Self, get_args

from pydantic import Field, model_validator

from streams.core import velocity
from streams.core.duration import duration_ms
from streams.core.engine import Config
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.rule import Rule, RuleConfig

LimitKind = Literal["same_text", "similar_text", "messages", "links"]
ALIKE: Final = frozenset({"same_text", "similar_text"})  # kinds that compare texts
KINDS: Final[tuple[LimitKind, ...]] = get_args(LimitKind)

MOST_MARKS: Final = 500  # of a conversation or an author: 16 kB that each message writes anew
MOST_LIMITS: Final = 50
NEVER: Final = 2**31  # more than any count
LONGEST: Final = 86_400_000  # milliseconds: a day
# Bits of 64 in which similar texts may differ. Measured on SMS texts: of texts of ten words with one of them changed
# .99 are within it, with one word more all, with two changed .88; of unrelated pairs .001.
DISTANCE: Final = 16
# Characters of the normal form from which on a repeated text is noticed: "ok", "lol" and "thank you" are not.
MIN_LENGTH: Final = 12


class LimitConfig(RuleConfig):
    """At most so many within so long; what is more is found."""

    label: str = Field(default="spam", pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    kind: LimitKind
    most: Annotated[int, Field(ge=1, le=MOST_MARKS)]  # texts, this one included; for `links`, links
    within: str = Field(pattern=r"^[1-9][0-9]{0,5}(ms|s|m)$")
    distance: Annotated[int, Field(ge=0, le=velocity.BITS // 2)] | None = None
    min_length: Annotated[int, Field(ge=0, le=20_000)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse keys that this kind of limit does not look at, and windows longer than a day."""
        if self.distance is not None and self.kind != "similar_text":
            raise ValueError("distance: only similar_text has one")
        if self.min_length is not None and self.kind not in ALIKE:
            raise ValueError("min_length: only same_text and similar_text have one")
        if duration_ms(self.within) > LONGEST:
            raise ValueError("within: at most a day, 1440m")
        return self


class LimitsConfig(Config):
    """What a policy may say about velocity."""

    limits: list[LimitConfig] = Field(min_length=1, max_length=MOST_LIMITS)
    # How many marks are kept; in a conversation, those of all its authors together.
    keep: Annotated[int, Field(ge=1, le=MOST_MARKS)]

    @model_validator(mode="after")
    def _reached(self) -> Self:
        """Refuse a limit that the marks kept can never reach."""
        for limit in self.limits:
            if limit.kind != "links" and limit.most > self.keep:
                raise ValueError(f"keep: limit {limit.name} needs {limit.most} marks, {self.keep} are kept")
        return self


class Limit(NamedTuple):
    """A compiled limit."""

    rule: Rule
    kind: LimitKind
    most: int
    within: int  # milliseconds
    distance: int
    min_length: int


class Limits:
    """The compiled limits of one engine."""

    def __init__(self, engine: str, config: LimitsConfig) -> None:
        self.rules = tuple(limit.rule(engine, float(limit.most)) for limit in config.limits)
        self.labels = frozenset(rule.label for rule in self.rules)
        self.marks = config.keep
        self._limits: Sequence[Limit] = [
            _compiled(limit, rule) for limit, rule in zip(config.limits, self.rules, strict=True)
        ]
        self.horizon_ms = max(limit.within for limit in self._limits)
        # The lowest limit of each kind: with fewer earlier texts, none of the kind is exceeded.
        self._least: dict[LimitKind, int] = {
            kind: min((limit.most for limit in self._limits if limit.kind == kind), default=NEVER) for kind in KINDS
        }
        self._widest = max((limit.distance for limit in self._limits if limit.kind == "similar_text"), default=0)

    def answer(self, text: str, mark: bytes, marks: bytes) -> Answer:
        """Return one finding per limit that a text exceeds, given its mark and those before it."""
        least, authored, sends_links = self._least, velocity.authored(marks, mark), velocity.links_of(mark) > 0
        # What a first look allows; each is looked at only where the one before leaves it possible.
        repeated = velocity.repeated(marks, mark) if authored >= least["same_text"] else 0
        alike = velocity.alike(marks, mark, self._widest) if authored >= least["similar_text"] else 0
        if not (
            sends_links
            or authored >= least["messages"]
            or repeated >= least["same_text"]
            or alike >= least["similar_text"]
        ):
            return NOTHING_FOUND
        # A text without links is not to blame for those before it.
        most = {"messages": authored, "same_text": repeated, "similar_text": alike, "links": NEVER * sends_links}
        length = velocity.traits(text).length
        findings = tuple(
            _finding(limit, text, count)
            for limit in self._limits
            if most[limit.kind] >= limit.most
            and length >= limit.min_length
            and (count := _count(limit, mark, marks)) > limit.most
        )
        return Answer(findings=findings, scores={f.label: 1.0 for f in findings}) if findings else NOTHING_FOUND

    def kept(self, text: str, user_id: str, at: int, marks: bytes) -> bytes:
        """Return the marks after a text."""
        return velocity.kept(marks, velocity.mark(text, user_id, at), self.marks, at - self.horizon_ms)


def _count(limit: Limit, mark: bytes, marks: bytes) -> int:
    match limit.kind:
        case "links":
            return velocity.links(marks, mark, limit.within)
        case "messages":
            return velocity.messages(marks, mark, limit.within)
        case "same_text":
            return velocity.same(marks, mark, limit.within)
        case "similar_text":
            return velocity.similar(marks, mark, limit.within, limit.distance)


def _finding(limit: Limit, text: str, count: int) -> Finding:
    """Return what exceeds a limit; all of the text is to blame, and where there is none, only the count is told."""
    return Finding(
        limit.rule.label,
        limit.rule.name,
        limit.rule.severity,
        threshold=float(limit.most),
        evidence=(Evidence(span=(0, len(text)) if text else None, count=count),),
    )


def _compiled(limit: LimitConfig, rule: Rule) -> Limit:
    return Limit(
        rule=rule,
        kind=limit.kind,
        most=limit.most,
        within=duration_ms(limit.within),
        distance=DISTANCE if limit.distance is None else limit.distance,
        min_length=(MIN_LENGTH if limit.min_length is None else limit.min_length) if limit.kind in ALIKE else 0,
    )
