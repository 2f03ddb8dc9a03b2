from prometheus_client import CollectorRegistry
from sqlalchemy import insert

from streams.metrics import Metrics
from streams.review.precision import LATEST, SOONEST, Precisions
from streams.store.database import Database
from streams.store.tables import item, ruling
from tests.unit.store.test_precision import NOW, ruled_on

NAMES = {"policy": "shop", "engine": "image_model", "rule": "nudity"}


def ruled(database: Database, number: int, *, confirmed: bool, at: int) -> None:
    with database.writing() as connection:
        ruled_on(connection, number, 90.0, confirmed=confirmed, at=at)
        values = {"id": f"r{number}", "item_id": number, "act": "approve", "by": "m", "at": at}
        connection.execute(insert(ruling).values(**values, from_action="block", to_action="block"))


def test_rulings_of_a_rule_are_told_and_forgotten_with_their_items(database: Database) -> None:
    registry = CollectorRegistry()
    now = NOW
    precisions = Precisions(database, Metrics(registry), lambda: now)

    def told(result: str) -> float | None:
        return registry.get_sample_value("moderation_rule_rulings", {**NAMES, "result": result})

    precisions.look()
    assert told("confirmed") is None
    for number, confirmed in enumerate([True, True, True, False], 1):
        ruled(database, number, confirmed=confirmed, at=NOW + number)
    precisions.look()
    assert told("confirmed") is None  # too soon
    now += SOONEST
    precisions.look()
    assert (told("confirmed"), told("overruled")) == (3, 1)
    assert registry.get_sample_value("moderation_rule_precision", NAMES) == 0.75

    with database.writing() as connection:
        connection.execute(item.delete().where(item.c.id != 4))
    now += SOONEST
    precisions.look()
    assert told("confirmed") == 3  # nobody has ruled since
    now += LATEST
    precisions.look()
    assert (told("confirmed"), told("overruled")) == (0, 1)
