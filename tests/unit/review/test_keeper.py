from collections.abc import Callable, Mapping
from threading import Event

import pytest
from sqlalchemy import func, insert, select

from streams.metrics import Metrics
from streams.review.checkpoints import Unkept
from streams.review.health import Health
from streams.review.keeper import Keeper
from streams.review.standing_by import Lease, Lost
from streams.settings import Settings
from streams.store.database import Database
from streams.store.retention import LIMIT
from streams.store.tables import message
from tests.unit.review.conftest import Clock

HOUR = 3_600_000


class Kept:
    """A keeper and what it is made of."""

    def __init__(self, database: Database, lease: Lease, clock: Clock) -> None:
        self.database, self.clock, self.metrics = database, clock, Metrics()
        self.wrong: Mapping[str, str] | Unkept = {}
        self.keeper = Keeper(
            Settings(review_retention_messages=3600),
            lease,
            health=Health(),
            metrics=self.metrics,
            clock=clock,
            verified=self.verified,
        )

    def verified(self) -> Mapping[str, str]:
        """Return what the test says of the audit log."""
        if isinstance(self.wrong, Unkept):
            raise self.wrong
        return self.wrong

    def put(self, count: int, at: int) -> None:
        """Put texts of an age there."""
        rows = [
            {"content_id": f"{at}-{number}", "kind": "message", "user_id": "vex", "place": 0, "at": at, "text": "hello"}
            for number in range(count)
        ]
        with self.database.writing() as connection:
            connection.execute(insert(message), rows)

    @property
    def left(self) -> int:
        """Return how many texts there are."""
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(message)).scalar_one()


@pytest.fixture
def kept(database: Database, lease: Callable[[str], Lease], clock: Clock) -> Kept:
    """Return a keeper of texts for an hour."""
    return Kept(database, lease("ada"), clock)


def test_a_round_removes_all_that_is_old_batch_after_batch(kept: Kept) -> None:
    kept.put(LIMIT + 1, kept.clock.now - HOUR - 1)
    kept.put(2, kept.clock.now - HOUR + 1)
    kept.keeper.round(Event())
    assert kept.left == 2


def test_who_does_not_hold_the_lease_removes_nothing(kept: Kept, lease: Callable[[str], Lease]) -> None:
    kept.put(1, 0)
    lease("bob").keep()
    with pytest.raises(Lost):
        kept.keeper.round(Event())
    assert kept.left == 1


def test_it_is_told_when_the_whole_audit_log_verified(kept: Kept) -> None:
    kept.keeper.verify()
    shown = kept.metrics.registry.get_sample_value("moderation_audit_verified_timestamp_seconds")
    assert shown == kept.clock.now / 1000


@pytest.mark.parametrize("wrong", [{"acts": "record 7 was changed"}, Unkept("checkpoints.jsonl: gone")])
def test_an_audit_log_that_does_not_verify_is_told_and_does_not_count(
    kept: Kept, wrong: Mapping[str, str] | Unkept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.wrong = wrong
    kept.keeper.verify()
    assert len(caplog.messages) == 1
    assert "record 7 was changed" in caplog.text or "checkpoints.jsonl: gone" in caplog.text
    assert kept.metrics.registry.get_sample_value("moderation_audit_verified_timestamp_seconds") == 0
