"""Exemptions: whose content a policy lets pass, and in which labels; what was found is written down all the same."""

from typing import Final, Literal, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, model_validator

from streams.core.facts import Facts
from streams.core.restriction import Standing, strikes_at

DAY_MS: Final = 86_400_000


class Exemption(BaseModel):
    """Whose content is always allowed: all keys of an entry must hold. What the engines found is still written down."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    role: str | None = Field(default=None, min_length=1, max_length=256)
    trusted: Literal[True] | None = Field(default=None, description="By the platform's word, or a person's order.")
    user: str | None = Field(default=None, min_length=1, max_length=256, description="The id.")
    min_age_days: int | None = Field(default=None, ge=1, le=36_500, description="Of the account.")
    max_strikes: int | None = Field(default=None, ge=0, le=1000, description="That count when the content comes.")
    labels: list[str] | None = Field(default=None, min_length=1, description="Only these are lifted.")
    except_labels: list[str] = Field(default=[], description="These are never lifted.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if all(each is None for each in (self.role, self.trusted, self.user, self.min_age_days, self.max_strikes)):
            raise ValueError("exempts everybody: say whom by role, trusted, user, min_age_days or max_strikes")
        return self

    def compiled(self) -> "Exempt":
        """Return the exemption as the judge reads it."""
        return Exempt(
            role=self.role,
            trusted=bool(self.trusted),
            user=self.user,
            min_age_days=self.min_age_days,
            max_strikes=self.max_strikes,
            labels=None if self.labels is None else frozenset(self.labels),
            except_labels=frozenset(self.except_labels),
        )


class Exempt(msgspec.Struct, frozen=True, gc=False):
    """A compiled exemption."""

    role: str | None = None
    trusted: bool = False
    user: str | None = None
    min_age_days: int | None = None
    max_strikes: int | None = None
    labels: frozenset[str] | None = None  # every label where None
    except_labels: frozenset[str] = frozenset()

    def holds(self, facts: Facts) -> bool:
        """Say whether the author is meant; an account whose age nobody said is not old."""
        if self.role is not None and facts.role != self.role:
            return False
        if self.user is not None and facts.user_id != self.user:
            return False
        if self.trusted and not trusted(facts.trusted, facts.standing):
            return False
        if self.min_age_days is not None:
            created = facts.user_created_at
            if created is None or facts.received_at - created < self.min_age_days * DAY_MS:
                return False
        return self.max_strikes is None or strikes(facts) <= self.max_strikes

    def lifts(self, label: str) -> bool:
        """Say whether what leads to this label is lifted."""
        return label not in self.except_labels and (self.labels is None or label in self.labels)

    @property
    def whole(self) -> bool:
        """Say whether it lifts whatever may be found: then a missing answer is lifted, too."""
        return self.labels is None and not self.except_labels

    def __str__(self) -> str:
        """Return why somebody is exempt, in a person's words."""
        grounds = (
            f"role {self.role}" if self.role is not None else "",
            "trusted author" if self.trusted else "",
            "this user" if self.user is not None else "",
            f"account of {self.min_age_days} days or more" if self.min_age_days is not None else "",
            f"at most {self.max_strikes} strikes" if self.max_strikes is not None else "",
        )
        return ", ".join(filter(None, grounds))


def trusted(word: bool | None, standing: Standing | None) -> bool:  # noqa: FBT001 - what the platform said
    """Say whether an author is trusted: as a person ordered, else by the platform's word."""
    return bool(word if standing is None or standing.trusted is None else standing.trusted)


def strikes(facts: Facts) -> int:
    """Return the weight of the author's strikes that count when the content comes."""
    return 0 if facts.standing is None else strikes_at(facts.standing, facts.received_at)
