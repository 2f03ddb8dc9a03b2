from sqlalchemy import func, select

from streams.store import attempts
from streams.store.attempts import KNOWN, MANY_LONGEST_MS, PAIR_LONGEST_MS, WINDOW_MS, begun, place_of, succeeded, swept
from streams.store.database import Database
from streams.store.tables import attempt

NOW = 1_800_000_000_000


def failed(database: Database, account: str, place: str, now: int, times: int = 1) -> int:
    """Fail to sign in so many times; return the last wait."""
    with database.writing() as connection:
        return [begun(connection, account, place, now) for _ in range(times)][-1]


def test_the_wait_doubles_up_to_the_longest(database: Database) -> None:
    assert failed(database, "a", "1.2.3.4", NOW, 5) == 0
    now, waits = NOW, []
    for _ in range(12):
        waits.append(failed(database, "a", "1.2.3.4", now))
        now += waits[-1]
        assert failed(database, "a", "1.2.3.4", now) == 0
    assert waits[:4] == [1000, 2000, 4000, 8000]
    assert max(waits) <= PAIR_LONGEST_MS


def test_a_try_that_must_wait_makes_nobody_wait_longer(database: Database) -> None:
    failed(database, "a", "1.2.3.4", NOW, 5)
    assert [failed(database, "a", "1.2.3.4", NOW) for _ in range(50)] == [1000] * 50


def test_others_from_elsewhere_are_not_held_up(database: Database) -> None:
    failed(database, "a", "1.2.3.4", NOW, 6)
    assert failed(database, "a", "5.6.7.8", NOW) == 0
    assert failed(database, "b", "1.2.3.4", NOW) == 0


def test_many_accounts_from_one_place_wait_a_minute_at_most(database: Database) -> None:
    for number in range(20):
        assert failed(database, f"a{number}", "1.2.3.4", NOW) == 0
    assert 0 < failed(database, "another", "1.2.3.4", NOW) <= MANY_LONGEST_MS
    assert failed(database, "another", "1.2.3.4", NOW + MANY_LONGEST_MS) == 0


def test_one_account_from_many_places_waits_a_minute_at_most_and_known_browsers_do_not(database: Database) -> None:
    for number in range(30):
        failed(database, "a", f"1.2.3.{number}", NOW)
    wait = failed(database, "a", "9.9.9.9", NOW)
    assert 0 < wait <= MANY_LONGEST_MS
    assert failed(database, "a", KNOWN + "browser", NOW) == 0
    assert failed(database, "a", "9.9.9.9", NOW + wait) == 0


def test_failures_of_known_browsers_hold_up_no_strangers(database: Database) -> None:
    for number in range(40):
        failed(database, "a", f"{KNOWN}{number}", NOW)
    assert failed(database, "a", "1.2.3.4", NOW) == 0


def test_a_known_browser_guesses_no_faster(database: Database) -> None:
    assert failed(database, "a", KNOWN + "browser", NOW, 6) == 1000


def test_who_signs_in_begins_anew(database: Database) -> None:
    failed(database, "a", "1.2.3.4", NOW, 5)
    with database.writing() as connection:
        succeeded(connection, "a", "1.2.3.4")
    assert failed(database, "a", "1.2.3.4", NOW, 5) == 0


def test_failures_are_forgotten(database: Database) -> None:
    failed(database, "a", "1.2.3.4", NOW, 5)
    failed(database, "b", "5.6.7.8", NOW + WINDOW_MS)
    assert failed(database, "a", "1.2.3.4", NOW + WINDOW_MS) == 0
    with database.writing() as connection:
        assert swept(connection, NOW + 2 * WINDOW_MS) == 2
        assert connection.execute(select(func.count()).select_from(attempt)).scalar_one() == 0
    assert attempts.PAIR_FREE < attempts.MANY_FREE


def test_an_address_of_ipv6_stands_for_its_network() -> None:
    assert place_of("2001:db8:1:2:3:4:5:6") == place_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert place_of("::ffff:1.2.3.4") == place_of("1.2.3.4") == "1.2.3.4"
    assert place_of("fe80::1%eth0") == "fe80::/64"
    assert len(place_of("x" * 500)) == 64
