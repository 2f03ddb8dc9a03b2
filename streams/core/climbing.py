"""The ladder: strikes before and after in, the steps that are taken out."""

from collections.abc import Iterable
from typing import Final

from streams.core.restriction import Restriction
from streams.core.standing_rules import Step

LADDER: Final = "ladder"  # who put a restriction on


def climbed(ladder: Iterable[Step], before: int, more: int, now: int) -> list[tuple[Step, Restriction | None]]:
    """Return every step between `before` strikes and `more` of them, with the restriction that it puts on.

    None is left out, however heavy a strike is, and none is taken twice while the strikes below it count: strikes that
    expire or are withdrawn lead down, and whoever comes up again takes the steps again. `now` is milliseconds since
    1970.
    """
    return [(step, _put_on(step, now)) for step in ladder if before < step.strikes <= before + more]


def _put_on(step: Step, now: int) -> Restriction | None:
    if step.do == "notice":
        return None
    until = None if step.lasts_ms is None else now + step.lasts_ms
    strikes = "1 strike" if step.strikes == 1 else f"{step.strikes} strikes"
    return Restriction(step.do, now, LADDER, until, strikes)
