from functools import partial

import pytest

from streams.core.audit import body_read
from streams.core.rights import Grant
from streams.core.verdict import StandingOrder
from streams.store.actor import Actor
from streams.store.database import Database
from streams.store.not_done import Forbidden, NotThere, Wrong
from streams.store.ordering import Ordered, order_user
from streams.store.tables import audit, audit_text, outbox
from tests.unit.store.acts import ADMIN, MODERATOR, NOW, SENIOR, STRANGER, opened, rows, sent


def test_a_restriction_goes_to_the_standing_and_into_the_log(database: Database) -> None:
    with database.writing() as connection:
        ordered = order_user(
            connection,
            SENIOR,
            "u1",
            "restrict",
            order_id="o1",
            restriction="mute",
            until=NOW + 5,
            why="a canary sang",
            now=NOW,
        )

    assert ordered == Ordered("u1", "o1")
    order = StandingOrder("u1", "o1", "restrict", NOW, "sven", "a canary sang", "mute", NOW + 5)
    assert sent(database) == [order]
    (row,) = rows(database, outbox)
    assert (row.topic, row.key, row.record, row.name, row.subject) == ("verdicts", b"u1", "standing_order", "o1", "u1")
    (record,) = rows(database, audit)
    body = body_read(record.body)
    assert (body.act, body.by, body.user_id, body.id, body.restriction, body.until) == (
        *("restrict", "sven", "u1", "o1", "mute"),
        NOW + 5,
    )
    assert "canary" not in record.body
    assert [text.text for text in rows(database, audit_text)] == ["a canary sang"]


def test_a_release_names_no_restriction(database: Database) -> None:
    with database.writing() as connection:
        order_user(connection, SENIOR, "u1", "release", order_id="o1", until=NOW + 5, now=NOW)

    assert sent(database) == [StandingOrder("u1", "o1", "release", NOW, "sven")]


def test_the_same_order_twice_is_one(database: Database) -> None:
    for now in (NOW, NOW + 1000):
        with database.writing() as connection:
            order_user(connection, SENIOR, "u1", "restrict", order_id='o_1"%', now=now)
    with database.writing() as connection:
        order_user(connection, SENIOR, "u1", "restrict", order_id='ox1"%', now=NOW)

    assert len(rows(database, audit)) == len(sent(database)) == 2


def test_who_has_a_part_orders_about_users_of_that_part(database: Database) -> None:
    opened(database)
    some = Actor("sara", (Grant("senior", tenants=("t1",), labels=("scam",)), Grant("moderator")))
    order = partial(order_user, order="restrict", order_id="o1", now=NOW)

    with database.writing() as connection:
        order(connection, some, "u1")
        with pytest.raises(NotThere):
            order(connection, some, "u2")
        with pytest.raises(NotThere):
            order(connection, STRANGER, "u1")
        with pytest.raises(Forbidden):
            order(connection, MODERATOR, "u1")
        order_user(connection, ADMIN, "u2", "restrict", order_id="o2", now=NOW)

    assert len(sent(database)) == 2


def test_what_is_no_order_is_refused(database: Database) -> None:
    order = partial(order_user, actor=SENIOR, order="restrict", order_id="o1", now=NOW)

    with database.writing() as connection:
        for user, more in (
            ("", {}),
            ("u" * 257, {}),
            ("u\0", {}),
            ("u1", {"order_id": "\ud800"}),
            ("u1", {"order_id": ""}),
            ("u1", {"order": "forget"}),
            ("u1", {"order": "trust"}),
            ("u1", {"until": NOW}),
            ("u1", {"until": 10**18}),
            ("u1", {"why": "x" * 257}),
        ):
            with pytest.raises(Wrong):
                order(connection, user_id=user, **more)
    assert rows(database, audit) == []
