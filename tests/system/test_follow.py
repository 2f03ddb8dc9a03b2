"""Followers of compacted topics on a real broker."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaProducer

from streams.runtime.follow import Follower
from tests.system.place import COMPACT, SMALL_SEGMENTS, Place

pytestmark = pytest.mark.system


async def test_two_followers_have_a_topic_whole_and_see_changes_within_a_second(place: Place) -> None:
    topic = f"{place.prefix}policies"
    place.create(topic, partitions=3, **SMALL_SEGMENTS)
    place.produce(topic, [(f"p{number}", "old") for number in range(500)])
    seen: asyncio.Queue[tuple[bytes, bytes | None]] = asyncio.Queue()
    followers = [Follower(topic, place.connection, lambda key, value: seen.put_nowait((key, value))) for _ in range(2)]
    try:
        for follower in followers:
            await follower.start()
            assert follower.values == {b"p%d" % number: b"old" for number in range(500)}
        running = [asyncio.create_task(follower.run()) for follower in followers]
        started = time.monotonic()
        place.produce(topic, {"p1": 2, "p2": None})
        async with asyncio.timeout(10):
            told = [await seen.get() for _ in range(4)]
        assert time.monotonic() - started < 1 + 1  # a second, and the time to produce
        assert sorted(told, key=lambda change: change[0]) == [(b"p1", b"2")] * 2 + [(b"p2", None)] * 2
        for follower, task in zip(followers, running, strict=True):
            assert follower.values[b"p1"] == b"2"
            assert b"p2" not in follower.values
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    finally:
        for follower in followers:
            await follower.stop()


async def test_who_keeps_the_values_hears_of_each_from_the_beginning(place: Place) -> None:
    topic = f"{place.prefix}judged"
    place.create(topic, **SMALL_SEGMENTS)
    place.produce(topic, [("p1", "old"), ("p2", "old")])
    kept: asyncio.Queue[tuple[bytes, bytes | None]] = asyncio.Queue()

    async def keep(key: bytes, value: bytes | None) -> None:
        await kept.put((key, value))

    follower = Follower(topic, place.connection, keep=keep)
    try:
        await follower.start()
        assert [kept.get_nowait() for _ in range(2)] == [(b"p1", b"old"), (b"p2", b"old")]
        running = asyncio.create_task(follower.run())
        place.produce(topic, {"p1": None})
        async with asyncio.timeout(10):
            assert await kept.get() == (b"p1", None)
        assert follower.values == {}
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    finally:
        await follower.stop()


async def test_a_follower_of_a_topic_that_is_not_there_says_so(place: Place) -> None:
    follower = Follower(f"{place.prefix}nowhere", place.connection)
    try:
        with pytest.raises(LookupError, match=r"nowhere does not exist"):
            await follower.start()
    finally:
        await follower.stop()


async def test_a_follower_sees_no_aborted_record(place: Place) -> None:
    topic = f"{place.prefix}policies"
    place.create(topic, **COMPACT)
    producer = AIOKafkaProducer(**place.connection, transactional_id=place.prefix)
    await producer.start()
    for value, commits in ((b"kept", True), (b"dropped", False)):
        await producer.begin_transaction()
        await producer.send_and_wait(topic, value, key=b"p", partition=0)
        await (producer.commit_transaction() if commits else producer.abort_transaction())
    await producer.stop()
    follower = Follower(topic, place.connection)
    try:
        async with asyncio.timeout(20):
            await follower.start()
        assert follower.values == {b"p": b"kept"}
    finally:
        await follower.stop()
