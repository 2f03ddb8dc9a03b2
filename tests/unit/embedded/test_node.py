"""A node's properties and command line."""

from pathlib import Path

from streams.embedded.java import Java
from streams.embedded.node import Program, properties, rendered
from streams.settings import Settings

PLAIN = properties(20_001, 20_002, Path("/data"))


def test_clients_reach_the_broker_on_loopback_only() -> None:
    assert PLAIN["listeners"] == "PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002"
    assert PLAIN["advertised.listeners"] == "PLAINTEXT://127.0.0.1:20001"
    assert PLAIN["controller.quorum.voters"] == "1@127.0.0.1:20002"


def test_topics_are_never_created_by_side_effect() -> None:
    assert PLAIN["auto.create.topics.enable"] == "false"


def test_one_node_is_enough_for_what_is_internal() -> None:
    internal = [value for name, value in PLAIN.items() if name.endswith(("replication.factor", "min.isr"))]
    assert internal == ["1"] * 5


def test_a_worker_may_have_the_shortest_session_that_its_settings_allow() -> None:
    least = next(bound.ge for bound in Settings.model_fields["session_timeout"].metadata if hasattr(bound, "ge"))
    assert int(PLAIN["group.min.session.timeout.ms"]) <= least * 1000


def test_the_broker_lets_records_through_that_a_worker_must_refuse_by_itself() -> None:
    assert int(PLAIN["message.max.bytes"]) > 2 * 1024 * 1024 > Settings().record_limit


def test_a_backslash_survives_the_properties_file() -> None:
    assert rendered({"log.dirs": "a\\b"}) == "log.dirs=a\\\\b\n"


def test_flags_for_every_java_come_before_the_class_and_its_arguments() -> None:
    program = Program(Java(Path("/java"), 25, ""), "/lib/*", ("-XX:AOTCache=/cache",))
    command = program.command("-Xmx64m", main=["kafka.Kafka", "server.properties"])
    assert command[0] == "/java"
    assert command[-6:] == ["-XX:AOTCache=/cache", "-Xmx64m", "-cp", "/lib/*", "kafka.Kafka", "server.properties"]


def test_an_older_java_gets_no_flag_that_it_does_not_know() -> None:
    old, new = (Program(Java(Path("/java"), release, ""), "/lib/*").command(main=()) for release in (17, 25))
    assert set(new) - set(old) == {"--sun-misc-unsafe-memory-access=allow"}
