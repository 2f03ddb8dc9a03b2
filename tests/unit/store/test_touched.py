from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.taking import take
from streams.store.touched import newest, touched
from tests.unit.store.records import DECIDED, decision, read, triggered

NOW = DECIDED + 1000


def test_the_last_changes_are_told_newest_first_with_their_labels(database: Database) -> None:
    with database.writing() as connection:
        assert newest(connection) == 0
        lines = (triggered(), triggered(rule="shop", label="drugs"))
        for number in range(3):
            records = read(decision(f"m{number}", triggered=lines), offset=number)
            take(connection, Batch(decisions=records), NOW + number)
    with database.reading() as connection:
        assert newest(connection) == NOW + 2
        found = touched(connection, NOW + 1, 10)
        assert [one.touched_at for one in found] == [NOW + 2, NOW + 1]
        assert found[0].labels == ("drugs", "scam")
        assert (found[0].tenant, found[0].open, found[0].severity) == ("t1", True, "medium")
        assert len(touched(connection, 0, 2)) == 2
