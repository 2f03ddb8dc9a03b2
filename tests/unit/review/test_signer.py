import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import delete, update

from streams.core.audit import GENESIS
from streams.core.audit import Event as Told
from streams.core.checkpoint import Signed
from streams.review.audited import Audited, audited, wrong
from streams.review.checkpoints import CheckpointFile, Checkpoints, Read, There, Unkept
from streams.review.health import Health
from streams.review.signer import Signer
from streams.review.signing import AuditKey, key_of, keys_of
from streams.review.standing_by import Lease
from streams.store.auditing import append
from streams.store.database import Database
from streams.store.tables import audit, audit_head
from tests.unit.review.conftest import Clock


@pytest.fixture
def key(tmp_path: Path) -> AuditKey:
    return key_of(tmp_path / "audit.key")


@pytest.fixture
def place(tmp_path: Path) -> CheckpointFile:
    return CheckpointFile(tmp_path / "checkpoints.jsonl")


def signer(database: Database, place: Checkpoints, key: AuditKey, clock: Clock) -> Signer:
    return Signer(database, place, key, every_records=5, every_ms=60_000, clock=clock)


def acts(database: Database, number: int, by: str = "mona") -> None:
    for _ in range(number):
        with database.writing() as connection:
            append(connection, "acts", Told(act="approve", by=by), 1)


def numbers(made: list[Signed]) -> list[tuple[str, int]]:
    return [(one.chain, one.seq) for one in made]


def result(database: Database, place: CheckpointFile, tmp_path: Path) -> Audited:
    return audited(database, place, keys_of([], tmp_path / "audit.key"))[0]


def test_a_chain_is_signed_every_so_many_records_and_every_so_often(
    database: Database, place: CheckpointFile, key: AuditKey, clock: Clock
) -> None:
    own = signer(database, place, key, clock)

    assert own.sign() == []
    acts(database, 1)
    assert numbers(own.sign()) == [("acts", 1)]  # the first one at once
    acts(database, 4)
    assert own.sign() == []
    acts(database, 1)
    assert numbers(own.sign()) == [("acts", 6)]
    acts(database, 1)
    clock.now += 59_999
    assert own.sign() == []
    clock.now += 1
    with database.writing() as connection:
        append(connection, "accounts", Told(act="sign_in", by="mona"), 1)
    assert numbers(own.sign()) == [("acts", 7), ("accounts", 1)]
    clock.now += 60_000
    assert own.sign() == []  # nothing came since

    first, second, third, other = place.read().checkpoints
    assert [first.previous, second.previous, third.previous] == [GENESIS, first.digest(), second.digest()]
    assert other.previous == GENESIS


def test_another_signer_goes_on_where_one_ended(
    database: Database, place: CheckpointFile, key: AuditKey, clock: Clock, tmp_path: Path
) -> None:
    acts(database, 5)
    signer(database, place, key, clock).sign()
    acts(database, 5)
    signer(database, place, key, clock).sign()

    first, second = place.read().checkpoints
    assert second.previous == first.digest()
    assert result(database, place, tmp_path) == ("acts", 10, 0, 0, 2, None)


def test_a_chain_that_is_no_longer_what_was_signed_is_not_signed_and_that_is_told_once(
    database: Database, place: CheckpointFile, key: AuditKey, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    own = signer(database, place, key, clock)
    acts(database, 6)
    own.sign()
    with database.writing() as connection:
        connection.execute(delete(audit).where(audit.c.seq > 3))
        kept = connection.execute(audit.select().where(audit.c.seq == 3)).one()
        connection.execute(update(audit_head).values(seq=3, hash=kept.hash))
    acts(database, 8, "eve")

    with caplog.at_level(logging.ERROR):
        assert own.sign() == own.sign() == []

    assert [record.message for record in caplog.records] == [
        "acts: no longer what was signed: see `moderation audit verify`; not signed any more"
    ]


def test_what_was_cut_and_set_back_is_located(
    database: Database, place: CheckpointFile, key: AuditKey, clock: Clock, tmp_path: Path
) -> None:
    own = signer(database, place, key, clock)
    for _ in range(3):
        acts(database, 5)
        own.sign()
    with database.writing() as connection:
        connection.execute(delete(audit).where(audit.c.seq > 7))
        kept = connection.execute(audit.select().where(audit.c.seq == 7)).one()
        connection.execute(update(audit_head).values(seq=7, hash=kept.hash))

    assert result(database, place, tmp_path) == ("acts", 7, 0, 0, 1, "acts: records 8 to 15: cut off")
    acts(database, 8, "eve")
    found = result(database, place, tmp_path)
    assert found.broken == "acts: records 6 to 10: not those that were signed"
    assert wrong([found]) == {"acts": found.broken}


def test_checkpoints_that_somebody_touched_are_found(
    database: Database, place: CheckpointFile, key: AuditKey, clock: Clock, tmp_path: Path
) -> None:
    own = signer(database, place, key, clock)
    for _ in range(3):
        acts(database, 5)
        own.sign()
    path = tmp_path / "checkpoints.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)

    path.write_bytes(lines[0] + lines[2])
    assert result(database, place, tmp_path).broken == "acts: checkpoint of record 15: the one before it was taken out"
    path.write_bytes(lines[0] + lines[1].replace(b'"seq":10', b'"seq":11') + lines[2])
    assert str(result(database, place, tmp_path).broken).startswith("acts: checkpoint of record 11: not signed by")
    path.write_bytes(b"".join(lines))
    (tmp_path / "audit.key").unlink()
    (tmp_path / "audit.key.pub").unlink()
    key_of(tmp_path / "audit.key")  # another one
    assert str(result(database, place, tmp_path).broken).startswith("acts: checkpoint of record 5: not signed by")


class Failing:
    """A place that fails first, and then has a checkpoint already."""

    def __init__(self, place: CheckpointFile) -> None:
        self.place = place
        self.failures: list[Exception] = [Unkept("the disk is full"), There("acts/1")]
        self.kept = Event()

    def prepared(self) -> None:
        """Do nothing."""

    def add(self, checkpoint: Signed) -> None:
        """Fail, then keep it."""
        if self.failures:
            raise self.failures.pop(0)
        self.place.add(checkpoint)
        self.kept.set()

    def read(self) -> Read:
        """Return what was kept."""
        return self.place.read()


def test_a_place_that_fails_is_tried_again(
    database: Database,
    place: CheckpointFile,
    key: AuditKey,
    clock: Clock,
    lease: Callable[[str], Lease],
    health: Health,
    caplog: pytest.LogCaptureFixture,
) -> None:
    acts(database, 3)
    failing, stop = Failing(place), Event()
    own = signer(database, failing, key, clock)
    thread = Thread(target=own.run, args=[stop, lease("me"), health])

    thread.start()
    assert failing.kept.wait(20)
    stop.set()
    thread.join(20)

    assert not thread.is_alive()
    assert numbers(place.read().checkpoints) == [("acts", 3)]
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "checkpoints of the audit log: the disk is full"
    ]
    assert health.ready()
