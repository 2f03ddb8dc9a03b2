"""The Faust app that runs: each default that must not come back with an upgrade."""

from typing import Any

import pytest

from streams.app import SMALL_FETCH, kafka_app
from streams.roles import RUNNING
from streams.runtime.transport import BatchApp, BatchTransport
from streams.settings import Settings
from streams.topology import RELAYING, ROLES


def configured(**settings: Any) -> Any:
    return kafka_app(Settings(**settings), "screen").conf


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("web_enabled", False),  # Faust would listen on every address, and show the tables
        ("topic_allow_declare", False),
        ("topic_disable_leader", True),
        ("table_standby_replicas", 0),
        ("stream_wait_empty", True),
        ("stream_buffer_maxsize", 4),
        ("broker_commit_interval", 0.5),
        ("broker_max_poll_interval", 300.0),
        ("broker_max_poll_records", 2000),
        ("broker_session_timeout", 6.0),
        ("broker_heartbeat_interval", 2.0),
        ("broker_request_timeout", 40.0),
        ("consumer_auto_offset_reset", "earliest"),
        ("consumer_group_instance_id", None),
        ("autodiscover", False),
    ],
)
def test_every_default_that_matters_is_set(setting: str, value: object) -> None:
    assert getattr(configured(), setting) == value


def test_the_guarantee_of_faust_itself_is_not_used() -> None:
    # `exactly_once` crashes on a rebalance: our transactions are the runtime's own.
    assert configured().processing_guarantee.value == "at_least_once"


def test_faust_keeps_no_tables_on_disk() -> None:
    app = kafka_app(Settings(), "screen")
    assert str(app.conf.store) == "memory:"
    assert not app.tables


def test_every_role_is_a_group_of_its_own_on_the_batch_transport() -> None:
    apps = {role: kafka_app(Settings(topic_prefix="p."), role) for role in ROLES}
    assert [app.conf.id for app in apps.values()] == [f"p.{role}" for role in ROLES]
    for app in apps.values():
        assert isinstance(app, BatchApp)
        assert isinstance(app.transport, BatchTransport)


def test_every_role_has_its_agents() -> None:
    assert [role for role in ROLES if role not in RELAYING] == list(RUNNING)


def test_texts_come_in_large_batches_and_costly_work_in_small_ones() -> None:
    fetched = {role: kafka_app(Settings(fetch_records=5000), role).conf.broker_max_poll_records for role in ROLES}
    assert fetched == {**dict.fromkeys(ROLES, SMALL_FETCH), "screen": 5000}


@pytest.mark.parametrize("session", [1.0, 6.0, 45.0, 300.0])
def test_a_session_holds_three_heartbeats_and_no_request_outlasts_it(session: float) -> None:
    conf = configured(session_timeout=session)
    assert conf.broker_session_timeout == session
    assert conf.broker_heartbeat_interval == session / 3
    assert conf.broker_request_timeout >= session


def test_a_worker_slot_can_be_named() -> None:
    assert configured(static_member="screen-3").consumer_group_instance_id == "screen-3"


def test_all_brokers_are_asked() -> None:
    urls = kafka_app(Settings(bootstrap="a:9092, b:9093"), "screen").conf.broker
    assert [str(url) for url in urls] == ["kafka://a:9092", "kafka://b:9093"]


@pytest.mark.parametrize(
    ("protocol", "kind"), [("PLAINTEXT", "NoneType"), ("SSL", "SSLCredentials"), ("SASL_SSL", "SASLCredentials")]
)
def test_credentials_follow_the_protocol(protocol: str, kind: str) -> None:
    user = {"sasl_username": "u", "sasl_password": "swordfish"} if protocol.startswith("SASL") else {}
    credentials = configured(security_protocol=protocol, **user).broker_credentials
    assert type(credentials).__name__ == kind
    assert "swordfish" not in repr(Settings(security_protocol=protocol, **user))  # type: ignore[arg-type]
