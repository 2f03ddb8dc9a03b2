"""What runs in the role `enforce`: verdicts, held against the standing of their authors; rulings become verdicts."""

from typing import Final

from streams.agents.enforce import Enforce
from streams.agents.rulings import Rulings
from streams.core.ruling import Ruling
from streams.core.verdict import VerdictRecord
from streams.roles.parts import Parts, Running
from streams.topology import DAY

# How long is remembered what rulings made of a content: as long as decisions lie on `actions`.
RULED_MS: Final = 90 * DAY


def enforce(parts: Parts) -> Running:
    """Return the flow of verdicts and orders, and that of rulings."""
    handler = Enforce(
        parts.intake(VerdictRecord, "verdicts"),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        book=parts.book,
        metrics=parts.metrics,
    )
    rulings = Rulings(
        parts.intake(Ruling, "rulings"), parts.emission, limit=parts.settings.record_limit, metrics=parts.metrics
    )
    # Each user of whom nothing was heard for a day is looked at: what has ended is taken back from `standings`.
    return [
        parts.flow("standings", handler, idle_of=lambda _key: DAY, keeps=handler.keeps, on_expiry=handler.expired),
        parts.flow("rulings", rulings, idle_of=lambda _key: RULED_MS),
    ], []
