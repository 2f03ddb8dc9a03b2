"""The book: the policies that a worker judges by now, and those versions that it has judged by."""

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Final

from streams.adapters.policies import Loaded
from streams.core.panel import Panel, Panels
from streams.core.policy import PolicyRef

# How long a version that judges no more is held: an open case may name it until its deadline, and this much longer
# while a partition that lags catches up. What is asked for later is loaded again.
MARGIN: Final = 600.0  # seconds


async def unheard(_: PolicyRef) -> Loaded | None:
    """Know no older version."""
    return None


class Book:
    """The policies of one worker. They change between batches: whoever judges reads `panels` once for each batch."""

    def __init__(
        self,
        loadeds: Sequence[Loaded],
        older: Callable[[PolicyRef], Awaitable[Loaded | None]] = unheard,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Take what loads versions that this worker does not hold, and a clock in seconds.

        Raise Conflict where two policies that are equally specific claim the same content.
        """
        self._older = older
        self._clock = clock
        self._known: dict[PolicyRef, Loaded] = {}
        self._idle: dict[PolicyRef, float] = {}  # held and not current -> since when
        self._current: dict[str, Loaded] = {}
        self.take(loadeds)

    def take(self, loadeds: Sequence[Loaded]) -> None:
        """Judge by these policies from the next batch on; raise Conflict, and change nothing, where they overlap."""
        self.panels = Panels([Panel(loaded.policy, loaded.inline) for loaded in loadeds])
        self._current = {loaded.policy.ref.id: loaded for loaded in loadeds}
        self._known |= {loaded.policy.ref: loaded for loaded in loadeds}
        self._forget({loaded.policy.ref for loaded in loadeds})

    @property
    def every(self) -> tuple[Loaded, ...]:
        """Return the policies that judge now, in the order in which they were taken."""
        return tuple(self._current.values())

    def current(self, policy_id: str) -> Loaded | None:
        """Return the version of a policy that judges now."""
        return self._current.get(policy_id)

    def loaded(self, ref: PolicyRef) -> Loaded | None:
        """Return a version that judges now or has judged; None where this worker does not hold it."""
        return self._known.get(ref)

    async def find(self, ref: PolicyRef) -> Loaded | None:
        """Return a version, loaded again where it was forgotten; None where nobody knows it."""
        found = self.loaded(ref) or await self._older(ref)
        if found is not None and ref not in self._known:
            self._known[ref], self._idle[ref] = found, self._clock()
        return found

    def _forget(self, current: set[PolicyRef]) -> None:
        """Let go of versions that no open case can name any more."""
        now = self._clock()
        self._idle = {ref: self._idle.get(ref, now) for ref in self._known.keys() - current}
        for ref, since in list(self._idle.items()):
            if now - since > self._known[ref].policy.deadline_ms / 1000 + MARGIN:
                del self._known[ref], self._idle[ref]
