"""Publishing on a real broker."""

import asyncio
import threading
from functools import partial

import pytest

from streams.adapters.log import LogError
from streams.adapters.published import Published
from streams.adapters.publishing import publish, published
from streams.core.applying import in_force
from streams.core.policy import PolicyRef
from streams.core.published import PolicyVersion, PublishedRecord
from streams.settings import Settings
from tests.system.place import COMPACT, Place

pytestmark = pytest.mark.system


def settings_of(place: Place) -> Settings:
    """Return settings with the topics of this test alone."""
    return Settings(bootstrap=place.bootstrap, topic_prefix=place.prefix)


def applied(found: Published, name: str, version: str) -> list[PublishedRecord]:
    """Return the records that put a version in force."""
    ref = PolicyRef(name, version)
    return [
        PolicyVersion(name, version, f"id: {name}"),
        in_force(found.in_force.get(name), ref, by="test", note=None, now=1),
    ]


async def test_of_two_who_publish_at_once_none_is_lost(place: Place) -> None:
    place.create(f"{place.prefix}policies", partitions=2, **COMPACT)
    settings, rounds = settings_of(place), 5
    together = threading.Barrier(3)

    def apply(name: str) -> None:
        together.wait(20)
        for number in range(rounds):
            publish(settings, partial(applied, name=name, version=f"v{number}"))

    async with asyncio.timeout(60):
        await asyncio.gather(*(asyncio.to_thread(apply, name) for name in ("one", "two", "three")))
    found = published(settings)

    assert {name: current.version for name, current in found.in_force.items()} == dict.fromkeys(
        ("one", "two", "three"), f"v{rounds - 1}"
    )
    for current in found.in_force.values():
        assert [applied.version for applied in current.history] == [f"v{n}" for n in reversed(range(rounds - 1))]


async def test_a_missing_topic_is_said_with_what_to_do(place: Place) -> None:
    with pytest.raises(LogError, match=r"policies does not exist: create it with `moderation topics apply`"):
        await asyncio.to_thread(publish, settings_of(place), lambda _: [])
