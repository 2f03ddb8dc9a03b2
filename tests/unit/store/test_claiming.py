import pytest
from sqlalchemy import insert

from streams.core.audit import body_read
from streams.store.claiming import assign, claim, release
from streams.store.database import Database
from streams.store.not_done import Change, Changed, Forbidden, NotThere, Wrong
from streams.store.tables import account, audit
from tests.unit.store.acts import AUDITOR, MODERATOR, NOW, SENIOR, STRANGER, approve, opened, row_of, rows


def test_a_claim_keeps_others_off_until_it_expires(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        assert claim(connection, MODERATOR, one, now=NOW).version == 2
    with pytest.raises(Changed) as taken, database.writing() as connection:
        claim(connection, SENIOR, one, now=NOW + 299_999)
    assert taken.value.what == (Change("mona", "claim", NOW),)
    with database.writing() as connection:
        assert claim(connection, SENIOR, one, now=NOW + 300_000).version == 3

    row = row_of(database, one)
    assert (row.claimed_by, row.claimed_until) == ("sven", NOW + 600_000)


def test_renewing_a_claim_is_no_change(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        claim(connection, MODERATOR, one, lease_ms=1000, now=NOW)
        assert claim(connection, MODERATOR, one, lease_ms=1000, version=1, now=NOW + 900).version == 2

    assert row_of(database, one).claimed_until == NOW + 1900
    assert len(rows(database, audit)) == 1


def test_a_claim_is_given_back_by_its_holder_only(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        claim(connection, MODERATOR, one, now=NOW)
        assert release(connection, SENIOR, one, now=NOW).version == 2
        assert release(connection, MODERATOR, one, now=NOW).version == 3
        assert release(connection, MODERATOR, one, now=NOW).version == 3

    assert (row_of(database, one).claimed_by, row_of(database, one).claimed_until) == (None, 0)
    assert [body_read(row.body).act for row in rows(database, audit)] == ["claim", "release"]


def test_what_cannot_be_claimed_is_not(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        for lease in (0, 3_600_001):
            with pytest.raises(Wrong):
                claim(connection, MODERATOR, one, lease_ms=lease, now=NOW)
        with pytest.raises(Forbidden):
            claim(connection, AUDITOR, one, now=NOW)
        with pytest.raises(NotThere):
            claim(connection, STRANGER, one, now=NOW)
        with pytest.raises(Changed):
            claim(connection, MODERATOR, one, version=7, now=NOW)
        approve(connection, MODERATOR, one, version=1, ruling_id="r", now=NOW)
        with pytest.raises(Wrong):
            claim(connection, MODERATOR, one, now=NOW)


def test_an_item_is_given_to_accounts_that_may_work_on_it(database: Database) -> None:
    (one,) = opened(database)
    with database.writing() as connection:
        for name, grants, disabled in (
            ("mia", '[{"role":"moderator","tenants":["t1"]}]', False),
            ("gone", '[{"role":"admin"}]', True),
            ("far", '[{"role":"admin","tenants":["t2"]}]', False),
            ("otto", '[{"role":"auditor"}]', False),
        ):
            row = {"name": name, "grants": grants, "disabled": disabled, "created_at": 0}
            connection.execute(insert(account), row)

    with database.writing() as connection:
        for name in ("gone", "far", "otto", "nobody"):
            with pytest.raises(Wrong):
                assign(connection, MODERATOR, one, to=name, now=NOW)
        assert assign(connection, MODERATOR, one, to="mia", version=1, now=NOW).version == 2
        assert assign(connection, MODERATOR, one, to="mia", version=1, now=NOW).version == 2
        assert row_of(database, one).assigned_to is None  # not yet committed
    assert row_of(database, one).assigned_to == "mia"
    with database.writing() as connection:
        assert assign(connection, MODERATOR, one, to=None, now=NOW).version == 3
    assert row_of(database, one).assigned_to is None
    assert [body_read(row.body).to for row in rows(database, audit)] == ["mia", None]
