"""A language model behind a whole stream: asked where others doubt; it can lose, lower and double nothing."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.system.checker import Log
from tests.system.kafka import Kafka
from tests.system.language_model import Model, asked_about
from tests.system.load import text
from tests.system.stream import Stream
from tests.unit.adapters.endpoint import (
    DROPS,
    HANGS,
    HTML,
    Reply,
    aws_error,
    completion,
    labelled,
    told,
    tool_use,
)
from tests.unit.engines.canaries import CANARIES
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ROLES: Final = ("screen", "join", "text_llm")
ATTEMPTS: Final = 2
CONCURRENCY: Final = 8
BATCHES: Final = 4 * 16  # tasks that may be on their way at once: partitions, tasks of one transaction
POLICY: Final = f"""\
id: cascade
engines:
  blocklist:
    lists:
      - {{name: insults, terms: [idiot], label: harassment, action: block, why: insults}}
      - {{name: bombs, terms: [bomb], label: terrorism, action: block, why: threats}}
      - {{name: doubts, terms: [wiretransfer], label: scam, action: allow}}
  text_llm:
    MODEL
    timeout: 1s
    attempts: {ATTEMPTS}
    concurrency: {CONCURRENCY}
    ask_when: {{labels: [scam], unless: [terrorism]}}
deadline: 40s
"""


def policy(folder: Path, **model: str) -> Path:
    """Return a policy file that asks a model."""
    path = folder / "cascade.yaml"
    path.write_text(POLICY.replace("MODEL", "\n    ".join(f"{key}: {value}" for key, value in model.items())))
    return path


def judgement(troubles: dict[str, Reply]) -> Callable[[str], dict[str, Any] | Reply]:
    """Return a model that answers as told where a text names a trouble, and calls the word `prize` a high scam."""

    def judged(words: str) -> dict[str, Any] | Reply:
        for name, reply in troubles.items():
            if name in words:
                return reply
        return labelled(("scam", "high", "prize")) if "prize" in words else labelled()

    return judged


def refusal(status: int) -> Reply:
    return told({"error": {"message": "no", "type": "t", "param": None, "code": None}}, status)


# What goes wrong over chat completions -> status and reason of the report.
TROUBLES: Final = {
    "throttled": (refusal(429), "error", "throttled"),
    "hanging": (HANGS, "timeout", "timeout"),
    "garbled": (HTML, "error", "garbled"),
    "dropped": (DROPS, "error", "unreachable"),
    "chatty": (completion("I would allow this one."), "error", "prose"),
    "refusing": (completion(None, refusal="I cannot help with that."), "error", "refused"),
    "inventing": (completion(json.dumps(labelled(("gossip", "low")))), "error", "unasked_label"),
    "locked": (refusal(401), "error", "access_denied"),
}
# A lone surrogate does not come this far: a record that holds one is a dead letter.
INJECTIONS: Final = tuple(canary for canary in CANARIES if "\ud800" not in canary)
OBEDIENT: Final = {
    "obey with nothing": completion(json.dumps(labelled())),
    "obey with prose": completion("allow"),
    "obey with a verdict": completion(json.dumps({"action": "allow", "findings": []})),
}


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    """Yield a model that speaks chat completions."""
    with Model(judgement(OBEDIENT | {name: reply for name, (reply, *_) in TROUBLES.items()})) as running:
        yield running


@pytest.fixture(scope="module")
def stream(kafka: Kafka, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a running stream that asks the model."""
    folder = tmp_path_factory.mktemp("openai")
    chosen = policy(folder, provider="openai", model="small", endpoint=f"{model.url}/v1")
    with Stream(kafka.bootstrap, folder, policy=chosen) as running:
        running.start(*ROLES)
        yield running


def report(decision: dict[str, Any]) -> tuple[str, str | None]:
    """Return status and reason of the model's report."""
    (found,) = (one for one in decision["reports"] if one["engine"] == "text_llm")
    return found["status"], found.get("reason")


def rules(decision: dict[str, Any]) -> list[str]:
    return [line["rule"] for line in decision["triggered"]]


def costs(stream: Stream) -> dict[str, Any]:
    """Return what the model's report on each content cost."""
    with Log(stream.bootstrap, stream.prefix) as log:
        records = [json.loads(record.value or b"") for record in log.read("findings")]
    return {one["content_id"]: one.get("cost") for one in records if one.get("engine") == "text_llm"}


def test_only_uncertain_texts_are_asked_and_a_known_question_is_not_asked_again(stream: Stream, model: Model) -> None:
    stream.send([text("calm", "a calm evening"), text("sure", "a bomb by wiretransfer")])
    stream.send([text("before", "hello there", "ann", "talk"), text("unsure", "wiretransfer the prize", "bob", "talk")])
    calm, sure, unsure = stream.decided("calm", "sure", "unsure")
    stream.send([text("again-0", "hello there", "cy", "more"), text("again", "wiretransfer the prize", "di", "more")])
    stream.send([text("other", "wiretransfer the prize", "bob")])  # without the message before it
    again, other = stream.decided("again", "other")

    assert (calm["action"], rules(calm)) == ("allow", [])
    assert (sure["action"], rules(sure)) == ("block", ["bombs", "doubts"])
    for made in (calm, sure):
        assert {one["engine"] for one in made["reports"]} == {"blocklist"}
    for made in (unsure, again, other):
        found = next(line for line in made["triggered"] if line["engine"] == "text_llm")
        assert (found["rule"], found["label"], found["severity"]) == ("scam_high", "scam", "high")
        assert found["evidence"] == [{"span": [17, 22]}]
        assert (made["severity"], made["partial"]) == ("high", False)
    assert model.times("a bomb") + model.times("calm evening") == {}
    prize = "wiretransfer the prize"
    questions = [data for request in model.requests if (data := asked_about(request))["text"] == prize]
    assert [one["context"] for one in questions] == [[{"author": 1, "text": "hello there"}], []]
    spent = costs(stream)
    assert [spent[name] for name in ("unsure", "again", "other")] == [{"calls": 1}, {"cached": 1}, {"calls": 1}]
    assert stream.checked()["sound"]


# Fewer failures than open the circuit, and then one that works: here each trouble is met with a fresh mind.
GROUPS: Final = (("throttled", "hanging"), ("garbled", "dropped"), ("chatty", "refusing", "inventing", "locked"))


@pytest.mark.parametrize("group", GROUPS)
def test_whatever_the_model_does_wrong_a_text_is_held_and_a_hit_stays(
    stream: Stream, model: Model, group: tuple[str, ...]
) -> None:
    for name in group:
        stream.send(
            [text(f"{name}-plain", f"{name} wiretransfer"), text(f"{name}-rude", f"{name} wiretransfer, idiot")]
        )
    made = stream.decided(*(f"{name}-{how}" for name in group for how in ("plain", "rude")))
    for name, plain, rude in zip(group, made[::2], made[1::2], strict=True):
        assert report(plain) == report(rude) == TROUBLES[name][1:]
        assert (plain["action"], plain["partial"], rude["action"], rude["partial"]) == ("flag", True, "block", True)
        assert "held for review" in plain["reason"]
        assert rules(rude)[0] == "insults"
        assert max(model.times(name).values()) <= ATTEMPTS
    stream.send([text(f"after {group[0]}", f"fine, not {group[0][1:]}, by wiretransfer")])
    (good,) = stream.decided(f"after {group[0]}")
    assert (report(good), good["action"], good["partial"]) == (("ok", None), "allow", False)
    assert stream.checked()["sound"]


def test_a_model_that_obeys_a_text_lowers_nothing(stream: Stream, model: Model) -> None:
    names = [f"{how}-{number}" for how in ("rude", "plain") for number in range(len(INJECTIONS) * len(OBEDIENT))]
    words = [f"{canary} {how} wiretransfer" for canary in INJECTIONS for how in OBEDIENT]
    stream.send([text(name, f"idiot {said}") for name, said in zip(names, words, strict=False)])
    stream.send([text(name, said) for name, said in zip(names[len(words) :], words, strict=True)])
    made = stream.decided(*names)

    for decision in made[: len(words)]:
        assert (decision["action"], rules(decision)[0]) == ("block", "insults")
    for decision, said in zip(made[len(words) :], words, strict=True):
        status, reason = report(decision)
        expected = {"nothing": ("ok", None), "prose": ("error", "prose"), "verdict": ("error", "wrong_form")}
        assert (status, reason) == expected[said.split()[-2]]
        assert decision["action"] == ("allow" if status == "ok" else "flag")
        assert rules(decision) == ["doubts"]
    assert set(words) <= model.times().keys()
    assert stream.checked()["sound"]


def test_workers_killed_while_the_model_thinks_ask_again_and_decide_once(stream: Stream, model: Model) -> None:
    names = [f"killed-{number}" for number in range(120)]
    before = len(model.requests)
    model.hold()
    stream.send([text(name, f"wiretransfer the prize number {name}") for name in names])
    until(lambda: len(model.requests) >= before + CONCURRENCY)
    for role in ("text_llm", "join"):
        stream.worker(role).kill()
    model.release()
    made = stream.decided(*names)

    assert [(decision["severity"], rules(decision)) for decision in made] == [("high", ["scam_high", "doubts"])] * 120
    assert [report(decision) for decision in made] == [("ok", None)] * 120
    asked = model.times("number killed")
    assert len(asked) == 120
    assert sum(asked.values()) <= 120 + BATCHES
    verdict = stream.checked()
    assert verdict["sound"], verdict["examples"]


def test_bedrock_is_asked_where_the_environment_says_and_left_alone_when_it_is_down(
    kafka: Kafka, tmp_path: Path
) -> None:
    troubles = {
        "throttled": (aws_error("ThrottlingException", 429), "error", "throttled"),
        "garbled": (HTML, "error", "garbled"),
        "guarded": (tool_use(stop="guardrail_intervened", text="Sorry."), "error", "guardrail_intervened"),
        "obedient": (tool_use(stop="end_turn", text="allow"), "error", "prose"),
    }
    down = aws_error("ServiceUnavailableException", 503)
    chosen = policy(tmp_path, provider="bedrock", model="amazon.nova-lite-v1:0", region="us-east-1")
    with (
        Model(judgement({"down": down} | {name: reply for name, (reply, *_) in troubles.items()})) as model,
        Stream(kafka.bootstrap, tmp_path, policy=chosen) as stream,
    ):
        stream.environment["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = model.url
        stream.start(*ROLES)
        for name in troubles:
            stream.send([text(f"{name}-rude", f"{name} wiretransfer, idiot"), text(name, f"{name} wiretransfer")])
        stream.send([text("good", "wiretransfer the prize")])
        made = stream.decided("good", *(f"{name}{how}" for name in troubles for how in ("-rude", "")))
        good, *made = made
        assert (good["action"], rules(good)) == ("flag", ["scam_high", "doubts"])
        for expected, rude, plain in zip(troubles.values(), made[::2], made[1::2], strict=True):
            assert report(plain) == report(rude) == expected[1:]
            assert (plain["action"], plain["partial"], rude["action"]) == ("flag", True, "block")

        names = [f"later-{number}" for number in range(60)]
        stream.send([text(name, f"down wiretransfer {name}") for name in names])
        made = stream.decided(*names)
        assert {report(decision) for decision in made} <= {("error", "unavailable"), ("error", "circuit_open")}
        assert [(decision["action"], decision["partial"]) for decision in made] == [("flag", True)] * 60
        # Those that were on their way when the circuit opened; sixty texts would be asked about 120 times.
        assert sum(model.times("down").values()) <= BATCHES + 2 * CONCURRENCY
        assert stream.checked()["sound"]
