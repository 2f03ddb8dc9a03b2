from collections.abc import Callable
from threading import Event, Thread

import pytest

from streams.review.health import Health
from streams.review.standing_by import Lease, Lost, standing_by
from streams.store.database import Database
from streams.store.failure import Unavailable
from tests.unit.review.conftest import Clock

Leases = Callable[[str], Lease]


def test_a_work_is_done_until_the_stop_and_the_lease_is_given_back(lease: Leases, health: Health) -> None:
    stop = Event()
    done: list[str] = []

    def work() -> None:
        done.append("ada")
        stop.set()

    standing_by(lease("ada"), stop, health, work)
    assert done == ["ada"]
    lease("bob").keep()  # at once


def test_who_stands_by_goes_on_when_the_holder_lets_go(lease: Leases) -> None:
    first, second = lease("ada"), lease("bob")
    first.keep()
    with pytest.raises(Lost):
        second.keep()
    first.let_go()
    second.keep()


def test_who_stands_by_goes_on_when_the_holder_is_gone(lease: Leases, clock: Clock) -> None:
    lease("ada").keep()
    clock.now += 7_999
    with pytest.raises(Lost):
        lease("bob").keep()
    clock.now += 1
    lease("bob").keep()


def test_a_transaction_of_who_lost_the_lease_does_not_count(lease: Leases, database: Database, clock: Clock) -> None:
    late = lease("ada")
    late.keep()
    clock.now += 8_000
    lease("bob").keep()
    with pytest.raises(Lost), database.writing() as writing:
        late.keep_in(writing)


def test_a_lease_that_was_lost_is_asked_for_again_at_once(lease: Leases, database: Database, clock: Clock) -> None:
    late, other = lease("ada"), lease("bob")
    late.keep()
    clock.now += 8_000
    other.keep()
    with pytest.raises(Lost), database.writing() as writing:
        late.keep_in(writing)
    with pytest.raises(Lost):
        late.keep()


def test_an_unavailable_database_is_told_and_waited_for(lease: Leases, health: Health) -> None:
    stop = Event()
    told: list[dict[str, str]] = []

    def work() -> None:
        told.append(health.wrong)
        if len(told) == 3:
            health.well("work")
            stop.set()
            return
        raise Unavailable("the database: it is full: try again")

    thread = Thread(target=standing_by, args=[lease("ada"), stop, health, work])
    thread.start()
    thread.join(10)
    assert not thread.is_alive()
    assert told == [
        {},
        {"work": "the database: it is full: try again"},
        {"work": "the database: it is full: try again"},
    ]
    assert health.ready()
