"""What a category leads to, confidence by confidence: a preset, thresholds and bands in, rules in rising order out."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from streams.core.action import action_named
from streams.core.engine import Config, Refused
from streams.core.finding import Evidence, Finding
from streams.core.label import MEDIA_LABELS
from streams.core.rule import Mode, PolicyAction, Rule, Shorthand

Preset = Literal["strict", "balanced", "sensitive"]

# Categories that harm whoever sees them; the others are matters of taste and place.
GRAVE: Final = frozenset({"explicit", "violence", "visually_disturbing", "hate_symbols", "pii"})
# Least confidence of grave categories and of the others. The specification gives the ranges 80-90, 60-70 and 40-50.
PRESETS: Final[Mapping[Preset, tuple[float, float]]] = {
    "strict": (80.0, 90.0),
    "balanced": (60.0, 70.0),
    "sensitive": (40.0, 50.0),
}
LEAST: Final = 1.0  # of a threshold, as the specification has it
MOST: Final = 100.0


class Band(BaseModel):
    """An action from a confidence on."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    start: float = Field(ge=LEAST, le=MOST, alias="from")
    action: PolicyAction


class Category(Shorthand, BaseModel):
    """What a category leads to: one action from a confidence on, or several bands; `flag` alone is such an action."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    min_confidence: float | None = Field(default=None, ge=LEAST, le=MOST)  # without it the preset's
    action: PolicyAction | None = None  # without it `flag`
    bands: list[Band] = Field(default=[], max_length=10)
    mode: Mode = "enforce"
    escalate: bool = False
    why: str | None = Field(default=None, max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _only_an_action(cls, value: Any) -> Any:
        return {"action": action_named(value)} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_way(self) -> "Category":
        if self.bands and (self.min_confidence is not None or self.action is not None):
            raise ValueError("bands say it all: leave min_confidence and action out")
        starts = [band.start for band in self.bands]
        if starts != sorted(set(starts)):
            raise ValueError("bands start at different confidences, the lowest first")
        return self


class Categories(Config):
    """What a policy may say about an engine that has a confidence for each category."""

    preset: Preset = "balanced"
    # category -> what it leads to; without any, every category that the engine knows, flagged from the preset on
    categories: dict[str, Category] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> "Categories":
        unknown = sorted(self.categories.keys() - MEDIA_LABELS)
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: no category: one of {', '.join(sorted(MEDIA_LABELS))}")
        return self


class Banded:
    """The rules of an engine's categories."""

    def __init__(self, engine: str, config: Categories, known: Sequence[str]) -> None:
        wanted = config.categories or {label: Category() for label in known}
        self.uncovered: tuple[str, ...] = tuple(sorted(wanted.keys() - set(known)))  # asked for, and not known
        if not wanted.keys() & set(known):
            raise Refused([("categories", f"the engine has a detector for none of them: it has {', '.join(known)}")])
        self._rules = {
            label: _rules(engine, label, category, config.preset)
            for label, category in wanted.items()
            if label in known
        }
        self.rules: tuple[Rule, ...] = tuple(rule for each in self._rules.values() for rule in each)
        self.labels = frozenset(self._rules)

    @property
    def least(self) -> float:
        """Return the lowest threshold of all."""
        return min(rule.threshold or LEAST for rule in self.rules)

    def finding(self, label: str, confidence: float, evidence: Sequence[Evidence] = ()) -> Finding | None:
        """Return the finding of the highest band that a confidence, 0..100, reaches; None below the lowest."""
        reached = [rule for rule in self._rules.get(label, ()) if confidence >= (rule.threshold or LEAST)]
        if not reached:
            return None
        rule = reached[-1]
        return Finding(label, rule.name, rule.severity, confidence, rule.threshold, tuple(evidence))


def _rules(engine: str, label: str, category: Category, preset: Preset) -> tuple[Rule, ...]:
    start = category.min_confidence or PRESETS[preset][label not in GRAVE]
    bands = [(band.start, band.action) for band in category.bands] or [(start, category.action or "flag")]
    return tuple(
        Rule(
            engine=engine,
            name=f"{label}_{start:g}".replace(".", "_"),
            label=label,
            action=action,
            mode=category.mode,
            escalate=category.escalate,
            why=category.why,
            threshold=start,
        )
        for start, action in bands
    )
