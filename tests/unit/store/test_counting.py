from streams.store.counting import counts
from streams.store.database import Database
from streams.store.scope import EVERYTHING, Scope
from tests.unit.store.stored import put

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
