"""When an engine with a role of its own is asked: a policy's `ask_when` in, yes or no for what inline engines said out.

Such an engine is slow, or paid for: `ask_when` keeps it to the texts that cheaper engines find uncertain.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from streams.core.finding import NOTHING_FOUND, Answer

ANY: Final = "*"  # in `scores`: every label


def _ordered(band: tuple[float, float]) -> tuple[float, float]:
    if band[0] > band[1]:
        raise ValueError(f"{band[0]:g} is more than {band[1]:g}: write [low, high]")
    return band


_Share = Annotated[float, Field(ge=0, le=1)]
# What YAML reads as a list is a pair here.
Band = Annotated[
    tuple[_Share, _Share],
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
    AfterValidator(_ordered),
]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
_Scored = Annotated[str, Field(pattern=r"^(\*|[a-z][a-z0-9_]*)$", max_length=64)]


class Asking(msgspec.Struct, frozen=True, gc=False):
    """A compiled `ask_when`; any one of its grounds is enough, `unless` outweighs them all."""

    always: bool = True
    scores: tuple[tuple[str, float, float], ...] = ()  # label or ANY, low, high: 0..1, both included
    labels: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    not_evaluated: frozenset[str] = frozenset()  # engines

    def asks(self, answers: Sequence[tuple[str, Answer]], found: frozenset[str]) -> bool:
        """Say whether to ask: `answers` of inline engines by name, `found` the labels that enforced rules found."""
        if not self.unless.isdisjoint(found):
            return False
        if self.always or not self.labels.isdisjoint(found):
            return True
        for engine, answer in answers:
            if answer is NOTHING_FOUND:
                continue
            if answer.status == "not_evaluated" and engine in self.not_evaluated:
                return True
            if answer.scores is not None and self._uncertain(answer.scores):
                return True
        return False

    def _uncertain(self, scores: dict[str, float]) -> bool:
        for label, low, high in self.scores:
            if label == ANY:
                for score in scores.values():  # faster than `any`, and this runs for every text
                    if low <= score <= high:
                        return True
            elif low <= scores.get(label, -1.0) <= high:
                return True
        return False


ALWAYS: Final = Asking()


class AskWhen(BaseModel):
    """`ask_when` of an engine in a policy; an engine without it is always asked.

    Raises ValueError for a condition that could never hold.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    always: bool = False
    scores: dict[_Scored, Band] = {}  # label, or * for every one -> [low, high] of any inline engine's score, 0..1
    labels: list[_Name] = []  # an enforced rule of an inline engine found one of them
    unless: list[_Name] = []  # the same, and then nothing else counts
    not_evaluated: list[_Name] = []  # inline engines that could not judge the text, such as its language

    @model_validator(mode="after")
    def _can_hold(self) -> "AskWhen":
        if not (self.always or self.scores or self.labels or self.not_evaluated):
            raise ValueError("would never ask: name always, scores, labels or not_evaluated")
        return self

    def compiled(self) -> Asking:
        """Return the condition as it is held against answers."""
        return Asking(
            always=self.always,
            scores=tuple((label, low, high) for label, (low, high) in self.scores.items()),
            labels=frozenset(self.labels),
            unless=frozenset(self.unless),
            not_evaluated=frozenset(self.not_evaluated),
        )
