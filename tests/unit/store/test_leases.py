from streams.store.database import Database
from streams.store.leases import hold, holder_of, let_go

SECONDS = 10_000


def held(database: Database, holder: str, now: int, name: str = "relay") -> bool:
    with database.writing() as connection:
        return hold(connection, name, holder, SECONDS, now)


def test_one_holds_a_lease_until_it_runs_out(database: Database) -> None:
    assert held(database, "ada", 0)
    assert not held(database, "bob", 9_999)
    assert held(database, "bob", 10_000)
    assert not held(database, "ada", 10_001)


def test_a_holder_who_asks_in_time_keeps_it(database: Database) -> None:
    assert held(database, "ada", 0)
    assert held(database, "ada", 9_000)
    assert not held(database, "bob", 18_999)


def test_who_lets_go_lets_the_next_one_in_at_once(database: Database) -> None:
    held(database, "ada", 0)
    with database.writing() as connection:
        let_go(connection, "relay", "bob")  # not his
    with database.reading() as connection:
        assert holder_of(connection, "relay", 1) == "ada"
    with database.writing() as connection:
        let_go(connection, "relay", "ada")
    with database.reading() as connection:
        assert holder_of(connection, "relay", 1) is None
    assert held(database, "bob", 1)


def test_leases_of_different_names_have_different_holders(database: Database) -> None:
    assert held(database, "ada", 0, "relay")
    assert held(database, "bob", 0, "kafka")
