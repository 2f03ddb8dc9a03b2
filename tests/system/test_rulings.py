"""What moderators rule, on a real Kafka: quarantine and strike undone, one revision each over repeats and a kill."""

import json
import time
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import pytest

from streams.embedded.aws import Aws
from tests.system.acted import Buckets, Outcomes
from tests.system.kafka import Kafka
from tests.system.load import Sent, text
from tests.system.pictures import drawn
from tests.system.stream import Stream
from tests.system.topic import DEAD_LETTER

pytestmark = [pytest.mark.system, pytest.mark.timeout(150)]

SEED: Final = 71
CONTENTS: Final = 40
RULINGS: Final = 300
POLICY: Final = """\
id: ruled
engines:
  blocklist:
    lists:
      - {{name: fraud, terms: [fraud], label: scam, action: block, why: fraud}}
      - {{name: insults, terms: [idiot], label: harassment, action: flag}}
  qr: {{action: flag}}
standing: {{}}
effects:
  - {{name: away, sink: s3, work: quarantine, on: [block], bucket: {quarantine}, prefix: held/}}
"""


@pytest.fixture(scope="module")
def buckets(aws: Aws) -> Buckets:
    """Return buckets of uploads, and a quarantine."""
    return Buckets(aws.endpoint)


@pytest.fixture(scope="module")
def stream(kafka: Kafka, aws: Aws, buckets: Buckets, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a running stream that judges texts with pictures, and acts; the checker has the last word."""
    folder = tmp_path_factory.mktemp("logs")
    policy = folder / "policy.yaml"
    policy.write_text(POLICY.format(quarantine=buckets.quarantine), encoding="utf-8")
    with Stream(kafka.bootstrap, folder, aws=aws.endpoint, policy=policy) as running:
        running.start("screen", "media", "join", "enforce", "execute")
        yield running
        verdict = running.checked()
        assert verdict["sound"], verdict["examples"]


def ruling(ruling_id: str, act: str, seen: dict[str, Any], expect: bytes | None = None, **more: Any) -> Sent:
    """Return the record of a ruling, as the review service writes it."""
    document = {"ruling_id": ruling_id, "act": act, "decision": seen, "by": "ada", "at": int(time.time() * 1000)}
    sent = Sent("rulings", seen["user_id"].encode(), json.dumps(document | more).encode())
    return sent if expect is None else sent._replace(expect=expect)


def judged(stream: Stream, *contents: Sent) -> list[dict[str, Any]]:
    """Have texts judged, and return the automatic decisions."""
    stream.send(contents)
    return stream.decided(*(json.loads(one.value or b"")["content_id"] for one in contents))


def revisions(stream: Stream, *content_ids: str) -> dict[str, list[dict[str, Any]]]:
    """Return all decisions on contents, in the order of the log."""
    found: dict[str, list[dict[str, Any]]] = {content_id: [] for content_id in content_ids}
    for key, decision in stream.records("actions"):
        if key in found and decision is not None:
            found[key].append(decision)
    return found


def rule(stream: Stream, *rulings: Sent, new: int) -> None:
    """Have rulings carried out, and wait for so many new decisions."""
    before = stream.watch.count("decisions")
    stream.send(rulings)
    stream.watch.wait(60, decisions=before + new)


def test_a_block_that_is_undone_brings_the_object_back_and_withdraws_the_strike(
    stream: Stream, buckets: Buckets
) -> None:
    picture = drawn(1)
    buckets.client.put_object(Bucket=buckets.versioned, Key="u/pic.png", Body=picture)
    attached = [{"kind": "image", "bucket": buckets.versioned, "key": "u/pic.png"}]
    shown = text("shown", "a fraud", "vex")
    shown = shown._replace(value=json.dumps({**json.loads(shown.value or b""), "attachments": attached}).encode())
    _, decision = judged(stream, text("other", "a fraud", "vex"), shown)
    assert (decision["action"], bool(decision["notice"])) == ("block", True)
    with Outcomes(stream) as outcomes:
        outcomes.until(lambda: ("shown", 0) in outcomes.ends, "quarantine")
        assert buckets.lying(buckets.quarantine) == {picture: 1}
        assert buckets.lying(buckets.versioned) == {}
        standing = dict(stream.records("standings"))["vex"]
        assert standing is not None
        assert {one["content_id"] for one in standing["strikes"]} == {"other", "shown"}

        undo = ruling("undo", "override", decision, action="allow", reason="a painting")
        rule(stream, undo, undo, new=1)
        outcomes.until(lambda: ("shown", 1) in outcomes.ends, "undo")
    assert (buckets.lying(buckets.quarantine), buckets.lying(buckets.versioned)) == ({}, {picture: 1})
    standing = dict(stream.records("standings"))["vex"]
    assert standing is not None
    assert [one["content_id"] for one in standing["strikes"]] == ["other"]
    assert {one["content_id"]: one.get("ended", "stands") for one in standing["past"]}["shown"] == "withdrawn"
    _, after = revisions(stream, "shown")["shown"]
    assert (after["revision"], after["action"], after["previous_action"]) == (1, "allow", "block")
    assert (after["source"], after["ruling_id"], after.get("notice")) == ("moderator", "undo", None)
    assert "painting" not in json.dumps(after)


def test_what_was_flagged_and_is_fine_is_allowed_and_two_who_saw_the_same_make_two_revisions(stream: Stream) -> None:
    one, two = judged(stream, text("fine", "you idiot", "bob"), text("both", "you idiot", "bob"))
    rule(
        stream,
        ruling("fine-1", "approve", one),
        ruling("both-1", "override", two, action="block"),
        ruling("both-2", "escalate", two, priority=2),
        ruling("both-3", "override", two, DEAD_LETTER, action="mask"),  # nobody knows the masked text
        new=3,
    )
    found = revisions(stream, "fine", "both")
    assert [each["action"] for each in found["fine"]] == ["flag", "allow"]
    assert [(each["revision"], each["action"], each["escalate"]) for each in found["both"]] == [
        (0, "flag", False),
        (1, "block", False),
        (2, "block", True),
    ]
    assert [each["kind"] for each in found["both"][1]["consequences"]] == ["strike"]
    assert len(stream.dead_letters("rulings")) == 1


def test_every_ruling_is_one_revision_when_a_worker_dies_between(stream: Stream) -> None:
    draw, worker = Random(SEED), stream.worker("enforce")
    seen = judged(stream, *(text(f"k{n}", "a fraud", f"u{n % 7}") for n in range(CONTENTS)))
    chosen = [draw.choice(seen) for _ in range(RULINGS)]
    rulings = [
        ruling(f"k-{n}", "override", each, action=draw.choice(("allow", "flag", "block")))
        for n, each in enumerate(chosen)
    ]
    repeats = [draw.choice(rulings) for _ in range(RULINGS // 10)]
    before, ends = stream.watch.count("decisions"), worker.restarts
    half = RULINGS // 2
    stream.send(rulings[:half])
    stream.watch.wait(60, decisions=before + half // 4)  # some are done, others on their way
    worker.kill()
    stream.send([*rulings[half:], *repeats])
    worker.await_restart(ends + 1)
    stream.watch.wait(60, decisions=before + RULINGS)

    found = revisions(stream, *(each["content_id"] for each in seen))
    assert sum(len(each) for each in found.values()) == CONTENTS + RULINGS
    standings = dict(stream.records("standings"))
    struck = {one["content_id"] for n in range(7) for one in (standings.get(f"u{n}") or {}).get("strikes", ())}
    assert struck == {content_id for content_id, each in found.items() if each[-1]["action"] == "block"}
