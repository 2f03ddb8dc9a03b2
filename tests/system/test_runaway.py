"""A published rule that matches everything does no more than flag, until a person lets it act again."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.system.kafka import Kafka
from tests.system.load import Sent, text
from tests.system.processes import ROOT, python
from tests.system.stream import Stream
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

NARROW = (
    "id: chat\nengines: {pattern: {patterns: [{name: spam, pattern: offer, label: spam, action: block, why: no}]}}\n"
)
BROAD = NARROW.replace("pattern: offer", "pattern: '.'")
BATCH = 60  # texts; the breaker needs forty, and a worker that is behind takes all of them at once


def texts(name: str) -> list[Sent]:
    return [text(f"{name}-{number}", "good morning", f"u{number}") for number in range(BATCH)]


def command(stream: Stream, *arguments: str) -> Any:
    """Run the product's own command and return what it says as JSON, None where it says nothing."""
    done = subprocess.run(
        python("-m", "streams", *arguments),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        cwd=ROOT,
        env=stream.environment,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in arguments else None


def decided(stream: Stream, name: str) -> list[dict[str, Any]]:
    """Send texts and return what was decided of them."""
    sent = texts(name)
    stream.send(sent)
    return stream.decided(*(f"{name}-{number}" for number in range(BATCH)))


def tripped(stream: Stream) -> list[dict[str, Any]]:
    """Return what workers say of rules that are held."""
    return [rule for worker in command(stream, "policy", "status", "--json")["workers"] for rule in worker["tripped"]]


def test_a_rule_that_matches_everything_falls_back_to_flag_and_is_released_by_hand(
    kafka: Kafka, tmp_path: Path
) -> None:
    narrow, broad = tmp_path / "narrow.yaml", tmp_path / "broad.yaml"
    narrow.write_text(NARROW)
    broad.write_text(BROAD)
    with Stream(
        kafka.bootstrap, tmp_path, policy=narrow, partitions=2, runaway_judged=40, runaway_triggered=20
    ) as stream:
        (screen,) = stream.start("screen")
        command(stream, "policy", "apply", "--json", str(narrow))
        assert {each["action"] for each in decided(stream, "quiet")} == {"allow"}

        command(stream, "policy", "apply", "--json", str(broad))
        decided(stream, "loud")
        held = decided(stream, "held")
        assert {(each["action"], *lines(each)) for each in held} == {("flag", "spam", "flag", "block")}
        until(lambda: bool(tripped(stream)), 20)
        (rule,) = tripped(stream)
        assert (rule["policy_id"], rule["engine"], rule["rule"], rule["share"] > 0.3) == (
            "chat",
            "pattern",
            "spam",
            True,
        )
        assert 'moderation_rule_tripped{engine="pattern",policy="chat",rule="spam"} 1.0' in screen.metrics()

        command(stream, "policy", "release", "pattern/spam", "--policy", "chat")
        until(lambda: screen.metric("moderation_rule_tripped") == 0, 20)
        assert {(each["action"], *lines(each)) for each in decided(stream, "free")} == {
            ("block", "spam", "block", None)
        }
        assert screen.restarts == 0


def lines(decision: dict[str, Any]) -> tuple[Any, ...]:
    """Return rule, action, and what it led to before, of the only line of a decision."""
    (line,) = decision["triggered"]
    return line["rule"], line["action"], line.get("instead_of")
