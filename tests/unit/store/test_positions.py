from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.positions import forget, positions
from streams.store.taking import take


def test_positions_are_those_of_the_last_batch_of_each_partition(database: Database) -> None:
    with database.writing() as connection:
        take(connection, Batch(positions={("actions", 0): 7, ("actions", 1): 3}), 0)
        take(connection, Batch(positions={("actions", 1): 9, ("messages", 0): 1}), 0)
    with database.reading() as connection:
        assert positions(connection) == {("actions", 0): 7, ("actions", 1): 9, ("messages", 0): 1}


def test_a_partition_that_is_forgotten_is_read_anew(database: Database) -> None:
    with database.writing() as connection:
        take(connection, Batch(positions={("actions", 0): 7, ("actions", 1): 3}), 0)
        forget(connection, ("actions", 0))
        take(connection, Batch(positions={("actions", 0): 2}), 0)
    with database.reading() as connection:
        assert positions(connection) == {("actions", 0): 2, ("actions", 1): 3}
