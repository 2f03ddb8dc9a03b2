"""What every executor is: an effect in, how it ended out. One executor a kind of sink, one other party a file.

An executor is idempotent: a repeat of an effect, also after a crash in the middle of it, ends as the first one did.
"""

from typing import Literal, NamedTuple, Protocol

from streams.core.carried import Done
from streams.core.effect import Effect
from streams.core.judged_object import JudgedObject

__all__ = ["Done", "Executor", "Result"]


class Result(NamedTuple):
    """How an effect ended, or that it is to be tried again."""

    status: Literal["done", "failed", "superseded", "retry"]
    reason: str | None = None  # snake_case; of what is not done
    objects: tuple[JudgedObject, ...] = ()  # where they lie now, of `s3`
    after: float = 0.0  # seconds that the sink asks to be left alone, of `retry`


class Executor(Protocol):
    """Does what effects of one kind of sink ask for."""

    def endpoint(self, effect: Effect) -> str:
        """Return what breaks and mends as one, such as a host: each has a breaker of its own. Never a secret."""

    def region(self, effect: Effect) -> str | None:
        """Return the region that an effect goes to, None where there is none; never raises."""

    async def __call__(self, effect: Effect, last: Done | None, until: float) -> Result:
        """Carry an effect out, before `until` in seconds of the loop's clock.

        `last` is what ended last for the content (of `s3`), or for the content and the effect's name. Raises Fault: of
        kind `item` and `refusal` the effect has failed; of any other kind it is tried again, after the seconds that the
        fault asks for.
        """

    async def close(self) -> None:
        """Close the connections."""
