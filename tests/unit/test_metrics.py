"""The closed list of metrics: what a scrape shows is what stands here, no more and no less."""

import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from streams import __version__
from streams.metrics import LATENCY, Latencies, Metrics, RuntimeMetrics, category

LISTED = {
    # type and labels of each
    "moderation_items": ("counter", {"kind", "outcome"}),
    "moderation_decisions": ("counter", {"kind", "category", "action"}),
    "moderation_decision_latency_seconds": ("histogram", {"kind"}),
    "moderation_engine_requests": ("counter", {"engine", "result"}),
    "moderation_engine_request_duration_seconds": ("histogram", {"engine"}),
    "moderation_engine_calls": ("counter", {"engine", "result"}),
    "moderation_engine_alarms": ("counter", {"engine", "alarm"}),
    "moderation_engine_circuit_open": ("gauge", {"engine"}),
    "moderation_unmapped_labels": ("counter", {"engine"}),
    "moderation_join_pending": ("gauge", set()),
    "moderation_join_timeouts": ("counter", {"engine"}),
    "moderation_join_dropped": ("counter", set()),
    "moderation_effects": ("counter", {"sink", "work", "result"}),
    "moderation_effect_duration_seconds": ("histogram", {"sink"}),
    "moderation_effects_waiting": ("gauge", {"sink"}),
    "moderation_effects_circuits_open": ("gauge", {"sink"}),
    "moderation_strikes": ("counter", {"category"}),
    "moderation_ladder_steps": ("counter", {"step"}),
    "moderation_standing_orders": ("counter", {"order"}),
    "moderation_dlq_records": ("counter", {"topic", "reason"}),
    "moderation_duplicates_suppressed": ("counter", {"kind"}),
    "moderation_events_ignored": ("counter", {"reason"}),
    "moderation_bridge_messages": ("counter", {"result"}),
    "moderation_bridge_records": ("counter", {"result"}),
    "moderation_bridge_faults": ("counter", {"reason"}),
    "moderation_bridge_age_seconds": ("histogram", set()),
    "moderation_replayed_records": ("counter", {"role"}),
    "moderation_transactions": ("counter", {"role", "result"}),
    "moderation_transaction_duration_seconds": ("histogram", {"role"}),
    "moderation_consumer_lag_records": ("gauge", {"topic", "partition"}),
    "moderation_consumer_lag_seconds": ("gauge", {"topic"}),
    "moderation_rebalances": ("counter", set()),
    "moderation_table_recovery_duration_seconds": ("histogram", {"table"}),
    "moderation_table_keys": ("gauge", {"table"}),
    "moderation_table_expired_keys": ("counter", {"table"}),
    "moderation_rule_tripped": ("gauge", {"policy", "engine", "rule"}),
    "moderation_rule_trips": ("counter", {"policy", "mode"}),
    "moderation_rule_errors": ("counter", {"policy", "rule"}),
    "moderation_unknown_policies": ("counter", {"role"}),
    "moderation_policy_info": ("gauge", {"policy", "version"}),
    "moderation_policy_unloaded": ("gauge", {"policy"}),
    "moderation_review_queue_depth": ("gauge", {"severity"}),
    "moderation_review_age_seconds": ("gauge", {"severity"}),
    "moderation_review_taken": ("counter", {"topic"}),
    "moderation_review_skipped": ("counter", {"topic", "reason"}),
    "moderation_review_outbox_records": ("gauge", set()),
    "moderation_rule_rulings": ("gauge", {"policy", "engine", "rule", "result"}),
    "moderation_rule_precision": ("gauge", {"policy", "engine", "rule"}),
    "moderation_rulings": ("counter", {"category", "ruling"}),
    "moderation_audit_verified_timestamp_seconds": ("gauge", set()),
    "moderation_build_info": ("gauge", {"version"}),
}


def scraped(registry: CollectorRegistry) -> dict[str, list[tuple[str, dict[str, str], float]]]:
    """Return family -> its samples, without the moments at which they were created."""
    return {
        family.name: [(s.name, s.labels, s.value) for s in family.samples]
        for family in text_string_to_metric_families(generate_latest(registry).decode())
        if not family.name.endswith("_created")
    }


def test_a_scrape_shows_exactly_the_listed_metrics() -> None:
    families = {
        family.name: family.type
        for family in text_string_to_metric_families(generate_latest(Metrics().registry).decode())
        if not family.name.endswith("_created")
    }
    assert families == {name: kind for name, (kind, _) in LISTED.items()}


@pytest.mark.parametrize("name", LISTED)
def test_every_metric_has_the_listed_labels(name: str) -> None:
    metrics = Metrics()
    by_name = {
        getattr(metric, "_name", None): set(getattr(metric, "_labelnames", ("kind",)))
        for metric in vars(metrics).values()
        if not isinstance(metric, CollectorRegistry)
    }
    assert by_name[name] == LISTED[name][1]


def test_every_metric_says_what_it_means() -> None:
    text = generate_latest(Metrics().registry).decode()
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    assert all(len(helps[name]) > 5 for name in helps)


def test_the_build_is_shown() -> None:
    assert scraped(Metrics().registry)["moderation_build_info"] == [
        ("moderation_build_info", {"version": __version__}, 1.0)
    ]


@hypothesis_settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["message", "image"]),
            st.lists(st.one_of(st.sampled_from(LATENCY), st.floats(-1, 400).map(lambda value: round(value, 3)))),
        )
    )
)
def test_latencies_show_what_a_plain_histogram_shows(batches: list[tuple[str, list[float]]]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    latencies = Latencies("latency", "how long", ours)
    histogram = Histogram("latency", "how long", ["kind"], registry=theirs, buckets=LATENCY)
    for kind, seconds in batches:
        latencies.observe(kind, seconds)
        plain = histogram.labels(kind)
        for value in seconds:
            plain.observe(value)
    mine, plainly = (
        {(name, tuple(sorted(labels.items()))): value for name, labels, value in scraped(registry)["latency"]}
        for registry in (ours, theirs)
    )
    assert mine.keys() == plainly.keys()
    for sample, value in mine.items():
        assert value == pytest.approx(plainly[sample], abs=1e-6)


@pytest.mark.parametrize(
    ("labels", "counted"),
    [
        ((), "none"),
        (("scam", "pii"), "scam"),
        (("qr_code",), "qr_code"),
        (("our_own",), "custom"),
        (("our_own", "pii"), "custom"),
    ],
)
def test_labels_of_ones_own_are_counted_together(labels: tuple[str, ...], counted: str) -> None:
    # A label value per custom label would let a policy grow the list without bound.
    assert category(labels) == counted


def test_the_runtime_tells_its_metrics() -> None:
    metrics = Metrics()
    runtime = RuntimeMetrics(metrics, "screen")
    runtime.committed(10, 0.02)
    runtime.failed(fenced=True)
    runtime.failed(fenced=False)
    runtime.replayed(3)
    runtime.rebalanced()
    runtime.restored("windows", 7, 0.5)
    runtime.expired("windows", 2)
    runtime.lag("messages", 1, 40, 1.5)
    value = metrics.registry.get_sample_value
    assert value("moderation_transactions_total", {"role": "screen", "result": "committed"}) == 1
    assert value("moderation_transactions_total", {"role": "screen", "result": "fenced"}) == 1
    assert value("moderation_transactions_total", {"role": "screen", "result": "failed"}) == 1
    assert value("moderation_transaction_duration_seconds_sum", {"role": "screen"}) == 0.02
    assert value("moderation_replayed_records_total", {"role": "screen"}) == 3
    assert value("moderation_rebalances_total") == 1
    assert value("moderation_table_keys", {"table": "windows"}) == 7
    assert value("moderation_table_recovery_duration_seconds_sum", {"table": "windows"}) == 0.5
    assert value("moderation_table_expired_keys_total", {"table": "windows"}) == 2
    assert value("moderation_consumer_lag_records", {"topic": "messages", "partition": "1"}) == 40
    assert value("moderation_consumer_lag_seconds", {"topic": "messages"}) == 1.5
