"""What is known of the effects of one content at one kind of sink: what was done last, and what waits for another try.

A table value of the role `execute`. Everything here is pure: repeats and effects out of order change nothing.
"""

from typing import Final, Literal

import msgspec

from streams.core.effect import Effect, OutcomeStatus, Work
from streams.core.judged_object import JudgedObject

FIRST_PAUSE_MS: Final = 2_000  # before the second try; doubled before each further one
LONGEST_PAUSE_MS: Final = 600_000

# What an effect meets: nothing, itself once more, or a newer decision.
Met = Literal["free", "repeat", "superseded"]


class Done(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last effect of a content and slot that came to an end, good or bad."""

    revision: int
    work: Work
    status: OutcomeStatus  # never `waiting`
    at: int  # milliseconds since 1970
    objects: tuple[JudgedObject, ...] = ()  # where they lie now, of `s3`; as many as the decision has, or none


class Waiting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An effect that is tried again; times in milliseconds since 1970."""

    effect: Effect
    attempts: int  # so far
    since: int
    next_at: int
    reason: str


class Slot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What effects of one content supersede each other in."""

    last: Done | None = None
    waiting: Waiting | None = None


class Carried(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The slots of one content by name."""

    slots: dict[str, Slot] = {}

    def slot(self, effect: Effect) -> Slot:
        """Return the slot of an effect."""
        return self.slots.get(slot_of(effect), EMPTY)

    def with_slot(self, effect: Effect, slot: Slot) -> "Carried":
        """Return the same with another slot of an effect."""
        return Carried({**self.slots, slot_of(effect): slot})

    @property
    def waiting(self) -> list[Waiting]:
        """Return what waits."""
        return [slot.waiting for slot in self.slots.values() if slot.waiting is not None]


EMPTY: Final = Slot()
NOTHING: Final = Carried()


def slot_of(effect: Effect) -> str:
    """Return the name of an effect's slot.

    Stored objects lie in one place, whatever the policy calls its effects; a history of revisions misses none of them.
    """
    if effect.sink == "s3":
        return ""
    return f"{effect.name}/{effect.decision.revision}" if effect.sink == "dynamodb" else effect.name


def met(slot: Slot, effect: Effect) -> Met:
    """Return what an effect meets in its slot."""
    revision = effect.decision.revision
    known = [done.revision for done in [slot.last] if done is not None]
    known += [waiting.effect.decision.revision for waiting in [slot.waiting] if waiting is not None]
    newest = max(known, default=-1)
    if revision > newest:
        return "free"
    return "repeat" if revision in known else "superseded"


def ended(slot: Slot, effect: Effect, status: OutcomeStatus, objects: tuple[JudgedObject, ...], now: int) -> Slot:
    """Return a slot after the end of an effect; nothing of it waits. What failed leaves the objects where they were."""
    if status != "done" and not objects and slot.last is not None:
        objects = slot.last.objects
    return Slot(Done(effect.decision.revision, effect.work, status, now, objects))


def put_off(slot: Slot, effect: Effect, reason: str, attempts: int, now: int, pause_ms: int) -> Slot:
    """Return a slot in which an effect waits for its next try."""
    since = now if slot.waiting is None else slot.waiting.since
    return Slot(slot.last, Waiting(effect, attempts, since, now + pause_ms, reason))


def pause(attempts: int, asked_ms: int, draw: float) -> int:
    """Return the milliseconds until the next try: doubled with each, half of them by chance, at least what was asked.

    `attempts` counts from 1, `draw` is 0..1.
    """
    longest = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(attempts - 1, 20))
    return max(asked_ms, int(longest * (0.5 + draw / 2)))


def due(carried: Carried) -> int | None:
    """Return when the first of what waits is tried again, milliseconds since 1970; None when nothing waits."""
    return min((waiting.next_at for waiting in carried.waiting), default=None)


def kept(carried: Carried, since: int) -> bool:
    """Say whether more than the last hour matters: something waits, or was revised or moved after `since`.

    What came to its end at once and stands as it was first decided is needed for repeats only.
    """
    ends = [slot.last for slot in carried.slots.values() if slot.last is not None]
    moved = any(done.at >= since and (done.revision > 0 or done.work in {"quarantine", "delete"}) for done in ends)
    return moved or bool(carried.waiting)
