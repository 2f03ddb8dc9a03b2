"""Every metric: name, labels, unit, what it means. The only list; nothing else makes metrics.

Label values come from closed sets (kinds, actions, engines, topics, reasons): never ids, never content.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from streams import __version__
from streams.core.label import LABELS
from streams.runtime.observer import Observer

# Seconds. The first buckets are the stream's own time, the last ones cases that wait for engines.
LATENCY: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
SHORT: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Latencies(Collector):
    """A histogram that takes a batch at once: observing each message costs as much as judging it."""

    def __init__(self, name: str, text: str, registry: CollectorRegistry) -> None:
        self._name, self._text = name, text
        self._counts: dict[str, list[int]] = {}
        self._sums: dict[str, float] = {}
        registry.register(self)

    def observe(self, kind: str, seconds: Iterable[float]) -> None:
        """Add the latencies of contents of one kind."""
        counts = self._counts.setdefault(kind, [0] * (len(LATENCY) + 1))
        total = 0.0
        for value, times in Tally(seconds).items():
            counts[bisect_left(LATENCY, value)] += times
            total += value * times
        self._sums[kind] = self._sums.get(kind, 0.0) + total

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Yield the histogram, as prometheus-client asks for it."""
        family = HistogramMetricFamily(self._name, self._text, labels=["kind"])
        for kind, counts in self._counts.items():
            running, buckets = 0, []
            for bound, count in zip((*map(str, LATENCY), "+Inf"), counts, strict=True):
                running += count
                buckets.append((bound, running))
            family.add_metric([kind], buckets, self._sums[kind])
        yield family


class Metrics:
    """All metrics of one process, on one registry."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"moderation_{name}", text, labels, registry=self.registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"moderation_{name}", text, labels, registry=self.registry)

        def histogram(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"moderation_{name}", text, labels, registry=self.registry, buckets=SHORT)

        self.items = counter("items_total", "contents taken in and how they ended here", "kind", "outcome")
        self.decisions = counter("decisions_total", "decisions on actions", "kind", "category", "action")
        self.latency = Latencies(
            "moderation_decision_latency_seconds", "time of the input's record to its decision", self.registry
        )
        self.engine_requests = counter(
            "engine_requests_total", "contents an engine was asked about", "engine", "result"
        )
        self.engine_seconds = histogram("engine_request_duration_seconds", "one call of an engine", "engine")
        self.engine_calls = counter(
            "engine_calls_total",
            "requests of a paid service: made, saved because the answer, or (near) that on a near copy, was known",
            "engine",
            "result",
        )
        self.engine_alarms = counter(
            "engine_alarms_total", "answers of a service that an operator should hear of", "engine", "alarm"
        )
        self.engine_circuit = gauge("engine_circuit_open", "1 while calls of a service are held back", "engine")
        self.unmapped_labels = counter(
            "unmapped_labels_total", "labels of a service that no table knows or no category has", "engine"
        )
        self.join_pending = gauge("join_pending", "cases that wait for findings")
        self.join_timeouts = counter("join_timeouts_total", "findings that did not come in time", "engine")
        self.join_dropped = counter("join_dropped_total", "findings that came twice or too late")
        self.unknown_policies = counter(
            "unknown_policies_total",
            "tasks, cases and decisions whose version of a policy nobody knows",
            "role",
        )
        self.strikes = counter("strikes_total", "strikes against authors", "category")
        self.ladder_steps = counter("ladder_steps_total", "steps of the ladder that authors came to", "step")
        self.standing_orders = counter("standing_orders_total", "orders of people about users", "order")
        self.effects = counter(
            "effects_total",
            "effects on sinks: done, failed, superseded, waiting (first put off), retried, repeated",
            "sink",
            "work",
            "result",
        )
        self.effect_seconds = histogram("effect_duration_seconds", "one try of an effect", "sink")
        self.effects_waiting = gauge("effects_waiting", "contents whose effects are tried again", "sink")
        self.effects_circuits_open = gauge(
            "effects_circuits_open", "endpoints of a sink to which effects are held back", "sink"
        )
        self.dead_letters = counter("dlq_records_total", "records sent to the dead letters", "topic", "reason")
        self.duplicates = counter("duplicates_suppressed_total", "input seen before, no second decision", "kind")
        self.ignored_events = counter("events_ignored_total", "S3 notifications that open no case", "reason")
        self.bridge_messages = counter(
            "bridge_messages_total", "messages of the queue: received, repeated, test, deleted, failed", "result"
        )
        self.bridge_records = counter("bridge_records_total", "records written for them: relayed, dead", "result")
        self.bridge_faults = counter("bridge_faults_total", "calls of the queue that brought no answer", "reason")
        self.bridge_age = Histogram(
            "moderation_bridge_age_seconds",
            "time from a message's arrival in the queue to its deletion",
            registry=self.registry,
            buckets=LATENCY,
        )
        self.replayed = counter("replayed_records_total", "records skipped: already applied", "role")
        self.transactions = counter("transactions_total", "committed, fenced, failed", "role", "result")
        self.transaction_seconds = histogram("transaction_duration_seconds", "begin to commit", "role")
        self.lag_records = gauge("consumer_lag_records", "records not applied yet, own view", "topic", "partition")
        self.lag_seconds = gauge("consumer_lag_seconds", "age of the newest applied record while behind", "topic")
        self.rebalances = counter("rebalances_total", "group rebalances seen by this worker")
        self.recovery_seconds = histogram("table_recovery_duration_seconds", "start of a restore to its end", "table")
        self.table_keys = gauge("table_keys", "keys of owned partitions after the last restore", "table")
        self.expired_keys = counter("table_expired_keys_total", "idle keys removed", "table")
        self.rule_tripped = gauge(
            "rule_tripped",
            "1 while a rule that triggered suddenly often does no more than flag",
            "policy",
            "engine",
            "rule",
        )
        self.rule_trips = counter(
            "rule_trips_total", "rules that triggered suddenly often; in shadow mode only told", "policy", "mode"
        )
        self.rule_errors = counter(
            "rule_errors_total", "contents of which a composite rule could not say whether it holds", "policy", "rule"
        )
        self.policy_info = gauge("policy_info", "1 for each policy version this worker judges by", "policy", "version")
        self.policy_unloaded = gauge(
            "policy_unloaded", "1 while a version in force cannot be loaded: the last good one judges", "policy"
        )
        self._review(counter, gauge)
        self.build_info = gauge("build_info", "always 1", "version")
        self.build_info.labels(__version__).set(1)

    def _review(self, counter: Callable[..., Counter], gauge: Callable[..., Gauge]) -> None:
        """Add those of the review service."""
        self.review_depth = gauge("review_queue_depth", "open review items", "severity")
        self.review_age = gauge("review_age_seconds", "age of the oldest open review item", "severity")
        self.review_taken = counter("review_taken_total", "records that the review service took in", "topic")
        self.review_skipped = counter(
            "review_skipped_total",
            "records that the review service could not read, and gaps of the log where it was to go on",
            "topic",
            "reason",
        )
        self.review_outbox = gauge("review_outbox_records", "rulings and orders on their way to Kafka")
        self.rulings = counter("rulings_total", "rulings of moderators that Kafka has", "category", "ruling")
        self.rule_rulings = gauge(
            "rule_rulings",
            "items that a person ruled on, by what the ruling said of the rule: confirmed, overruled",
            "policy",
            "engine",
            "rule",
            "result",
        )
        self.rule_precision = gauge(
            "rule_precision", "share of these items that was confirmed, 0 to 1", "policy", "engine", "rule"
        )
        self.audit_verified = gauge(
            "audit_verified_timestamp_seconds", "last time the whole audit chain verified, since 1970"
        )


def category(labels: tuple[str, ...]) -> str:
    """Return the label that a decision is counted under: its first, `none` without one, `custom` outside the list."""
    if not labels:
        return "none"
    return labels[0] if labels[0] in LABELS else "custom"


class RuntimeMetrics(Observer):
    """Turns what the runtime tells into metrics of one role."""

    def __init__(self, metrics: Metrics, role: str) -> None:
        self._metrics, self._role = metrics, role
        self._committed = metrics.transactions.labels(role, "committed")
        self._seconds = metrics.transaction_seconds.labels(role)

    def committed(self, records: int, seconds: float) -> None:
        """Note a transaction."""
        del records
        self._committed.inc()
        self._seconds.observe(seconds)

    def failed(self, *, fenced: bool) -> None:
        """Note a transaction that ended the process."""
        self._metrics.transactions.labels(self._role, "fenced" if fenced else "failed").inc()

    def replayed(self, records: int) -> None:
        """Note source records that came again."""
        self._metrics.replayed.labels(self._role).inc(records)

    def rebalanced(self) -> None:
        """Note a rebalance."""
        self._metrics.rebalances.inc()

    def restored(self, table: str, keys: int, seconds: float) -> None:
        """Note the end of a restore."""
        self._metrics.recovery_seconds.labels(table).observe(seconds)
        self._metrics.table_keys.labels(table).set(keys)

    def expired(self, table: str, keys: int) -> None:
        """Note removed idle keys."""
        self._metrics.expired_keys.labels(table).inc(keys)

    def lag(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """Note how far behind a partition is."""
        self._metrics.lag_records.labels(topic, str(partition)).set(records)
        self._metrics.lag_seconds.labels(topic).set(seconds)
