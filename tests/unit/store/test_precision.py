from collections.abc import Iterable

from sqlalchemy import Connection, insert

from streams.store.database import Database
from streams.store.precision import counted, of_rules
from streams.store.scope import Scope
from streams.store.tables import found, item, said

NOW = 1_790_000_000_000


def ruled_on(
    connection: Connection,
    number: int,
    confidence: float | None,
    *,
    confirmed: bool,
    rule: str = "nudity",
    tenant: str = "",
    label: str = "explicit",
    at: int = NOW,
) -> None:
    """Put a closed item there, and what its ruling said of one rule."""
    connection.execute(
        insert(item).values(
            id=number,
            content_id=f"c{number}",
            tenant=tenant,
            kind="image",
            user_id="u",
            open=0,
            action="block",
            first_action="block",
            harm=0,
            revision=1,
            decision="{}",
            policy_id="shop",
            opened_at=at,
            received_at=at,
            touched_at=at,
        )
    )
    common = {"item_id": number, "engine": "image_model", "rule": rule, "label": label}
    connection.execute(insert(found).values(**common, open=0, harm=0, opened_at=at))
    connection.execute(
        insert(said).values(**common, policy_id="shop", confidence=confidence, confirmed=int(confirmed), at=at)
    )


def put(database: Database, rows: Iterable[tuple[float | None, bool]]) -> None:
    with database.writing() as connection:
        for number, (confidence, confirmed) in enumerate(rows, 1):
            ruled_on(connection, number, confidence, confirmed=confirmed)


def test_confidences_are_counted_by_tenths_rounded_down(database: Database) -> None:
    confidences = (0.0, 0.1, 4.3, 16.1, 57.9, 87.35, 99.99, 100.0)
    put(database, [(confidence, True) for confidence in confidences] + [(57.9, False)])
    with database.reading() as connection:
        rows = counted(connection)
    assert {row.tenths: (row.confirmed, row.overruled) for row in rows} == {
        0: (1, 0),
        1: (1, 0),
        43: (1, 0),
        161: (1, 0),
        579: (1, 1),
        873: (1, 0),
        999: (1, 0),
        1000: (1, 0),
    }


def test_a_threshold_is_suggested_from_what_rulings_confirmed(database: Database) -> None:
    put(database, [(72.0, False)] * 8 + [(88.5, True)] * 30 + [(88.5, False)] * 2 + [(None, True)])
    with database.reading() as connection:
        (one,) = of_rules(connection)
    assert (one.share.confirmed, one.share.overruled) == (31, 10)
    assert one.suggestion is not None
    assert (one.suggestion.threshold, one.suggestion.above.confirmed, one.suggestion.below.overruled) == (88.5, 30, 8)


def test_rulings_of_other_tenants_and_labels_are_not_counted(database: Database) -> None:
    with database.writing() as connection:
        ruled_on(connection, 1, 80.0, confirmed=True, tenant="a")
        ruled_on(connection, 2, 80.0, confirmed=False, tenant="b")
        ruled_on(connection, 3, 80.0, confirmed=False, tenant="a", label="violence")
    with database.reading() as connection:
        (one,) = of_rules(connection, Scope(("a",), ("explicit",)))
        assert of_rules(connection, Scope((), ())) == ()
    assert (one.share.confirmed, one.share.overruled, one.lacking) == (1, 0, "not_enough_rulings")


def test_rulings_before_a_moment_are_not_counted(database: Database) -> None:
    with database.writing() as connection:
        ruled_on(connection, 1, None, confirmed=True, at=NOW - 1)
        ruled_on(connection, 2, None, confirmed=False, at=NOW)
    with database.reading() as connection:
        (row,) = counted(connection, since=NOW)
    assert (row.tenths, row.confirmed, row.overruled) == (None, 0, 1)


def test_without_rulings_nothing_is_said(database: Database) -> None:
    with database.reading() as connection:
        assert of_rules(connection) == ()
