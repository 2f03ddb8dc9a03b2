"""Signing in at the brokers: what clients get, and what is refused before anything connects."""

import ssl
from pathlib import Path
from typing import Any

import aiokafka
import pytest
from confluent_kafka import Producer

from streams.adapters.kafka import Misconfigured, aiokafka_connection, connection
from streams.settings import Settings

SECRET = {"sasl_username": "worker", "sasl_password": "swordfish"}


def settings(**given: Any) -> Settings:
    return Settings(bootstrap="k1:9092,k2:9092", **given)


def test_plain_connections_name_the_brokers_only() -> None:
    assert connection(settings()) == {
        "bootstrap.servers": "k1:9092,k2:9092",
        "security.protocol": "PLAINTEXT",
        "log_level": 0,
    }
    assert aiokafka_connection(settings()) == {"security_protocol": "PLAINTEXT"}


def test_sasl_goes_over_tls_with_the_host_name_checked() -> None:
    given = settings(security_protocol="SASL_SSL", **SECRET)
    options = connection(given)
    assert options["sasl.mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl.username"], options["sasl.password"]) == ("worker", "swordfish")
    assert options["ssl.endpoint.identification.algorithm"] == "https"
    Producer(options)  # librdkafka knows every one of them
    other = aiokafka_connection(given)
    assert (other["sasl_plain_username"], other["sasl_plain_password"]) == ("worker", "swordfish")
    assert other["ssl_context"].check_hostname
    assert other["ssl_context"].verify_mode == ssl.CERT_REQUIRED


async def test_aiokafka_takes_its_options() -> None:
    given = settings(security_protocol="SASL_SSL", sasl_mechanism="PLAIN", **SECRET)
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", **aiokafka_connection(given))
    await producer.stop()


def test_sasl_without_tls_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(Misconfigured, match="MODERATION_ALLOW_PLAINTEXT=1"):
        connection(settings(security_protocol="SASL_PLAINTEXT", **SECRET))
    with pytest.raises(Misconfigured, match="MODERATION_ALLOW_PLAINTEXT=1"):
        aiokafka_connection(settings(security_protocol="SASL_PLAINTEXT", **SECRET))
    allowed = settings(security_protocol="SASL_PLAINTEXT", allow_plaintext=True, **SECRET)
    assert connection(allowed)["sasl.username"] == "worker"
    assert "ssl_context" not in aiokafka_connection(allowed)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "MODERATION_SASL_USERNAME and MODERATION_SASL_PASSWORD"),
        ({"sasl_username": "worker"}, "SASL_SSL needs MODERATION_SASL_PASSWORD"),
        ({"sasl_password": "swordfish"}, "SASL_SSL needs MODERATION_SASL_USERNAME"),
        ({**SECRET, "sasl_password": ""}, "SASL_SSL needs MODERATION_SASL_PASSWORD"),
    ],
)
def test_sasl_needs_user_and_password(given: dict[str, str], named: str) -> None:
    with pytest.raises(Misconfigured, match=named) as caught:
        connection(settings(security_protocol="SASL_SSL", **given))
    assert "swordfish" not in str(caught.value)


def test_certificate_authorities_come_from_the_file(tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    with pytest.raises(Misconfigured, match="MODERATION_SSL_CA_FILE: there is no file"):
        connection(settings(security_protocol="SSL", ssl_ca_file=missing))
    missing.write_text("no certificate")
    given = settings(security_protocol="SSL", ssl_ca_file=missing)
    assert connection(given)["ssl.ca.location"] == str(missing)
    with pytest.raises(Misconfigured, match="holds no PEM certificates"):
        aiokafka_connection(given)


def test_the_password_is_not_shown_by_the_settings() -> None:
    assert "swordfish" not in repr(settings(**SECRET))
