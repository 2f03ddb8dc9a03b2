from prometheus_client import CollectorRegistry

from streams.metrics import Metrics
from streams.review.precision import told
from streams.store.database import Database
from streams.store.tables import item
from tests.unit.store.test_precision import ruled_on


def test_rulings_of_a_rule_are_told_and_forgotten_with_their_items(database: Database) -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    names = {"policy": "shop", "engine": "image_model", "rule": "nudity"}
    with database.writing() as connection:
        for number, confirmed in enumerate([True, True, True, False], 1):
            ruled_on(connection, number, 90.0, confirmed=confirmed)

    told(database, metrics)

    assert registry.get_sample_value("moderation_rule_precision", names) == 0.75
    assert registry.get_sample_value("moderation_rule_rulings", {**names, "result": "confirmed"}) == 3
    assert registry.get_sample_value("moderation_rule_rulings", {**names, "result": "overruled"}) == 1
    with database.writing() as connection:
        connection.execute(item.delete())
    told(database, metrics)
    assert registry.get_sample_value("moderation_rule_precision", names) is None
