"""What the brokers tell of a topic, held against the list; and what is done about it."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.adapters.topics import Problem, Unreachable, apply, check, creation_config, differences, problems
from streams.settings import Settings
from streams.topology import TopicSpec

LOG = TopicSpec("messages", "id", "message", retention_ms=1000)
STATE = TopicSpec("screen-windows-state", "id", "window", cleanup="compact")


def topic(partitions: int, replicas: int = 1) -> Any:
    """Return a topic as the admin client describes it."""
    return SimpleNamespace(
        partitions={number: SimpleNamespace(replicas=[*range(replicas)]) for number in range(partitions)}
    )


def found(spec: TopicSpec, there: Any, config: dict[str, str] | None, **given: int) -> list[Problem]:
    return problems("t", spec, there, config, Settings(partitions=4, **given))  # type: ignore[arg-type]


def names(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.problem, problem.level) for problem in problems]


def test_a_topic_as_it_should_be_has_no_problem() -> None:
    assert found(LOG, topic(4), creation_config(LOG, 1)) == []
    assert found(STATE, topic(4), creation_config(STATE, 1)) == []
    assert found(STATE, topic(4, 3), creation_config(STATE, 3), replication=3) == []


def test_a_missing_topic_is_an_error_that_says_what_to_do() -> None:
    assert names(found(LOG, None, None)) == [("missing", "error")]
    assert "moderation topics apply" in found(LOG, None, None)[0].text


@pytest.mark.parametrize("count", [1, 3, 5])
def test_another_partition_count_is_an_error(count: int) -> None:
    (problem,) = found(LOG, topic(count), creation_config(LOG, 1))
    assert (problem.problem, problem.level) == ("partitions", "error")
    assert f"{count} partitions instead of 4" in problem.text


def test_a_state_topic_that_is_not_compacted_is_an_error() -> None:
    assert names(found(STATE, topic(4), {**creation_config(STATE, 1), "cleanup.policy": "delete"})) == [
        ("cleanup", "error")
    ]
    assert names(found(LOG, topic(4), {"cleanup.policy": "compact", "retention.ms": "1000"})) == [("cleanup", "error")]


def test_a_state_topic_with_large_segments_is_a_hint() -> None:
    (problem,) = found(STATE, topic(4), {**creation_config(STATE, 1), "segment.bytes": "1073741824"})
    assert (problem.problem, problem.level) == ("compaction", "hint")
    assert "segment.bytes" in problem.text


def test_an_operators_retention_is_left_alone() -> None:
    assert differences(LOG, {"cleanup.policy": "delete", "retention.ms": "9"}) == {}
    assert differences(LOG, {"cleanup.policy": "compact", "retention.ms": "9"}) == {
        "cleanup.policy": "delete",
        "retention.ms": "1000",
    }


def test_what_the_broker_does_not_tell_is_not_changed() -> None:
    assert differences(STATE, {"cleanup.policy": "compact"}) == {}
    assert names(found(LOG, topic(4), None)) == [("unreadable", "hint")]


@pytest.mark.parametrize(
    ("replicas", "wanted", "in_sync", "expected"),
    [
        (1, 1, "1", []),
        (3, 3, "2", []),
        (2, 2, "1", []),
        (1, 3, "1", [("replication", "hint")]),
        (3, 3, "1", [("min_insync", "hint")]),
        (3, 3, "3", [("min_insync", "hint")]),
        (2, 2, "3", [("min_insync", "error")]),
    ],
)
def test_replicas_that_do_not_fit_are_told(
    replicas: int, wanted: int, in_sync: str, expected: list[tuple[str, str]]
) -> None:
    config = {**creation_config(LOG, 1), "min.insync.replicas": in_sync}
    assert names(found(LOG, topic(4, replicas), config, replication=wanted)) == expected


def test_three_replicas_are_created_so_that_two_must_have_a_record() -> None:
    assert creation_config(LOG, 3)["min.insync.replicas"] == "2"
    assert "min.insync.replicas" not in creation_config(LOG, 2)


@pytest.mark.parametrize("ask", [apply, check])
def test_a_broker_that_is_not_there_is_one_line_in_time(ask: Any) -> None:
    with pytest.raises(Unreachable) as caught:
        ask(Settings(bootstrap="127.0.0.1:1"), timeout=0.5)
    assert "127.0.0.1:1" in str(caught.value)
    assert "MODERATION_BOOTSTRAP" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 69
