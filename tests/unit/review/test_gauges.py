from sqlalchemy import insert

from streams.core.harm import harm, rank_of
from streams.core.verdict import StandingOrder
from streams.metrics import Metrics
from streams.review.gauges import Gauges
from streams.store.database import Database
from streams.store.outbox import put
from streams.store.tables import item
from tests.unit.review.conftest import Clock

ROW = {
    "kind": "message",
    "user_id": "vex",
    "action": "flag",
    "first_action": "flag",
    "revision": 0,
    "decision": "{}",
    "policy_id": "chat",
    "received_at": 0,
    "touched_at": 0,
}


def test_open_items_and_the_age_of_the_oldest_are_told_by_severity(database: Database, clock: Clock) -> None:
    metrics = Metrics()
    rows = [("a", "high", 1, 5_000), ("b", "high", 1, 2_000), ("c", "high", 0, 9_000), ("d", None, 1, 1_000)]
    with database.writing() as connection:
        for name, severity, is_open, age in rows:
            ranks = {"severity": rank_of(severity), "harm": harm(severity, None, 1)}
            values = {"content_id": name, "open": is_open, "opened_at": clock.now - age}
            connection.execute(insert(item).values(**ROW, **ranks, **values))
        put(connection, [StandingOrder("vex", "o1", "release", 0, "ada")], 0)
    Gauges(database, metrics, clock).look()
    value = metrics.registry.get_sample_value
    depths = {
        name: value("moderation_review_queue_depth", {"severity": name})
        for name in ("critical", "high", "medium", "low", "none")
    }
    assert depths == {"critical": 0, "high": 2, "medium": 0, "low": 0, "none": 1}
    assert value("moderation_review_age_seconds", {"severity": "high"}) == 5.0
    assert value("moderation_review_age_seconds", {"severity": "none"}) == 1.0
    assert value("moderation_review_age_seconds", {"severity": "low"}) == 0.0
    assert value("moderation_review_outbox_records") == 1
