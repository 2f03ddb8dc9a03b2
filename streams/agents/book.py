"""The book: the policies that a worker judges by now, and those versions that it has judged by."""

from collections.abc import Sequence

from streams.adapters.policies import Loaded
from streams.core.panel import Panel, Panels
from streams.core.policy import PolicyRef


class Book:
    """The policies of one worker. They change between batches: whoever judges reads `panels` once for each batch."""

    def __init__(self, loadeds: Sequence[Loaded]) -> None:
        """Raise Conflict where two policies that are equally specific claim the same content."""
        self._known: dict[PolicyRef, Loaded] = {}
        self._current: dict[str, Loaded] = {}
        self.take(loadeds)

    def take(self, loadeds: Sequence[Loaded]) -> None:
        """Judge by these policies from the next batch on; raise Conflict, and change nothing, where they overlap."""
        self.panels = Panels([Panel(loaded.policy, loaded.inline) for loaded in loadeds])
        self._current = {loaded.policy.ref.id: loaded for loaded in loadeds}
        self._known |= {loaded.policy.ref: loaded for loaded in loadeds}

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
        """Return a version, None where nobody knows it."""
        return self.loaded(ref)
