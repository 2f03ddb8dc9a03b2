"""What runs in the role `enforce`: verdicts, held against the standing of their authors."""

from streams.agents.enforce import Enforce
from streams.core.verdict import VerdictRecord
from streams.roles.parts import Parts, Running
from streams.topology import DAY


def enforce(parts: Parts) -> Running:
    """Return the flow of verdicts and orders."""
    handler = Enforce(
        parts.intake(VerdictRecord, "verdicts"),  # type: ignore[arg-type]  # a union of records is no class
        parts.emission,
        book=parts.book,
        metrics=parts.metrics,
    )
    # Each user of whom nothing was heard for a day is looked at: what has ended is taken back from `standings`.
    return [
        parts.flow("standings", handler, idle_of=lambda _key: DAY, keeps=handler.keeps, on_expiry=handler.expired)
    ], []
