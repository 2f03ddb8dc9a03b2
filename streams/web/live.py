"""What changes, as it changes: one look at the store for all who listen, to each of them what is in his scope.

The store is looked at only while somebody listens. A transaction is seen when it ends, which may be later than its
changes say: each look reaches back a while, and what was told is not told again. Where more changed than anybody would
follow, listeners are told so, and look for themselves.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from anyio import to_thread

from streams.core.rights import Grant, may
from streams.store.failure import Unavailable
from streams.store.rows import Waiting
from streams.store.scope import scope_of
from streams.store.touched import Touched, newest, touched
from streams.web.parts import Parts
from streams.web.problems import Problem

BACK_MS: Final = 15_000  # longer than a transaction that writes takes, and clocks differ
MOST: Final = 100  # changes of one event
WAITING: Final = 32  # events that a listener has not taken yet; then it is told to look for itself
COUNTS_MS: Final = 1000  # between two counts, at least
SHARE: Final = 10  # counting takes at most this part of the time

log = logging.getLogger(__name__)
_encode: Final = msgspec.json.Encoder().encode


class Changes(msgspec.Struct, frozen=True):
    """Items that are new or changed; the event `items`."""

    items: tuple[Touched, ...]
    more: bool = False  # and others: look for yourself


class Numbers(msgspec.Struct, frozen=True):
    """How many items are open; the event `counts`."""

    severities: tuple[Waiting, ...]


@dataclass(eq=False)
class Listener:
    """Somebody who listens."""

    account: str
    grants: tuple[Grant, ...]
    events: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(WAITING))

    def tell(self, event: bytes | None) -> None:
        """Hand an event over; where too many wait, one that says so stands for all of them."""
        if self.events.full():
            while not self.events.empty():
                self.events.get_nowait()
            self.events.put_nowait(told("items", Changes((), more=True)))
        if event is None or not self.events.full():
            self.events.put_nowait(event)


class Live:
    """Looks for changes while somebody listens. Lives in one event loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._listeners: set[Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def close(self) -> None:
        """End all streams: the process stops. From the loop that they run in."""
        self._closed = True
        for listener in self._listeners:
            listener.tell(None)

    def welcome(self, account: str) -> None:
        """Raise Problem 429 for an account that listens often, 503 where many listen or the process stops."""
        limits, later = self._parts.limits, {"Retry-After": "10"}
        if sum(one.account == account for one in self._listeners) >= limits.listeners_of_one:
            raise Problem(429, "Too many pages of this account are open: close some.", headers=later)
        if self._closed or len(self._listeners) >= limits.listeners:
            raise Problem(503, "Too many listen right now.", headers=later)

    @contextmanager
    def listening(self, account: str, grants: tuple[Grant, ...]) -> Iterator[Listener]:
        """Give a listener, who is told what changes from now on."""
        listener = Listener(account, grants)
        self._listeners.add(listener)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def stream(self, listener: Listener, still: Callable[[], bool]) -> AsyncGenerator[bytes]:
        """Yield what a listener is told; a sign of life now and then. It ends when he may not listen any more.

        `still` says whether he may; it may block. A stream ends after a while anyway: browsers come again, and show
        anew who they are.
        """
        limits, loop = self._parts.limits, asyncio.get_running_loop()
        end = loop.time() + limits.stream / 1000
        sign = loop.time() + limits.heartbeat / 1000
        yield b"retry: 2000\n\n"
        while loop.time() < end:
            try:
                event = await asyncio.wait_for(listener.events.get(), max(0.0, min(sign, end) - loop.time()))
            except TimeoutError:
                event = b": here\n\n"
            if event is None:
                return
            if loop.time() >= sign:
                if not await to_thread.run_sync(still):
                    return
                sign = loop.time() + limits.heartbeat / 1000
            yield event

    async def _look(self) -> None:
        limits = self._parts.limits
        look = Look()
        counted_at, cost = float("-inf"), 0.0
        stale = True
        loop = asyncio.get_running_loop()
        while self._listeners and not self._closed:
            if self._parts.stopping():
                self.close()
                break
            try:
                changed, more = await to_thread.run_sync(self._changes, look)
                self._tell(changed, more=more)
                stale = stale or more or bool(changed)
                began = loop.time()
                if stale and began - counted_at >= max(COUNTS_MS / 1000, cost * SHARE):
                    await self._count()
                    counted_at = loop.time()
                    cost, stale = counted_at - began, False
            except Unavailable:
                log.debug("the store does not answer: what changed is looked for again")
            await asyncio.sleep(limits.poll / 1000)

    def _changes(self, look: "Look") -> tuple[list[Touched], bool]:
        with self._parts.database.reading() as connection:
            if look.since is None:
                look.since = newest(connection)
                for one in touched(connection, look.since - BACK_MS, MOST + 1):
                    look.known[one.id] = key_of(one)
                return [], False
            found = touched(connection, look.since - BACK_MS, MOST + 1)
        return look.new(found)

    def _tell(self, changed: list[Touched], *, more: bool) -> None:
        if not changed and not more:
            return
        events: dict[tuple[Grant, ...], bytes | None] = {}
        for listener in list(self._listeners):
            if listener.grants not in events:
                seen = tuple(visible(changed, listener.grants))
                events[listener.grants] = told("items", Changes(seen, more)) if seen or more else None
            event = events[listener.grants]
            if event is not None:
                listener.tell(event)

    async def _count(self) -> None:
        for grants in {listener.grants for listener in self._listeners}:
            event = told("counts", Numbers(await to_thread.run_sync(self._counted, grants)))
            for listener in [one for one in self._listeners if one.grants == grants]:
                listener.tell(event)

    def _counted(self, grants: tuple[Grant, ...]) -> tuple[Waiting, ...]:
        with self._parts.database.reading() as connection:
            return self._parts.tally.counts(connection, scope_of(grants), self._parts.clock()).waiting


@dataclass
class Look:
    """What was seen already."""

    since: int | None = None  # the newest change; None before the first look
    known: dict[int, tuple[Any, ...]] = field(default_factory=dict)  # id -> what was told last

    def new(self, found: list[Touched]) -> tuple[list[Touched], bool]:
        """Return what was not seen yet, oldest first, and whether there may be more than that."""
        fresh = [one for one in found if self.known.get(one.id) != key_of(one)]
        if found:
            self.since = max(self.since or 0, found[0].touched_at)
        self.known = {one.id: key_of(one) for one in found}
        return fresh[:MOST][::-1], len(fresh) > MOST


def key_of(one: Touched) -> tuple[Any, ...]:
    """Return what is different about an item that changed."""
    return one.version, one.touched_at, one.claimed_by, one.claimed_until


def visible(changed: Iterable[Touched], grants: tuple[Grant, ...]) -> Iterable[Touched]:
    """Return the changes that somebody sees."""
    return (one for one in changed if may(grants, "see", one.tenant, one.labels))


def told(event: str, value: Any) -> bytes:
    """Return a server-sent event."""
    return b"event: " + event.encode() + b"\ndata: " + _encode(value) + b"\n\n"
