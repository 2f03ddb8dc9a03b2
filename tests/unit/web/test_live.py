"""What changes is told, to each in his scope."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from streams.core.rights import Grant
from streams.store import claiming
from streams.store.actor import Actor
from streams.store.batch import Batch
from streams.store.taking import take
from streams.web.live import MOST, WAITING, Listener, Live
from streams.web.parts import Limits, Parts
from streams.web.problems import Problem
from tests.unit.store.records import decision, read, triggered
from tests.unit.web.conftest import NOW, Clock, Web

ALL = (Grant("moderator"),)
SCAMS = (Grant("moderator", tenants=("t2",), labels=("scam",)),)
SOON = 10.0  # seconds within which something must be told


@pytest.fixture
def patient(given: Parts) -> Parts:
    """Return parts whose streams go on until a test ends them."""
    return replace(given, limits=Limits(poll=5, heartbeat=60_000))


def took(parts: Parts, *records: Any, offset: int, at: int = NOW) -> None:
    """Take in decisions."""
    with parts.database.writing() as connection:
        take(connection, Batch(decisions=read(*records, offset=offset)), at)


async def told(stream: AsyncIterator[bytes], event: str) -> Any:
    """Return what the next event of a name says."""
    async with asyncio.timeout(SOON):
        async for part in stream:
            name, _, data = part.decode().partition("\n")
            if name == f"event: {event}":
                return json.loads(data.removeprefix("data: "))
    raise AssertionError


async def begun(stream: AsyncIterator[bytes]) -> None:
    """Wait until the store was looked at once: what was there before is not told."""
    await told(stream, "counts")


def still() -> bool:
    """Say that a listener may listen on."""
    return True


async def test_what_is_new_and_what_changed_is_told_and_how_many_are_open(patient: Parts) -> None:
    live = Live(patient)
    took(patient, decision("old"), offset=0)
    with live.listening("a", ALL) as listener:
        async with aclosing(live.stream(listener, still)) as stream:
            await begun(stream)
            took(patient, decision("new", tenant="t2"), offset=1, at=NOW + 5)
            changes = await told(stream, "items")
            assert [(one["user_id"], one["open"], one["labels"]) for one in changes["items"]] == [
                ("u1", True, ["scam"])
            ]
            assert "content" not in json.dumps(changes)
            numbers = await told(stream, "counts")
            assert sum(one["open"] for one in numbers["severities"]) == 2
            with patient.database.writing() as connection:
                claiming.claim(connection, Actor("a", ALL), changes["items"][0]["id"], now=NOW + 6)
            again = await told(stream, "items")
            assert [one["claimed_by"] for one in again["items"]] == ["a"]


async def test_only_what_is_in_scope_is_told(patient: Parts) -> None:
    live = Live(patient)
    with live.listening("a", ALL) as everybody, live.listening("b", SCAMS) as some:
        async with aclosing(live.stream(everybody, still)) as wide, aclosing(live.stream(some, still)) as narrow:
            await begun(wide)
            await begun(narrow)
            took(patient, decision("m1", tenant="t1"), offset=0)
            took(patient, decision("m2", tenant="t2", triggered=(triggered(label="drugs"),)), offset=1)
            took(patient, decision("m3", tenant="t2"), offset=2)
            seen: list[int] = []
            while len(seen) < 3:
                seen += [one["id"] for one in (await told(wide, "items"))["items"]]
            assert [one["id"] for one in (await told(narrow, "items"))["items"]] == [seen[-1]]


async def test_a_change_that_is_seen_late_is_told_all_the_same(patient: Parts) -> None:
    live = Live(patient)
    with live.listening("a", ALL) as listener:
        async with aclosing(live.stream(listener, still)) as stream:
            await begun(stream)
            took(patient, decision("quick"), offset=0, at=NOW + 5000)
            first = await told(stream, "items")
            took(patient, decision("slow"), offset=1, at=NOW)  # its transaction began before, and ended now
            second = await told(stream, "items")
            assert first["items"][0]["id"] != second["items"][0]["id"]
            assert second["items"][0]["touched_at"] < first["items"][0]["touched_at"]


async def test_where_too_much_changed_a_page_is_told_to_look(patient: Parts) -> None:
    live = Live(patient)
    with live.listening("a", ALL) as listener:
        async with aclosing(live.stream(listener, still)) as stream:
            await begun(stream)
            took(patient, *(decision(f"m{number}") for number in range(MOST + 50)), offset=0)
            changes = await told(stream, "items")
            assert changes["more"] is True
            assert len(changes["items"]) == MOST


async def test_who_does_not_listen_is_told_to_look_and_costs_no_memory() -> None:
    listener = Listener("a", ALL)
    for number in range(WAITING + 10):
        listener.tell(b"%d" % number)
    waiting = [listener.events.get_nowait() for _ in range(listener.events.qsize())]
    assert len(waiting) <= WAITING
    assert b'"more":true' in (waiting[0] or b"")


async def test_nobody_looks_while_nobody_listens(patient: Parts) -> None:
    live = Live(patient)
    with live.listening("a", ALL) as listener:
        async with aclosing(live.stream(listener, still)) as stream:
            await begun(stream)
        looking = live._looking
        assert looking is not None
    async with asyncio.timeout(SOON):
        await looking


async def test_a_listener_whose_session_ended_is_told_no_more(patient: Parts) -> None:
    quick = replace(patient, limits=Limits(poll=5, heartbeat=5))
    live = Live(quick)
    with live.listening("a", ALL) as listener:
        async with asyncio.timeout(SOON):
            heard = [part async for part in live.stream(listener, lambda: False)]
    assert heard[0].startswith(b"retry:")


async def test_a_process_that_stops_ends_all_streams(patient: Parts) -> None:
    stopping: list[bool] = []
    live = Live(replace(patient, stopping=lambda: bool(stopping)))
    with live.listening("a", ALL) as listener:
        async with aclosing(live.stream(listener, still)) as stream:
            await begun(stream)
            stopping.append(True)
            async with asyncio.timeout(SOON):
                assert [part async for part in stream if part.startswith(b"event: items")] == []
    with pytest.raises(Problem, match="503"):
        live.welcome("a")


async def test_an_account_listens_a_few_times_and_a_process_serves_so_many(given: Parts) -> None:
    live = Live(replace(given, limits=Limits(listeners=3, listeners_of_one=2)))
    with live.listening("a", ALL), live.listening("a", ALL):
        with pytest.raises(Problem, match="429"):
            live.welcome("a")
        live.welcome("b")
        with live.listening("b", ALL), pytest.raises(Problem, match="503"):
            live.welcome("c")
    live.welcome("a")


def test_a_stream_is_not_buffered_and_ends_by_itself(web: Web, clock: Clock) -> None:
    answer = web.browser("moderator").get("/api/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.text.startswith("retry: 2000\n\n")
    assert ": here\n\n" in answer.text
    assert clock.now == NOW
