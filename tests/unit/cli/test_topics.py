"""`moderation topics` without a broker: the list, and errors of one line."""

import json

import pytest
from click.testing import CliRunner

from streams import topology
from streams.adapters.topics import Problem
from streams.cli.topics import table, topics


def test_the_list_names_every_topic_with_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_TOPIC_PREFIX", "club-")
    monkeypatch.setenv("MODERATION_PARTITIONS", "6")
    done = CliRunner().invoke(topics, ["list", "--json"])
    assert done.exit_code == 0
    rows = json.loads(done.stdout)
    assert [row["topic"] for row in rows] == [f"club-{spec.name}" for spec in topology.topics()]
    assert {row["partitions"] for row in rows} == {6}
    assert all(row["retention_ms"] is None or row["cleanup"] == "delete" for row in rows)


def test_the_list_is_readable_in_a_file() -> None:
    done = CliRunner().invoke(topics, ["list"])
    lines = done.stdout.splitlines()
    assert len(lines) == 2 + len(list(topology.topics()))
    assert lines[1].split()[0] == "moderation.messages"
    assert "delete 7 d" in lines[1]


def test_rows_keep_their_whole_text(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem("moderation.messages", "missing", "error", "does not exist: run `moderation topics apply`")
    table([{"topic": problem.topic, "level": problem.level, "text": problem.text}])
    assert "does not exist: run `moderation topics apply`" in capsys.readouterr().out


@pytest.mark.parametrize("action", ["check", "apply"])
def test_nothing_connects_with_a_password_in_the_clear(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    monkeypatch.setenv("MODERATION_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    done = CliRunner().invoke(topics, [action])
    assert "MODERATION_ALLOW_PLAINTEXT" in str(done.exception)
