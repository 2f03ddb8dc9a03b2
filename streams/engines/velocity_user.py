"""Velocity of a user: texts of an author in all conversations in, what is repeated or too fast out. Role of its own."""

from typing import Annotated, ClassVar, Final

from pydantic import Field

from streams.core.engine import Accepts
from streams.core.finding import Answer
from streams.core.limit import MOST_LIMITS, MOST_MARKS, LimitConfig, Limits, LimitsConfig
from streams.core.task import TextTask
from streams.core.velocity import mark

# Wider than those of one conversation: a buyer asks several sellers the same, a teacher answers many.
LIMITS: Final = (
    LimitConfig(name="spread_text", kind="same_text", most=8, within="10m", min_length=20, severity="low"),
    LimitConfig(name="spread_similar_text", kind="similar_text", most=12, within="10m", min_length=24, severity="low"),
    LimitConfig(name="spread_messages", kind="messages", most=90, within="60s", severity="low"),
    LimitConfig(name="spread_links", kind="links", most=12, within="60s", severity="medium"),
)


class VelocityUserConfig(LimitsConfig):
    """What a policy may say about velocity over all conversations of an author."""

    limits: list[LimitConfig] = Field(default=list(LIMITS), min_length=1, max_length=MOST_LIMITS)
    keep: Annotated[int, Field(ge=1, le=MOST_MARKS)] = 200  # marks of an author, 32 bytes each


class VelocityUser:
    """Finds what one author repeats over all conversations, and too many messages or links there.

    It is asked about every text: one that it did not see, it could not count.
    """

    name: ClassVar[str] = "velocity_user"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    apart: ClassVar[bool] = True
    Config: ClassVar[type[VelocityUserConfig]] = VelocityUserConfig

    def __init__(self, config: VelocityUserConfig) -> None:
        self._limits = Limits(self.name, config)
        self.rules = self._limits.rules
        self.labels = self._limits.labels
        self.horizon_ms = self._limits.horizon_ms  # an author idle for so long needs no marks

    def judged(self, task: TextTask, marks: bytes) -> Answer:
        """Return one finding per limit that a text exceeds, given the author's marks before it."""
        return self._limits.answer(task.text, mark(task.text, task.user_id, task.at), marks)

    def kept(self, task: TextTask, marks: bytes) -> bytes:
        """Return the author's marks after a text."""
        return self._limits.kept(task.text, task.user_id, task.at, marks)
