"""Velocity: texts with the marks of their conversation in, what an author repeats or sends too fast out."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from streams.core.engine import Accepts, Example, Text
from streams.core.finding import Answer
from streams.core.limit import MOST_LIMITS, MOST_MARKS, LimitConfig, Limits, LimitsConfig
from streams.core.velocity import mark
from streams.core.window import Window

# Above what people type: a fast typist in a lively game sends ten messages a minute, and says "ok" five times.
LIMITS: Final = (
    LimitConfig(name="repeated_text", kind="same_text", most=3, within="10m", severity="low"),
    LimitConfig(name="repeated_short_text", kind="same_text", most=15, within="60s", min_length=0, severity="low"),
    LimitConfig(name="similar_text", kind="similar_text", most=5, within="10m", min_length=24, severity="low"),
    LimitConfig(name="many_messages", kind="messages", most=30, within="60s", severity="low"),
    LimitConfig(name="many_links", kind="links", most=6, within="60s", severity="medium"),
)


class VelocityConfig(LimitsConfig):
    """What a policy may say about velocity within a conversation."""

    limits: list[LimitConfig] = Field(default=list(LIMITS), min_length=1, max_length=MOST_LIMITS)
    # Marks of all authors of a conversation together, 32 bytes each. In a busy one an author's own are pushed out by
    # those of the others before the window ends; what he sends in all is the business of `velocity_user`.
    keep: Annotated[int, Field(ge=1, le=MOST_MARKS)] = 100


class Velocity:
    """Finds what one author repeats in one conversation, and too many messages or links of his there."""

    name: ClassVar[str] = "velocity"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[VelocityConfig]] = VelocityConfig

    def __init__(self, config: VelocityConfig) -> None:
        self._limits = Limits(self.name, config)
        self.rules = self._limits.rules
        self.labels = self._limits.labels
        self.marks = self._limits.marks  # that a window must keep for these limits
        self.horizon_ms = self._limits.horizon_ms  # how far back the limits look

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per limit that it exceeds, with the count."""
        answer = self._limits.answer
        return [answer(subject.text, _mark(subject), subject.before.marks) for subject in batch]

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return texts that are one too many, and some that are not."""
        offer = "Win a FREE phone at our site today"
        links: dict[str, Any] = {"limits": [{"name": "links", "kind": "links", "most": 1, "within": "1m"}]}
        return (
            Example({}, _after([offer] * 3, offer.lower()), frozenset({"spam"})),
            Example({}, _after([offer] * 2, offer), frozenset()),
            Example({}, _after(["ok"] * 14, "ok"), frozenset()),
            Example(
                {},
                _after([f"{offer}, {name}" for name in ("Ann", "Bob", "Cy", "Di", "Ed")], offer),
                frozenset({"spam"}),
            ),
            Example(links, Text("see http://a.example and http://b.example"), frozenset({"spam"})),
        )


def _mark(subject: Text) -> bytes:
    return subject.mark or mark(subject.text, subject.user_id, subject.at)


def _after(before: Sequence[str], text: str) -> Text:
    """Return a text that its author sends a second after the last of others."""
    marks = b"".join(mark(each, "u1", number * 1000) for number, each in enumerate(before))
    return Text(text, before=Window(marks=marks), user_id="u1", at=len(before) * 1000)
