from sqlalchemy import insert, update

from streams.store import tables
from streams.store.counting import Tally, counts
from streams.store.database import Database
from streams.store.scope import EVERYTHING, Scope
from tests.unit.store.stored import NOW, put

WORST_FIRST = ["critical", "high", "medium", "low", None]


def test_open_items_are_counted_by_severity_with_the_age_of_the_oldest(database: Database) -> None:
    with database.writing() as connection:
        for number, (severity, opened_at, is_open) in enumerate(
            ((4, 30, 1), (4, 20, 1), (3, 10, 0), (0, 7, 1), (1, 9, 1)), start=1
        ):
            put(connection, number, severity=severity, opened_at=opened_at, open=is_open)
    with database.reading() as connection:
        found = counts(connection, EVERYTHING)
    assert [each.severity for each in found] == WORST_FIRST
    assert [(each.open, each.oldest) for each in found] == [(2, 20), (0, None), (0, None), (1, 9), (1, 7)]


def test_an_item_with_two_labels_of_a_scope_counts_once(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1, found=[("a", "x", "scam"), ("b", "y", "spam"), ("b", "z", "spam")], tenant="t")
        put(connection, 2, found=[("a", "x", "drugs")], tenant="t")
        put(connection, 3, found=[("a", "x", "spam")], tenant="other")
    with database.reading() as connection:
        assert sum(each.open for each in counts(connection, Scope(("t",), ("scam", "spam")))) == 1
        assert sum(each.open for each in counts(connection, Scope(None, ("scam", "spam")))) == 2
        assert sum(each.open for each in counts(connection, Scope(("t",), None, (Scope(None, ("spam",)),)))) == 3


def test_few_items_are_counted_every_time(database: Database) -> None:
    tally = Tally()
    for number in (1, 2):
        with database.writing() as connection:
            put(connection, number)
            counted = tally.counts(connection, EVERYTHING, NOW)
        assert (sum(each.open for each in counted.waiting), counted.at) == (number, NOW)


def test_of_many_items_the_number_is_kept_for_a_while(database: Database) -> None:
    tally = Tally(few=1000)
    with database.writing() as connection:
        row = put(connection, 1)
        shared = {name: value for name, value in row.items() if name not in {"found", "hashes"}}
        many = [{**shared, "id": number, "content_id": str(number), "decision": "{}"} for number in range(2, 1001)]
        connection.execute(insert(tables.item), many)
        first = tally.counts(connection, EVERYTHING, NOW)
        connection.execute(update(tables.item).where(tables.item.c.id == 1).values(open=0))
        assert tally.counts(connection, EVERYTHING, NOW + 9) == first
        later = tally.counts(connection, EVERYTHING, NOW + 10)
        assert sum(each.open for each in first.waiting) - sum(each.open for each in later.waiting) == 1
        assert (first.at, later.at) == (NOW, NOW + 10)
        assert tally.counts(connection, Scope(("other",), None), NOW).waiting[2].open == 0
