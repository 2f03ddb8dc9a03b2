from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from streams.store import tables
from streams.store.database import Database
from streams.store.near import near, remember

ONE = "".join(Random(1).choices("0123456789abcdef", k=64))


def flipped(pdq: str, bits: set[int]) -> str:
    return f"{int(pdq, 16) ^ sum(1 << bit for bit in bits):064x}"


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bits=st.sets(st.integers(0, 255), max_size=40))
def test_hashes_are_found_within_thirty_one_bits_and_no_farther(database: Database, bits: set[int]) -> None:
    other = flipped(ONE, bits)
    with database.writing() as connection:
        remember(connection, (other,))
        assert near(connection, ONE) == ((other,) if len(bits) <= 31 else ())
        connection.rollback()


def test_flips_spread_as_evenly_as_can_be_are_found(database: Database) -> None:
    spread = flipped(ONE, set(range(0, 256, 16)) | set(range(1, 241, 16)))
    with database.writing() as connection:
        remember(connection, (spread, flipped(spread, {255})))
        assert near(connection, ONE) == (spread,)


def test_the_closest_come_first(database: Database) -> None:
    others = [flipped(ONE, set(range(number))) for number in (20, 0, 3)]
    with database.writing() as connection:
        remember(connection, others)
        assert near(connection, ONE) == (others[1], others[2], others[0])


def test_a_hash_is_remembered_once_and_what_is_none_is_left_out(database: Database) -> None:
    with database.writing() as connection:
        remember(connection, (ONE, ONE))
        remember(connection, (ONE, "", "f" * 63, "x" * 64))
        assert connection.execute(select(func.count()).select_from(tables.likeness)).scalar_one() == 16
        assert near(connection, "x" * 64) == ()
