"""Which inline engines answer as they did: a policy version in, the engines that it has in common with another one out.

Both are loaded from one shelf: an engine whose configuration, files and version are the same is the same object.
"""

from streams.adapters.lists import Unreadable
from streams.adapters.policies import Loaded, PolicyErrors, load_from
from streams.adapters.published import Published
from streams.adapters.shelf import Shelf
from streams.adapters.sources import Source
from streams.core.policy import PolicyRef


class Unchanged:
    """Compares versions with a loaded policy, each once. The shelf is the one that the policy was loaded from."""

    def __init__(self, loaded: Loaded, shelf: Shelf, published: Published, *others: Source) -> None:
        """Take the versions that were published, and sources of policies that were in force without being published."""
        self._loaded = loaded
        self._shelf = shelf
        self._published = published
        self._others = others
        self._engines: dict[PolicyRef, frozenset[str]] = {loaded.policy.ref: self._common(loaded)}
        self.unknown: set[PolicyRef] = set()  # versions that nobody has any more: their engines count as changed

    def __call__(self, ref: PolicyRef) -> frozenset[str]:
        """Return the names of the inline engines that are the same in a version."""
        found = self._engines.get(ref)
        if found is None:
            found = self._engines[ref] = self._compared(ref)
        return found

    def _compared(self, ref: PolicyRef) -> frozenset[str]:
        for loaded in self._sources(ref):
            if loaded.policy.ref == ref:
                return self._common(loaded)
        self.unknown.add(ref)
        return frozenset()

    def _sources(self, ref: PolicyRef) -> "list[Loaded]":
        found = []
        try:
            found.append(load_from(self._published.source(ref), ref.version, self._shelf))
        except (Unreadable, PolicyErrors):  # another release cannot read it, or it is gone: the engines are asked again
            for other in self._others:
                try:
                    found.append(load_from(other, shelf=self._shelf))
                except PolicyErrors:
                    continue
        return found

    def _common(self, loaded: Loaded) -> frozenset[str]:
        mine = {id(engine) for engine in self._loaded.inline}
        return frozenset(engine.name for engine in loaded.inline if id(engine) in mine)
