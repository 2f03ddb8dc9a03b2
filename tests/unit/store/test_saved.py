import pytest

from streams.core.queue_filter import Filter
from streams.store.database import Database
from streams.store.saved import EVERYBODY, queues, remove, save

SCAM = Filter(labels=("scam",), severities=("high", "none"), min_confidence=12.5, escalated=False)


def test_an_account_sees_everybodys_queues_and_its_own(database: Database) -> None:
    with database.writing() as connection:
        save(connection, "ann", "mine", Filter())
        save(connection, "bob", "his", Filter())
        save(connection, EVERYBODY, "scam", SCAM)
        save(connection, EVERYBODY, "media", Filter(media=True))
    with database.reading() as connection:
        assert [(queue.name, queue.owner) for queue in queues(connection, "ann")] == [
            ("media", ""),
            ("scam", ""),
            ("mine", "ann"),
        ]
        assert queues(connection, "ann")[1].query == SCAM


def test_a_queue_of_the_same_name_takes_the_place_of_the_one_before(database: Database) -> None:
    with database.writing() as connection:
        first = save(connection, "ann", " scam ", Filter())
        assert save(connection, "bob", "scam", Filter()) != first
        assert save(connection, "ann", "scam", SCAM) == first
        assert [(queue.id, queue.query) for queue in queues(connection, "ann")] == [(first, SCAM)]


def test_only_its_owner_removes_a_queue(database: Database) -> None:
    with database.writing() as connection:
        made = save(connection, "ann", "mine", Filter())
        assert not remove(connection, "bob", made)
        assert not remove(connection, EVERYBODY, made)
        assert remove(connection, "ann", made)
        assert not remove(connection, "ann", made)
        assert queues(connection, "ann") == ()


def test_a_queue_has_a_name_of_some_length(database: Database) -> None:
    with database.writing() as connection:
        for name in ("", "   ", "x" * 65):
            with pytest.raises(ValueError, match="1 to 64 characters"):
                save(connection, "ann", name, Filter())
