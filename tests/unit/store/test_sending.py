from streams.core.verdict import StandingOrder
from streams.store.database import Database
from streams.store.outbox import put
from streams.store.sending import depth, sent, waiting


def order(number: int) -> StandingOrder:
    return StandingOrder("vex", f"order-{number}", "release", number, "ada")


def test_records_wait_in_the_order_in_which_they_were_put_until_they_were_sent(database: Database) -> None:
    with database.writing() as connection:
        put(connection, [order(1), order(2)], 5)
        put(connection, [order(3)], 6)
    with database.reading() as connection:
        rows = waiting(connection, 10)
        assert [row.name for row in rows] == ["order-1", "order-2", "order-3"]
        assert [row.name for row in waiting(connection, 2)] == ["order-1", "order-2"]
        assert depth(connection) == 3
        assert (rows[0].topic, rows[0].key, rows[0].subject, rows[0].record, rows[0].at) == (
            "verdicts",
            b"vex",
            "vex",
            "standing_order",
            5,
        )
    with database.writing() as connection:
        sent(connection, [rows[0].id, rows[2].id])
        sent(connection, [])
    with database.reading() as connection:
        assert [row.name for row in waiting(connection, 10)] == ["order-2"]
        assert depth(connection) == 1
