"""Moderators act at the same time: every act is one ruling, one record on its way, one audit record, one version."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from streams.core.audit import body_read
from streams.core.rights import Grant
from streams.core.ruling import Ruling
from streams.store.acting import Wish
from streams.store.actor import Acted, Actor
from streams.store.bulk import Selection, bulk
from streams.store.checking import checked
from streams.store.claiming import claim, release
from streams.store.database import Database
from streams.store.not_done import Changed, NotDone
from streams.store.noting import note
from streams.store.ordering import order_user
from streams.store.tables import audit, audit_text, item, ruling
from tests.unit.store.acts import NOW, approve, deescalate, escalate, opened, override, rows, sent, undo
from tests.unit.store.records import decision

THREADS = 6
ACTS = 15  # of each


@pytest.mark.parametrize("seed", [1, 2])
def test_any_acts_at_once_leave_one_trace_each(database: Database, seed: int) -> None:
    ids = opened(database, *(decision(f"m{number}") for number in range(3)))
    start = Barrier(THREADS)

    def moderate(thread: int) -> list[Acted]:
        chance = Random(f"{seed} {thread}")
        actor = Actor(f"a{thread}", (Grant("admin"),))
        start.wait(timeout=30)
        done = []
        for _ in range(ACTS):
            one, name = chance.choice(ids), str(UUID(int=chance.getrandbits(128)))
            on: Any = {"actor": actor, "item_id": one, "now": NOW}
            ruled: Any = on | {"version": None, "ruling_id": name, "reason": f"because {name}"}
            acts: list[Callable[[Connection], Acted]] = [
                partial(approve, **ruled),
                partial(undo, **ruled),
                partial(override, **ruled, action="block"),
                partial(escalate, **ruled, priority=1),
                partial(deescalate, **ruled),
                partial(note, **on, text=name),
                partial(claim, **on),
                partial(release, **on),
            ]
            act = chance.choice(acts)
            for _ in range(chance.choice([1, 1, 2])):  # some are sent twice
                try:
                    with database.writing() as connection:
                        done.append(act(connection))
                except NotDone:
                    continue
        return done

    with ThreadPoolExecutor(THREADS) as pool:
        acted = [each for done in pool.map(moderate, range(THREADS)) for each in done]

    ruled = {each.ruling_id for each in acted if each.ruling_id is not None}
    bodies = [body_read(row.body) for row in rows(database, audit)]
    assert Counter(row.id for row in rows(database, ruling)) == Counter(ruled)
    assert Counter(one.ruling_id for one in sent(database) if isinstance(one, Ruling)) == Counter(ruled)
    assert Counter(body.id for body in bodies if body.id is not None) == Counter(ruled)
    for row in rows(database, item):
        own = sorted(body.version or 0 for body in bodies if body.item_id == row.id)
        assert own == list(range(2, row.version + 1))
    with database.reading() as connection:
        found = checked(connection, "acts", ())
    assert (found.broken, found.records, found.erased) == (None, len(bodies), 0)
    assert len(rows(database, audit_text)) == found.texts
    # what is sent is sent in the order of the log
    assert [one.ruling_id for one in sent(database) if isinstance(one, Ruling)] == [
        body.id for body in sorted(bodies, key=lambda body: body.seq) if body.id is not None
    ]


def test_of_two_who_saw_the_same_one_comes_late(database: Database) -> None:
    (one,) = opened(database)
    start = Barrier(THREADS)

    def ruled(thread: int) -> bool:
        start.wait(timeout=30)
        try:
            with database.writing() as connection:
                approve(
                    connection, Actor(f"a{thread}", (Grant("admin"),)), one, version=1, ruling_id=f"r{thread}", now=1
                )
        except Changed:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(pool.map(ruled, range(THREADS))) == 1
    assert len(rows(database, ruling)) == len(sent(database)) == 1


def test_the_same_act_sent_many_times_at_once_is_one(database: Database) -> None:
    one, *_ = opened(database, *(decision(f"m{number}") for number in range(4)))
    actor, start = Actor("ada", (Grant("admin"),)), Barrier(THREADS)

    def repeat(thread: int) -> object:
        start.wait(timeout=30)
        with database.writing() as connection:
            match thread % 3:
                case 0:
                    return order_user(connection, actor, "u1", "restrict", order_id="o1", now=NOW)
                case _:
                    selection = Selection(like="author", item_id=one)
                    wish = Wish("override", "block", reason="wave")
                    return bulk(connection, actor, selection, wish, bulk_id="b1", expected=4, now=NOW)

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(repeat, range(THREADS)))

    assert results[1] == results[2] == results[4] == results[5]
    assert len(sent(database)) == len(rows(database, audit)) == 5
