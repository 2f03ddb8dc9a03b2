"""Clients: an engine in, what asks its interface out; one for each configuration, closed when no policy has it.

Versions of a policy, and policies beside it, that configure an engine alike share one: its connections, what it
remembers, its budget and its breaker.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

LINGER: Final = 600.0  # seconds: what was asked under an older version may lie in the log for a while
CLOSING: Final = 10.0  # seconds

log = logging.getLogger(__name__)


class Configured(Protocol):
    """An engine with a configuration of its own: its pydantic model."""

    @property
    def name(self) -> str:
        """Return the engine's name."""

    @property
    def version(self) -> str:
        """Return the engine's version."""

    @property
    def config(self) -> Any:
        """Return what the policy says of it."""


E = TypeVar("E", bound=Configured)
C = TypeVar("C")


@dataclass
class _Held(Generic[C]):
    client: C
    users: int = 0
    used_at: float = 0.0  # seconds of the loop's clock


class Clients(Generic[E, C]):
    """The clients of one role."""

    def __init__(
        self,
        made: Callable[[E], C],
        closed: Callable[[C], Awaitable[None]],
        current: Callable[[], Iterable[E]],
        linger: float = LINGER,
    ) -> None:
        """Take what makes and closes a client, the engines of the policies that judge now, and seconds."""
        self._made = made
        self._closed = closed
        self._current = current
        self._linger = linger
        self._held: dict[str, _Held[C]] = {}

    def __len__(self) -> int:
        """Return how many clients are held."""
        return len(self._held)

    def begin(self) -> None:
        """Make those of the policies that judge now; raise what making one raises."""
        for engine in self._current():
            self._of(engine)

    @asynccontextmanager
    async def using(self, engine: E) -> AsyncIterator[C]:
        """Lend the client of an engine; raise what making it raises."""
        held = self._of(engine)
        held.users += 1
        try:
            yield held.client
        finally:
            held.users -= 1
            held.used_at = asyncio.get_running_loop().time()
            if len(self._held) > 1:
                await self._tidied()

    def _of(self, engine: E) -> _Held[C]:
        key = _key(engine)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Held(self._made(engine))
        return held

    async def _tidied(self) -> None:
        """Close what nobody uses and no policy that judges now has."""
        before = asyncio.get_running_loop().time() - self._linger
        idle = [key for key, held in self._held.items() if held.users == 0 and held.used_at <= before]
        if not idle:
            return
        wanted = {_key(engine) for engine in self._current()}
        for client in [self._held.pop(key).client for key in idle if key not in wanted]:
            try:
                async with asyncio.timeout(CLOSING):
                    await self._closed(client)
            except Exception as error:  # noqa: BLE001  what is left open must not stop what is asked
                log.warning("a client that is no longer used was not closed: %s", type(error).__name__)


def _key(engine: Configured) -> str:
    return f"{engine.name}/{engine.version}/{engine.config.model_dump_json()}"
