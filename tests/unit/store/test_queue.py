import threading
from contextlib import ExitStack
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streams.core.queue_filter import Filter
from streams.store.cursor import ForeignCursor
from streams.store.database import Database
from streams.store.queue import next_item, page
from streams.store.scope import EVERYTHING, Scope
from tests.unit.store import stored
from tests.unit.store.stored import NOW, Row, drawn, in_order, passes, put, seen

LEASE = 60_000
# The store of a test is filled once and then only read.
MANY = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.one_of(st.just(()), st.lists(st.sampled_from((*values, "other")), max_size=3).map(tuple))


def rarely(values: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(st.none(), st.none(), values)


CONFIDENCES = st.sampled_from((0.0, 49.9, 50.0, 94.9, 95.0, 100.0))
TIMES = st.integers(NOW - 6, NOW + 1)
FILTERS = st.builds(
    Filter,
    status=st.sampled_from(("open", "closed", "all")),
    labels=some(stored.LABELS),
    severities=st.lists(st.sampled_from(("none", "low", "medium", "high", "critical")), max_size=2).map(tuple),
    min_confidence=rarely(CONFIDENCES),
    max_confidence=rarely(CONFIDENCES),
    actions=some(stored.ACTIONS),
    engines=some(stored.ENGINES),
    rules=some((*stored.RULES, "blocklist.terms", "image_model.links")),
    kinds=st.lists(st.sampled_from(stored.KINDS), max_size=2).map(tuple),
    tenants=some(stored.TENANTS),
    user=rarely(st.sampled_from(stored.USERS)),
    conversation=rarely(st.sampled_from(stored.CONVERSATIONS)),
    content=st.one_of(*[st.none()] * 9, st.just("content-7")),
    languages=some(stored.LANGUAGES),
    policy=rarely(st.sampled_from(("default", "strict"))),
    assigned=rarely(st.sampled_from(("nobody", *stored.ACCOUNTS))),
    claimed=rarely(st.sampled_from(("nobody", "anybody", "me"))),
    escalated=rarely(st.booleans()),
    since=rarely(TIMES),
    until=rarely(TIMES),
    text=rarely(st.sampled_from(("free", "FREE money", "привет", "example", "bold b", "100", "''", "i*", "你好"))),
    media=st.booleans(),
)
# Fields that nobody filled in most of the time, so that something is left.
MILD = st.tuples(FILTERS, st.sets(st.sampled_from(Filter.__struct_fields__), min_size=16)).map(
    lambda drawn: Filter(**{name: getattr(drawn[0], name) for name in Filter.__struct_fields__ if name not in drawn[1]})
)
PARTS = st.builds(Scope, st.one_of(st.none(), some(("", "a"))), st.one_of(st.none(), some(("scam", "explicit"))))
SCOPES = st.one_of(
    st.just(EVERYTHING), st.builds(Scope, PARTS.map(lambda part: part.tenants), st.none(), st.tuples(PARTS)), PARTS
)


@pytest.fixture
def filled(database: Database) -> tuple[Database, list[Row]]:
    with database.writing() as connection:
        rows = drawn(connection, 60, Random(5))
    return database, rows


def walked(database: Database, scope: Scope, wanted: Filter, limit: int) -> list[int]:
    ids: list[int] = []
    cursor = None
    with database.reading() as connection:
        while True:
            found = page(connection, scope, wanted, cursor, limit, "ann", NOW)
            assert 0 < len(found.rows) <= limit or cursor is None
            ids += [row.id for row in found.rows]
            cursor = found.next
            if cursor is None:
                return ids


@MANY
@given(wanted=MILD, scope=SCOPES, limit=st.sampled_from((3, 7, 200)))
def test_pages_one_after_another_are_what_passes_the_filter_in_order(
    filled: tuple[Database, list[Row]], wanted: Filter, scope: Scope, limit: int
) -> None:
    database, rows = filled
    expected = in_order((row for row in rows if seen(row, scope) and passes(row, wanted, "ann", NOW)), wanted)
    assert walked(database, scope, wanted, limit) == expected


def test_a_row_shows_what_the_list_needs(database: Database) -> None:
    found = [("blocklist", "terms", "scam"), ("text_model", "scam", "scam"), ("text_model", "spam", "spam")]
    with database.writing() as connection:
        put(connection, 3, text="x" * 1000, found=found, confidence=81.5, hashes=[("f" * 64, None)] * 2, severity=0)
        put(connection, 4, escalated=1, priority=2, claimed_by="ann", claimed_until=NOW + 5, assigned_to="bob")
    with database.reading() as connection:
        second, first = page(connection, EVERYTHING, Filter(), None, 10, "ann", NOW).rows
    assert (first.id, first.text, first.labels, first.media) == (3, "x" * 280, ("scam", "spam"), 2)
    assert (first.severity, first.confidence, first.found_by, first.open) == (None, 81.5, 2, True)
    assert (second.id, second.escalated, second.priority, second.severity) == (4, True, 2, "medium")
    assert (second.claimed_by, second.claimed_until, second.assigned_to) == ("ann", NOW + 5, "bob")


def test_a_cursor_of_another_filter_is_refused(database: Database) -> None:
    with database.writing() as connection:
        for number in range(3):
            put(connection, number + 1)
    with database.reading() as connection:
        cursor = page(connection, EVERYTHING, Filter(), None, 1, "ann", NOW).next
        with pytest.raises(ForeignCursor, match="another question"):
            page(connection, EVERYTHING, Filter(labels=("scam",)), cursor, 1, "ann", NOW)
        with pytest.raises(ForeignCursor, match="none of ours"):
            page(connection, EVERYTHING, Filter(), "nonsense", 1, "ann", NOW)


def test_a_page_has_a_row_and_not_too_many(database: Database) -> None:
    with database.reading() as connection:
        for limit in (0, -1, 201):
            with pytest.raises(ValueError, match="1 to 200"):
                page(connection, EVERYTHING, Filter(), None, limit, "ann", NOW)


@MANY
@given(wanted=MILD, scope=SCOPES)
def test_the_next_item_is_the_worst_open_one_that_nobody_holds(
    filled: tuple[Database, list[Row]], wanted: Filter, scope: Scope
) -> None:
    database, rows = filled
    opened = Filter(**{name: getattr(wanted, name) for name in Filter.__struct_fields__ if name != "status"})
    free = [row for row in rows if row["claimed_until"] <= NOW and seen(row, scope) and passes(row, opened, "ann", NOW)]
    with ExitStack() as undone:
        connection = undone.enter_context(database.writing())
        given_out = next_item(connection, scope, wanted, "ann", LEASE, NOW)
        connection.rollback()
    assert given_out == next(iter(in_order(free, opened)), None)


def test_the_next_item_is_claimed_until_the_lease_is_over(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1)
    with database.writing() as connection:
        assert next_item(connection, EVERYTHING, Filter(), "ann", LEASE, NOW) == 1
    with database.writing() as connection:
        assert next_item(connection, EVERYTHING, Filter(), "ann", LEASE, NOW) is None
        assert next_item(connection, EVERYTHING, Filter(), "bob", LEASE, NOW + LEASE - 1) is None
        held = page(connection, EVERYTHING, Filter(claimed="me"), None, 9, "ann", NOW).rows
        assert [(row.claimed_by, row.claimed_until, row.version) for row in held] == [("ann", NOW + LEASE, 1)]
        assert next_item(connection, EVERYTHING, Filter(), "bob", LEASE, NOW + LEASE) == 1


def test_many_who_ask_at_once_get_each_item_once(database: Database) -> None:
    with database.writing() as connection:
        for number in range(1, 61):
            put(connection, number, opened_at=NOW)
    taken: list[int] = []
    start = threading.Barrier(8)

    def work(account: str) -> None:
        start.wait(10)
        while True:
            with database.writing() as connection:
                given_out = next_item(connection, EVERYTHING, Filter(), account, LEASE, NOW)
            if given_out is None:
                return
            taken.append(given_out)

    threads = [threading.Thread(target=work, args=(f"account-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(taken) == list(range(1, 61))
