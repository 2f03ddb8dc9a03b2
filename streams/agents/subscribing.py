"""Subscribing: published policies in, a book that is always at what is in force out.

Versions are loaded in a thread beside the stream. A version that does not load changes nothing: the worker goes on
with the last good one of that policy, and says so in the log, in a metric and in its status.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

from streams.adapters.lists import Unreadable
from streams.adapters.policies import Loaded, PolicyErrors, load_from
from streams.adapters.policies import load as load_file
from streams.adapters.published import Published
from streams.adapters.shelf import Shelf
from streams.agents.book import Book
from streams.core.panel import Conflict
from streams.core.policy import PolicyRef
from streams.core.published import RuleReleased
from streams.core.worker_status import Unloaded
from streams.metrics import Metrics

LONGEST: Final = 300.0  # seconds for loading one version: the first one reads the networks from disk
UNKNOWN: Final = 60.0  # seconds for which a version that nobody knows is not looked for again
REASON: Final = 500  # characters of why a version does not load

Keep = Callable[[bytes, bytes | None], Awaitable[None]]

log = logging.getLogger(__name__)


class Follow(Protocol):
    """What reads the topic of policies: runtime/follow."""

    async def start(self) -> None:
        """Read the topic up to its end."""

    async def run(self) -> None:
        """Follow until cancelled."""

    async def stop(self) -> None:
        """Close the connection."""


class Unusable(Exception):
    """No version of a policy in force can be loaded; one line that names it."""

    exit_code: Final = 78  # EX_CONFIG


class Subscriber:
    """Keeps the book of one worker."""

    def __init__(
        self,
        following: Callable[[Keep], Follow],
        fallback: Path | None,
        metrics: Metrics,
        *,
        prepare: Callable[[Loaded], None] = lambda _loaded: None,
    ) -> None:
        """Take what follows the topic, and the file that judges where nothing is published.

        `prepare` is called in the thread with each policy before it judges: what its engines load at their first use.
        """
        self.changed = asyncio.Event()  # set when the book, or what could not be loaded, has changed
        self.on_release: Callable[[RuleReleased], None] = lambda _released: None
        self._published = Published()
        self._follower = following(self._keep)
        self._fallback = fallback
        self._metrics = metrics
        self._prepare = prepare
        self._shelf = Shelf()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="policies")
        self._arrived = asyncio.Event()
        self._heard: tuple[PolicyRef, ...] = ()  # in force, when it was looked last
        self._unloaded: dict[PolicyRef, str] = {}
        self._unknown: dict[PolicyRef, float] = {}  # until when, seconds of the clock
        self._finding = asyncio.Lock()
        self._book: Book | None = None

    @property
    def book(self) -> Book:
        """Return the book; raise LookupError before `start` has made it."""
        if self._book is None:
            raise LookupError("the policies are not read yet")
        return self._book

    @property
    def unloaded(self) -> tuple[Unloaded, ...]:
        """Return the versions in force that this worker cannot judge by, and why."""
        return tuple(Unloaded(ref, reason) for ref, reason in self._unloaded.items())

    async def start(self) -> Book:
        """Return the book of what is in force now. Raises LookupError without the topic, Unusable, PolicyErrors."""
        await self._follower.start()
        self._arrived.clear()
        self._heard = self._published.refs
        loadeds = [loaded async for loaded in self._first()] or [await self._default()]
        self._book = Book(loadeds, older=self._older)
        self._told(loadeds)
        return self._book

    async def run(self) -> None:
        """Keep the book until cancelled."""
        following = asyncio.ensure_future(self._follower.run())
        renewing = asyncio.ensure_future(self._renew())
        try:
            await asyncio.wait({following, renewing}, return_when=asyncio.FIRST_COMPLETED)
            for task in (following, renewing):
                if task.done():
                    task.result()  # neither ends by itself: what it raised ends the worker
        finally:
            for task in (following, renewing):
                task.cancel()
            await asyncio.gather(following, renewing, return_exceptions=True)
            await self._follower.stop()
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _keep(self, key: bytes, value: bytes | None) -> None:
        released = set(self._published.released.values())
        self._published.take(key, value)
        self._arrived.set()
        for one in self._published.released.values():
            if one not in released:
                self.on_release(one)

    async def _renew(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            wanted = self._published.refs
            current = {loaded.policy.ref.id: loaded for loaded in self.book.every}
            if wanted == self._heard and not self._unloaded:
                continue
            self._heard = wanted
            self._unloaded = {ref: why for ref, why in self._unloaded.items() if ref in wanted}
            loadeds = [loaded async for loaded in self._next(wanted, current)] or [await self._default()]
            try:
                self.book.take(loadeds)
            except Conflict as conflict:
                self._refuse(wanted, conflict.lines)
                continue
            self._told(loadeds)

    async def _next(self, wanted: Iterable[PolicyRef], current: dict[str, Loaded]) -> AsyncIterator[Loaded]:
        """Yield what is to judge: the versions in force, or the one before where one does not load."""
        for ref in wanted:
            loaded = self.book.loaded(ref) or await self._try(ref)
            if loaded is not None:
                yield loaded
            elif ref.id in current:
                yield current[ref.id]

    async def _first(self) -> AsyncIterator[Loaded]:
        """Yield what is to judge after a start: where a version does not load, the last one before it that does."""
        for ref in self._published.refs:
            for version in _newest_first(ref, self._published):
                loaded = await self._try(version)
                if loaded is not None:
                    yield loaded
                    break
            else:
                raise Unusable(f"policy {ref.id} {ref.version} cannot be loaded: {self._unloaded[ref]}")
            self._unloaded = {failed: why for failed, why in self._unloaded.items() if failed in self._published.refs}

    async def _default(self) -> Loaded:
        """Return what judges where nothing is published."""
        loaded = await self._beside(lambda: load_file(self._fallback))
        of = f"the file of MODERATION_POLICY, {self._fallback.name}" if self._fallback else "the shipped default policy"
        log.warning("no policy is published: judging by %s, %s %s", of, loaded.policy.ref.id, loaded.policy.ref.version)
        return loaded

    async def _older(self, ref: PolicyRef) -> Loaded | None:
        """Return a version that this worker does not hold; None where nobody knows it or it does not load."""
        async with self._finding:
            if (held := self.book.loaded(ref)) is not None:
                return held
            if self._unknown.get(ref, 0.0) > monotonic():
                return None
            loaded = await self._try(ref) if ref in self._published.versions else None
            if loaded is None:
                self._unloaded = {bad: why for bad, why in self._unloaded.items() if bad in self._published.refs}
                self._unknown[ref] = monotonic() + UNKNOWN
            return loaded

    async def _try(self, ref: PolicyRef) -> Loaded | None:
        """Return a published version; note why where it does not load."""
        try:
            loaded = await self._beside(lambda: self._load(ref))
        except (Unreadable, PolicyErrors) as error:
            self._unloaded[ref] = " ".join(str(error).split())[:REASON]
        except Exception as error:  # noqa: BLE001  another release may have written what this one trips over
            self._unloaded[ref] = f"unexpected {type(error).__name__}"
        else:
            self._unloaded.pop(ref, None)
            return loaded
        log.error("policy %s %s cannot be loaded: %s", ref.id, ref.version, self._unloaded[ref])
        self._metrics.policy_unloaded.labels(ref.id).set(1)
        self.changed.set()
        return None

    def _load(self, ref: PolicyRef) -> Loaded:
        loaded = load_from(self._published.source(ref), ref.version, self._shelf)
        if loaded.policy.ref != ref:
            raise Unreadable(f"the document calls itself {loaded.policy.ref.id}: apply the policy again")
        self._prepare(loaded)
        return loaded

    async def _beside(self, work: Callable[[], Loaded]) -> Loaded:
        async with asyncio.timeout(LONGEST):
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _refuse(self, wanted: Iterable[PolicyRef], why: Iterable[str]) -> None:
        """Go on as before: policies in force claim the same content."""
        reason = "; ".join(why)[:REASON]
        held = {loaded.policy.ref for loaded in self.book.every}
        for ref in wanted:
            if ref not in held:
                self._unloaded[ref] = reason
                self._metrics.policy_unloaded.labels(ref.id).set(1)
        log.error("the policies in force cannot be used together: %s", reason)
        self.changed.set()

    def _told(self, loadeds: Iterable[Loaded]) -> None:
        """Say what judges now, in the log and in the metrics."""
        self._metrics.policy_info.clear()
        self._metrics.policy_unloaded.clear()
        for loaded in loadeds:
            ref = loaded.policy.ref
            self._metrics.policy_info.labels(ref.id, ref.version).set(1)
            log.info("judges by policy %s %s", ref.id, ref.version)
        for ref in self._unloaded:
            self._metrics.policy_unloaded.labels(ref.id).set(1)
        self.changed.set()


def _newest_first(ref: PolicyRef, published: Published) -> Iterator[PolicyRef]:
    seen = dict.fromkeys([ref.version, *(applied.version for applied in published.in_force[ref.id].history)])
    return (PolicyRef(ref.id, version) for version in seen)
