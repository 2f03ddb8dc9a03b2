"""Personal data through a whole stream, its engines' errors and its dead letters: none of it where it must not be."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest

from tests.system.checker import Log
from tests.system.kafka import Kafka
from tests.system.language_model import Model
from tests.system.load import CREATED, Sent, text
from tests.system.stream import Stream
from tests.system.topic import DEAD_LETTER, EXPECT
from tests.unit.adapters.endpoint import Reply, completion, labelled, told

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ROLES: Final = ("screen", "uploads", "join", "text_llm", "velocity_user")
# An address, a card, a phone number, a token and a name that occur nowhere else.
CANARIES: Final = {
    "email": "zora.quillfeather@mail.example.com",
    "card": "4929 1234 5678 9015",
    "phone": "+1 415-555-0132",
    "token": "sk-live-Qx7Lm2Vt9Rb4Hw6Z",
    "name": "Zora Quillfeather",
}
SECRETS: Final = {"api key": "canary-of-an-api-key-5d1f", "hash key": "canary-of-a-hash-key-0a7c9e5b3d"}
ALL: Final = ", ".join(CANARIES.values())
HIDDEN: Final = ", ".join("****" for _ in CANARIES)
POLICY: Final = """\
id: privacy
engines:
  blocklist:
    lists:
      - {name: insults, terms: [idiot], label: harassment, action: block, why: insults}
      - {name: doubts, terms: [wiretransfer], label: scam, action: allow}
      - {name: names, terms: [zora quillfeather], label: pii, action: mask}
  pattern:
    patterns:
      - {name: token, pattern: 'sk-live-[A-Za-z0-9]{16}', label: pii, action: mask}
  pii: {hash: {key_file: FOLDER/hash-key, key_id: k1}}
  velocity_user:
    limits: [{name: spread, kind: same_text, most: 1, within: 10m}]
  text_llm:
    provider: openai
    model: small
    endpoint: URL/v1
    api_key_file: FOLDER/api-key
    attempts: 1
    ask_when: {labels: [scam]}
deadline: 30s
"""
# What the model does -> its answer, which quotes the text wherever it can, and status and reason of the report.
ANSWERS: Final[dict[str, tuple[dict[str, Any] | Reply, str, str | None]]] = {
    "quoting": (labelled(("scam", "high", ALL), rationale=ALL), "ok", None),
    "babbling": (completion(ALL), "error", "prose"),
    "cutting": (completion(ALL, stop="length"), "error", "cut_off"),
    "refusing": (completion(None, refusal=ALL), "error", "refused"),
    "inventing": (labelled((ALL, "high")), "error", "unasked_label"),
    "misgrading": (labelled(("scam", ALL)), "error", "wrong_form"),
    "failing": (told({"error": {"message": ALL, "code": ALL}}, 500), "error", "unavailable"),
    "garbling": (Reply(f"<html>{ALL}</html>".encode(), headers={"X-Text": ALL}), "error", "garbled"),
    "moving": (Reply(b"", 307, {"Location": f"http://127.0.0.1:1/{ALL}"}), "error", "redirected"),
}
# Where texts may be: what producers sent, tasks for engines, tables, and the values of dead letters.
ALLOWED: Final = re.compile(r"messages|uploads|s3-events|tasks-.*|.*-state|.*-dlq")


def seen(data: bytes) -> set[str]:
    """Return the names of the canaries that some bytes hold, however they are spaced."""
    words = {name: value.lower() for name, value in (CANARIES | SECRETS).items()}
    plain = data.decode("utf-8", "replace").lower()
    close = re.sub(r"[\s().-]", "", plain)
    return {name for name, word in words.items() if word in plain or re.sub(r"[\s().-]", "", word) in close}


def judged(words: str) -> dict[str, Any] | Reply:
    """Return the model's answer that a text asks for by its first word."""
    return ANSWERS[words.partition(" ")[0]][0]


def refused() -> Iterator[Sent]:
    """Yield records that end in the dead letters, each with the canaries in another place."""
    whole = json.loads(text("refused", "hello").value or b"")

    def bad(topic: str, value: bytes) -> Sent:
        return Sent(topic, b"refused", value, DEAD_LETTER)

    changes: Iterable[dict[str, Any]] = (
        {"kind": ALL},
        {"created_at": ALL},
        {"text": [ALL]},
        {"text": f"{ALL} \ud800"},
        {"user": ALL},
        {"user": {"id": [ALL]}},
        {"user": {"id": "u", "created_at": ALL}},
        {"language": ALL * 3},
        {"content_id": ALL * 3},
        {"custom": ALL},
        {"attachments": [{"kind": ALL, ALL: ALL}]},
        {"attachments": [{"kind": "image", "url": ALL, "path": ALL}]},
    )
    for change in changes:
        yield bad("messages", json.dumps(whole | change).encode())
    encoded = json.dumps(whole | {"text": ALL}).encode()
    for value in (encoded[:-9], encoded + ALL.encode(), encoded[:-2] + b"\xff" + encoded[-2:], ALL.encode()):
        yield bad("messages", value)
    upload = {"content_id": "u", "kind": "image", "user": {"id": "u"}, "created_at": CREATED, "caption": ALL}
    yield bad("uploads", json.dumps(upload | {"location": {"bucket": ALL}}).encode())
    yield bad("s3-events", json.dumps({"Records": [ALL], "Event": ALL}).encode())
    for topic in ("tasks-text-llm", "tasks-velocity-user", "findings"):
        yield bad(topic, encoded[:-9])
        yield bad(topic, json.dumps({"type": ALL, "content_id": "x", "status": ALL, "text": ALL}).encode())


def accepted() -> Iterator[Sent]:
    """Yield contents that are judged: masked, blocked, repeated, with fields of their own, with a caption."""
    for number in range(3):
        yield text(f"masked-{number}", ALL, "zed", "talk")
    yield text("rude", f"you idiot, {ALL}", "zed", "talk")
    yield text("after", "thank you", "ann", "talk")
    message = json.loads(text("custom", "hello").value or b"")
    message |= {"custom": {ALL: ALL}, "user": {"id": "u", "role": "member", "custom": {"name": ALL}}}
    yield Sent("messages", b"of custom", json.dumps(message).encode())
    upload = {"content_id": "picture", "kind": "image", "user": {"id": "u"}, "created_at": CREATED, "caption": ALL}
    yield Sent("uploads", b"picture", json.dumps(upload | {"location": {"bucket": "b", "key": "k"}}).encode())
    for name in ANSWERS:
        yield text(name, f"{name} a wiretransfer to {ALL}")


@pytest.fixture(scope="module")
def stream(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a stream of the product's own workers through which everything has gone, every word of theirs logged."""
    folder = tmp_path_factory.mktemp("privacy")
    (folder / "api-key").write_text(SECRETS["api key"])
    (folder / "hash-key").write_text(SECRETS["hash key"])
    policy = folder / "privacy.yaml"
    with Model(judged) as model:
        policy.write_text(POLICY.replace("URL", model.url).replace("FOLDER", str(folder)))
        with Stream(kafka.bootstrap, folder, policy=policy, log="debug") as running:
            for worker in [running.command("worker", "--role", role) for role in ROLES]:
                worker.await_ready()
            good, bad = list(accepted()), list(refused())
            running.send([*good, *bad])
            running.watch.wait(60, decisions=len(good), dead_letters=len(bad))
            yield running


def test_the_ways_that_were_to_be_gone_were_gone(stream: Stream) -> None:
    made = stream.decided(*ANSWERS)
    reports = [
        next((one["status"], one.get("reason")) for one in each["reports"] if one["engine"] == "text_llm")
        for each in made
    ]
    assert reports == [(status, reason) for _, status, reason in ANSWERS.values()]
    with Log(stream.bootstrap, stream.prefix) as log:
        values = {topic: [record.value or b"" for record in log.read(topic)] for topic in log.topics}
    # The search can see: where texts may be, it finds them.
    for topic in ("messages", "uploads", "tasks-text-llm", "screen-windows-state", "messages-dlq", "findings-dlq"):
        assert seen(b" ".join(values[topic])) >= CANARIES.keys(), topic


def test_a_masked_text_is_all_that_a_decision_tells(stream: Stream) -> None:
    masked = stream.decided("masked-0", "masked-1", "masked-2", "picture")
    assert [made["masked_text"] for made in masked] == [HIDDEN] * 4
    assert [made["action"] for made in masked] == ["mask_flag"] * 4
    (quoted, rude) = stream.decided("quoting", "rude")
    assert quoted["masked_text"] == f"quoting a wiretransfer to {HIDDEN}"
    assert (rude["action"], rude.get("masked_text")) == ("block", None)
    found = {line["rule"]: line for line in masked[0]["triggered"]}
    assert found.keys() >= {"names", "token", "email", "card", "phone"}
    assert found["card"]["evidence"][0]["hash"].startswith("k1:")


def test_no_topic_tells_what_a_text_held(stream: Stream) -> None:
    told_by: dict[str, set[str]] = {}
    with Log(stream.bootstrap, stream.prefix) as log:
        assert {"actions", "findings"} <= {topic for topic in log.topics if not ALLOWED.fullmatch(topic)}
        for topic in log.topics:
            for record in log.read(topic):
                if topic == "findings" and record.header(EXPECT) == DEAD_LETTER:
                    continue  # what this test put there
                parts = [part for name, value in record.headers for part in (name.encode(), value or b"")]
                parts.append(record.key or b"")
                if not ALLOWED.fullmatch(topic):
                    parts.append(record.value or b"")
                if names := seen(b"\n".join(parts)):
                    told_by.setdefault(topic, set()).update(names)
    assert told_by == {}


def test_no_log_and_no_page_of_metrics_tells_what_a_text_held(stream: Stream) -> None:
    for worker in stream.workers:
        log, page = worker.log.read_bytes(), worker.metrics().encode()
        assert b": started" in log
        assert b"moderation_" in page
        assert (worker.log.name, seen(log), seen(page)) == (worker.log.name, set(), set())
        assert worker.ends == []
