"""What rulings say of rules, as metrics."""

from collections import Counter

from streams.metrics import Metrics
from streams.store import precision
from streams.store.database import Database

RESULTS = ("confirmed", "overruled")


def told(database: Database, metrics: Metrics) -> None:
    """Set `moderation_rule_precision` and `moderation_rule_rulings` to what the store holds now.

    Rules that nothing is known of any more are told no more. Raises Unavailable.
    """
    with database.reading() as reading:
        counted = precision.counted(reading)
    rulings: Counter[tuple[str, str, str, str]] = Counter()
    for each in counted:
        rulings[*each[:3], "confirmed"] += each.confirmed
        rulings[*each[:3], "overruled"] += each.overruled
    metrics.rule_rulings.clear()
    metrics.rule_precision.clear()
    for policy, engine, rule in {name[:3] for name in rulings}:
        confirmed, overruled = (rulings[policy, engine, rule, result] for result in RESULTS)
        metrics.rule_rulings.labels(policy, engine, rule, "confirmed").set(confirmed)
        metrics.rule_rulings.labels(policy, engine, rule, "overruled").set(overruled)
        metrics.rule_precision.labels(policy, engine, rule).set(confirmed / (confirmed + overruled))
