"""Engines with roles of their own on a real Kafka: one that counts exactly, one that fails, one that nobody runs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from tests.system.kafka import Kafka
from tests.system.load import Plan, text
from tests.system.stream import HERE, Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ROLES = ("screen", "join", "velocity_user", "text_llm")
OFFER = "a lamp for sale, nearly new, write to me"


@pytest.fixture(scope="module")
def stream(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a running stream with one worker of each role but `comprehend`."""
    with Stream(kafka.bootstrap, tmp_path_factory.mktemp("logs"), policy=HERE / "apart.yaml") as running:
        running.start(*ROLES)
        yield running


def statuses(decision: dict[str, Any]) -> dict[str, str]:
    return {report["engine"]: report["status"] for report in decision["reports"]}


def test_an_authors_texts_are_counted_exactly_over_all_conversations(stream: Stream) -> None:
    stream.send([text(f"spread-{number}", OFFER, "ann") for number in range(8)])
    stream.send([text(f"other-{number}", OFFER, f"user {number}") for number in range(8)])
    found = stream.decided(*(f"spread-{number}" for number in range(8)))
    counts = [line["evidence"][0]["count"] for made in found for line in made["triggered"]]
    assert sorted(counts) == [4, 5, 6, 7, 8]
    others = stream.decided(*(f"other-{number}" for number in range(8)))
    assert [made["action"] for made in others] == ["allow"] * 8
    assert stream.checked()["sound"]


def test_an_engine_that_cannot_be_reached_holds_what_it_was_asked_about_and_nothing_else(stream: Stream) -> None:
    stream.send([text("rude", "you idiot"), text("kind", "you are kind")])
    rude, kind = stream.decided("rude", "kind")
    assert statuses(rude) == {"blocklist": "ok", "velocity": "ok", "velocity_user": "ok", "text_llm": "error"}
    assert (rude["action"], rude["partial"]) == ("flag", True)
    assert "held for review" in rude["reason"]
    assert statuses(kind) == {"blocklist": "ok", "velocity": "ok", "velocity_user": "ok"}
    assert (kind["action"], kind["partial"]) == ("allow", False)


def test_an_engine_that_nobody_runs_is_a_timeout_at_the_deadline_and_holds(kafka: Kafka, tmp_path: Path) -> None:
    policy = tmp_path / "impatient.yaml"
    policy.write_text((HERE / "apart.yaml").read_text().replace("deadline: 60s", "deadline: 3s"))
    with Stream(kafka.bootstrap, tmp_path, policy=policy) as stream:
        stream.start("screen", "join", "velocity_user")
        stream.send([text("waits", "by wiretransfer please")])
        (waits,) = stream.decided("waits")
        assert statuses(waits)["comprehend"] == "timeout"
        assert (waits["action"], waits["partial"]) == ("flag", True)


def test_nothing_is_lost_or_decided_twice_when_the_roles_are_killed(stream: Stream) -> None:
    plan = Plan(11, 1200, "killed", conversations=60)
    feeding = stream.feed(plan, rate=300)
    stream.watch.wait_for_id("killed-m200", 60)
    stream.worker("velocity_user").kill()
    stream.watch.wait_for_id("killed-m400", 60)
    stream.worker("text_llm").kill()
    stream.worker("screen").kill()
    feeding.done()
    stream.watch.wait_for_id("killed-m1199", 60)
    verdict = stream.checked()
    assert verdict["sound"], verdict["examples"]
    assert verdict["counts"]["repeated inputs"] > 0


def test_what_an_author_repeats_in_a_conversation_is_counted_exactly_over_a_crash(stream: Stream) -> None:
    authors, times = 40, 6
    sent = [
        text(f"again-{time}-{author}", OFFER, f"author {author}", f"room {author % 8}")
        for time in range(times)
        for author in range(authors)
    ]
    stream.send(sent[: len(sent) // 2])
    stream.watch.wait_for_id("again-0-20", 60)
    stream.worker("screen").kill()
    stream.send(sent[len(sent) // 2 :])
    every = stream.decided(*(f"again-{time}-{author}" for author in range(authors) for time in range(times)))
    for author in range(authors):
        made = every[author * times : (author + 1) * times]
        found = [line for each in made for line in each["triggered"] if line["rule"] == "repeated_text"]
        # The first three are within the limit; no text is counted twice, none is forgotten.
        assert [line["evidence"][0]["count"] for line in found] == [4, 5, 6]
    assert stream.worker("screen").ends[-1] == -9
    assert stream.checked()["sound"]


def test_a_worker_that_does_not_know_the_policy_of_a_task_says_so_and_nothing_passes(
    kafka: Kafka, tmp_path: Path
) -> None:
    with Stream(kafka.bootstrap, tmp_path, policy=HERE / "apart.yaml") as stream:
        stream.start("screen", "join", "velocity_user")
        stream.environment["MODERATION_POLICY"] = str(HERE / "policy.yaml")
        stream.start("text_llm")
        stream.send([text("rude", "you idiot")])
        (rude,) = stream.decided("rude")
        assert statuses(rude)["text_llm"] == "error"
        assert rude["partial"]
        assert rude["action"] == "flag"
        assert "unknown_policy" in rude["reason"]
        assert stream.checked()["sound"]


def test_the_command_runs_the_roles_that_the_policy_needs_and_no_others(kafka: Kafka, tmp_path: Path) -> None:
    policy = tmp_path / "counting.yaml"
    policy.write_text("id: counting\nengines: {velocity_user: {}}\n")
    with Stream(kafka.bootstrap, tmp_path, policy=policy) as stream:
        command = stream.command("worker", "--role", "all")
        stream.send([text("m1", "good morning")])
        (made,) = stream.decided("m1")
        assert statuses(made) == {"velocity_user": "ok"}
        lines = [child.cmdline() for child in psutil.Process(command.pid).children()]
        roles = {line[line.index("--role") + 1] for line in lines if "--parent" in line}
        assert roles == {"screen", "uploads", "media", "join", "enforce", "velocity_user"}
        assert command.leave() == 0
