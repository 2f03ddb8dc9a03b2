"""The checker finds what is planted: nothing in a sound log, and every single fault in a spoilt one."""

import ast
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.anomaly import Record, Verdict
from tests.system.verdict import judged
from tests.unit.system_checker.sound_log import PREFIX, SoundLog, filled

TOPICS = ("messages", "uploads", "s3-events", "tasks-media", "findings", "actions", "messages-dlq")
Wanted = Callable[[dict[str, Any]], bool]


def judge(log: SoundLog) -> Verdict:
    return judged(log.read, PREFIX)


def content(content_id: str, **fields: object) -> Wanted:
    """Return what is true of a record of this content with these fields."""
    return lambda one: one.get("content_id") == content_id and all(one.get(k) == v for k, v in fields.items())


def test_a_sound_log_passes_and_is_counted() -> None:
    verdict = judge(filled())
    assert verdict.sound, str(verdict)
    assert verdict.counts["contents"] == verdict.counts["decisions"] == 200 + 8 + 4
    assert verdict.counts["repeated inputs"] == 8
    assert verdict.counts["dead letters"] == 5
    assert verdict.counts["cases"] == 10 + 8 + 4


def test_a_verdict_names_topic_partition_and_offset_in_text_and_json() -> None:
    log = filled()
    log.drop("actions", content("m3"))
    place = next(r for r in log.read("messages") if json.loads(r.value or b"").get("content_id") == "m3")
    verdict = judge(log)
    assert f"messages[{place.partition}]@{place.offset}" in str(verdict)
    example = json.loads(json.dumps(verdict.as_json()))["examples"][0]
    assert (example["topic"], example["partition"], example["offset"]) == ("messages", place.partition, place.offset)


@pytest.mark.parametrize(
    ("topic", "wanted", "kinds"),
    [
        # its decision has no input, and the next ten name a message that is not there
        ("messages", content("m3"), {"decision_nobody_asked_for", "wrong_context"}),
        ("uploads", content("u11"), {"tasks-media_nobody_asked_for", "decision_nobody_asked_for"}),
        ("s3-events", lambda _: True, {"tasks-media_nobody_asked_for", "decision_nobody_asked_for"}),
        ("tasks-media", content("u11"), {"case_without_task"}),
        ("findings", content("u11", type="case_opened"), {"task_or_report_without_case", "decided_without_case"}),
        ("findings", content("m5", type="report"), {"report_missing", "report_altered"}),
        ("actions", content("m3"), {"lost"}),
        ("actions", content("u11"), {"lost"}),
    ],
)
def test_a_dropped_record_is_found(topic: str, wanted: Wanted, kinds: set[str]) -> None:
    log = filled()
    log.drop(topic, wanted)
    assert kinds <= judge(log).anomalies.keys()


def test_a_dropped_dead_letter_leaves_a_lost_input() -> None:
    log = filled()
    del next(records for records in log.topics["messages-dlq"] if records)[0]
    assert judge(log).anomalies == {"lost": 1}


@pytest.mark.parametrize(
    ("topic", "wanted", "change", "kinds"),
    [
        ("messages", content("m3"), {"content_id": "x"}, {"lost", "decision_nobody_asked_for", "wrong_context"}),
        ("messages", content("m3"), {"user": {"id": "other"}}, {"wrong_identity"}),
        ("uploads", content("u11"), {"location": {"bucket": "b", "key": "x"}}, {"wrong_objects"}),
        ("s3-events", lambda _: True, {"Records": []}, {"tasks-media_nobody_asked_for", "decision_nobody_asked_for"}),
        ("tasks-media", content("u11"), {"engines": ["qr"]}, {"wrong_task_engines"}),
        ("tasks-media", content("m5"), {"objects": []}, {"wrong_objects"}),
        ("findings", content("u11", type="case_opened"), {"required": ["qr"]}, {"wrong_task_engines"}),
        ("findings", content("u11", type="case_opened"), {"type": "opened"}, {"unknown_finding"}),
        ("findings", content("u11", type="report"), {"engine": "ocr"}, {"report_missing", "engine_missing"}),
        ("findings", content("u11", type="report"), {"status": "error"}, {"report_altered"}),
        ("actions", content("m3"), {"content_id": "m4"}, {"key_mismatch", "lost"}),
        ("actions", content("m3"), {"content_id": "nobody"}, {"decision_nobody_asked_for", "lost"}),
        ("actions", content("m3"), {"content_id": 7}, {"undecodable_decision", "lost"}),
        ("actions", content("m3"), {"context": []}, {"wrong_context"}),
        ("actions", content("u11"), {"context": ["m1"]}, {"wrong_context"}),
        ("actions", content("m3"), {"conversation_id": "c9"}, {"wrong_identity"}),
        ("actions", content("m3"), {"kind": "post"}, {"wrong_identity"}),
        ("actions", content("m3"), {"decision_id": "d-m4"}, {"decision_id_repeated"}),
        ("actions", content("m3"), {"revision": 1}, {"illegal_revision", "lost"}),
        ("actions", content("m3"), {"source": "moderator"}, {"illegal_revision"}),
        ("actions", content("m3"), {"reports": [{"engine": "pattern", "status": "ok"}]}, {"engine_missing"}),
        ("actions", content("u11"), {"reports": [{"engine": "qr", "status": "ok"}]}, {"engine_missing"}),
        ("actions", content("u11"), {"reports": [{"engine": "qr", "status": "ok"}] * 2}, {"engine_repeated"}),
        (
            "actions",
            content("u11"),
            {"reports": [{"engine": name, "status": "ok"} for name in ("media_hash", "ocr", "qr")]},
            {"engine_nobody_asked"},
        ),
        (
            "actions",
            content("u11"),
            {"reports": [{"engine": "qr", "status": "timeout"}, {"engine": "media_hash", "status": "ok"}]},
            {"silent_failure", "report_altered"},
        ),
    ],
)
def test_an_altered_record_is_found(topic: str, wanted: Wanted, change: dict[str, Any], kinds: set[str]) -> None:
    log = filled()
    log.rewrite(topic, wanted, change)
    assert kinds <= judge(log).anomalies.keys()


def test_an_altered_dead_letter_is_found() -> None:
    log = filled()
    records = next(records for records in log.topics["messages-dlq"] if records)
    records[0] = records[0]._replace(value=b"something else")
    assert judge(log).anomalies == {"altered_dead_letter": 1}


@pytest.mark.parametrize("topic", TOPICS)
def test_records_that_change_places_are_found_by_their_offsets(topic: str) -> None:
    log = filled()
    records = next(records for records in log.topics[topic] if len(records) > 1)
    records[0], records[1] = records[1], records[0]
    assert "offset_out_of_order" in judge(log).anomalies


def test_two_messages_that_change_places_in_their_conversation_give_wrong_contexts() -> None:
    log = filled()
    records = log.topics["messages"][next(p for p, records in enumerate(log.topics["messages"]) if len(records) > 30)]
    at = next(
        n for n in range(5, 20) if records[n].key == records[n + 1].key and records[n].value != records[n + 1].value
    )
    first, second = records[at], records[at + 1]
    records[at], records[at + 1] = first._replace(value=second.value), second._replace(value=first.value)
    assert {"wrong_context", "context_order"} <= judge(log).anomalies.keys()


def test_a_context_in_another_order_is_told_from_a_wrong_one() -> None:
    log = filled()
    decision = json.loads(log.drop("actions", content("m30")).value or b"")
    decision["context"].reverse()
    log.append("actions", "m30", decision)
    assert judge(log).anomalies == {"context_order": 1}


def test_revisions_that_change_places_are_found() -> None:
    log = filled()
    first = json.loads(log.drop("actions", content("m3")).value or b"")
    log.append("actions", "m3", {**first, "decision_id": "d2", "revision": 1, "source": "moderator"})
    log.append("actions", "m3", first)
    assert "illegal_revision" in judge(log).anomalies


def ruled() -> SoundLog:
    """Return a log in which moderators ruled on three contents."""
    log = filled()
    log.rule("m3", "r1", "override", action="block")
    log.rule("m3", "r2", "escalate", times=2)
    log.rule("m3", "r3", "approve")
    log.rule("m4", "r4", "override", action="flag")
    log.rule("m4", "r5", "approve")
    log.rule("u11", "r6", "override", action="bounce")
    return log


def test_rulings_after_the_decision_are_sound() -> None:
    verdict = judge(ruled())
    assert verdict.sound, str(verdict)
    assert (verdict.counts["rulings"], verdict.counts["repeated rulings"]) == (6, 1)


def test_a_ruling_that_leads_to_nothing_is_lost() -> None:
    log = ruled()
    log.drop("actions", content("m4", revision=2))
    assert judge(log).anomalies == {"lost": 1}


def test_a_ruling_that_is_refused_is_not_lost() -> None:
    log = ruled()
    log.drop("actions", content("m4", revision=2))
    refused = next(r for r in log.read("rulings") if json.loads(r.value or b"")["ruling_id"] == "r5")
    log.dead_letter("rulings", refused)
    assert judge(log).sound


def test_a_revision_that_nobody_ruled_is_found() -> None:
    log = filled()
    first = json.loads(next(r.value or b"" for r in log.read("actions") if r.key == b"m3"))
    log.append("actions", "m3", {**first, "decision_id": "d2", "revision": 1, "source": "moderator"})
    assert judge(log).anomalies == {"revision_without_ruling": 1}


def test_a_ruling_that_leads_to_two_revisions_is_found() -> None:
    log = ruled()
    last = json.loads([r.value or b"" for r in log.read("actions") if r.key == b"m4"][-1])
    log.append("actions", "m4", {**last, "decision_id": "d3", "revision": 3})
    assert judge(log).anomalies == {"ruling_twice": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"action": "block"},  # the approval of a flag allows
        {"previous_action": "allow"},
        {"escalate": True},
        {"labels": ["scam"]},  # what was found is no matter of rulings
    ],
)
def test_a_revision_that_is_not_what_was_ruled_is_found(change: dict[str, Any]) -> None:
    log = ruled()
    log.rewrite("actions", content("m4", revision=2), change)
    assert judge(log).anomalies == {"revision_not_as_ruled": 1}


def test_rulings_that_change_places_are_found() -> None:
    log = ruled()
    log.rewrite("actions", content("m3", revision=1), {"ruling_id": "r2"})
    log.rewrite("actions", content("m3", revision=2), {"ruling_id": "r1"})
    assert "rulings_out_of_order" in judge(log).anomalies


def test_rulings_that_no_table_has_applied_are_found() -> None:
    log = ruled()
    log.topics["enforce-rulings-state"].clear()
    assert set(judge(log).anomalies) == {"not_applied"}


def test_a_ruling_under_another_key_than_the_author_is_found() -> None:
    log = ruled()
    log.rewrite("rulings", lambda one: one["ruling_id"] == "r6", {"decision": {"content_id": "u11", "user_id": "v"}})
    assert "key_mismatch" in judge(log).anomalies


@pytest.mark.parametrize("topic", TOPICS)
def test_a_record_delivered_twice_is_found(topic: str) -> None:
    log = filled()
    records = next(records for records in log.topics[topic] if records)
    records.insert(1, records[0])
    assert judge(log).anomalies == {"offset_out_of_order": 1}


@pytest.mark.parametrize(
    ("topic", "wanted", "kind"),
    [
        ("tasks-media", content("u11"), "second_task"),
        ("findings", content("u11", type="case_opened"), "second_case"),
        ("findings", content("u11", type="report"), "second_report"),
        ("actions", content("m3"), "second_decision"),
        ("actions", content("u11"), "second_decision"),
    ],
)
def test_a_record_written_twice_is_found(topic: str, wanted: Wanted, kind: str) -> None:
    log = filled()
    record = next(r for r in log.read(topic) if wanted(json.loads(r.value or b"")))
    log.append(topic, (record.key or b"").decode(), record.value or b"")
    assert judge(log).anomalies == {kind: 1, **({"not_applied": 1} if topic != "actions" else {})}


def test_a_content_that_is_judged_twice_shows_by_its_nonce() -> None:
    log = filled()
    decision = json.loads(next(r.value or b"" for r in log.read("actions") if r.key == b"m3"))
    log.append("actions", "m3", {**decision, "reason": "another nonce"})
    assert judge(log).anomalies == {"second_decision_differs": 1}


def test_a_dead_letter_written_twice_is_found() -> None:
    log = filled()
    record = next(iter(log.read("messages-dlq")))
    log.append("messages-dlq", (record.key or b"").decode(), record.value or b"", record.headers)
    assert judge(log).anomalies == {"second_dead_letter": 1}


def test_a_dead_letter_for_a_decided_input_is_found() -> None:
    log = filled()
    log.dead_letter("messages", next(r for r in log.read("messages") if b'"m3"' in (r.value or b"")))
    assert judge(log).anomalies["dead_letter_for_decided_input"] == 1


def test_a_dead_letter_that_points_nowhere_is_found() -> None:
    log = filled()
    log.dead_letter("messages", Record(0, 100_000, b"k", b"v"))
    log.append("messages-dlq", "k", b"v", (("dlq_error", b"e"), ("dlq_reason", b"r")))
    assert judge(log).anomalies == {"dead_letter_nowhere": 2}


def test_a_dead_letter_without_a_reason_is_found() -> None:
    log = filled()
    records = next(records for records in log.topics["messages-dlq"] if records)
    kept = tuple(header for header in records[0].headers if header[0] != "dlq_reason")
    records[0] = records[0]._replace(headers=kept)
    assert judge(log).anomalies == {"dead_letter_without_reason": 1}


def test_a_producer_that_says_what_it_expects_is_held_to_it() -> None:
    log = filled()
    for records in log.topics["messages"]:
        records[:] = [
            r._replace(headers=(("expect", b"decision" if r.key == b"bad" else b"dead_letter"),)) for r in records
        ]
    verdict = judge(log)
    assert verdict.anomalies == {"valid_input_dead_lettered": 5, "bad_input_without_dead_letter": 208}


def test_a_conversation_in_two_partitions_is_found() -> None:
    log = filled()
    home = next(r.partition for r in log.read("messages") if r.key == b"c0")
    other = log.topics["messages"][(home + 1) % 3]
    stray = {"content_id": "stray", "kind": "message", "conversation_id": "c0", "user": {"id": "u"}, "text": "t"}
    offset = other[-1].offset + 1 if other else 0
    other.append(Record((home + 1) % 3, offset, b"c0", json.dumps(stray).encode()))
    assert "conversation_in_two_partitions" in judge(log).anomalies


def test_a_key_that_is_not_the_records_own_is_found() -> None:
    log = filled()
    for topic in ("messages", "uploads", "tasks-media", "findings", "actions"):
        records = next(records for records in log.topics[topic] if records and records[0].key != b"bad")
        records[0] = records[0]._replace(key=b"wrong")
    assert judge(log).anomalies == {"key_mismatch": 5}


@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (lambda offsets: offsets.reverse(), {"applied_does_not_grow", "not_applied"}),
        (lambda offsets: offsets.append(offsets[-1]), {"applied_does_not_grow"}),
        (lambda offsets: offsets.pop(), {"not_applied"}),
        (lambda offsets: offsets.append(b"many"), {"applied_unreadable"}),
    ],
)
def test_an_applied_offset_that_goes_back_stands_still_or_stays_behind_is_found(
    spoil: Callable[[list[bytes]], None], kinds: set[str]
) -> None:
    log = filled()
    partition = next(p for p, records in enumerate(log.topics["screen-windows-state"]) if len(records) > 1)
    offsets = [record.value or b"" for record in log.topics["screen-windows-state"][partition]]
    spoil(offsets)
    log.topics["screen-windows-state"][partition] = [
        Record(partition, n, b"\0applied", offset) for n, offset in enumerate(offsets)
    ]
    assert judge(log).anomalies.keys() == kinds


def test_a_case_that_expired_may_miss_an_engine_when_it_says_so() -> None:
    log = filled()
    log.drop("findings", content("u11", type="report", engine="qr"))
    log.append("findings", "u11", {"type": "case_expired", "content_id": "u11", "at": 1})
    log._applied("join-cases-state", log.topics["findings"][partition_of(log, "findings", b"u11")][-1])
    summaries = [{"engine": "media_hash", "status": "ok"}, {"engine": "qr", "status": "timeout", "reason": "deadline"}]
    log.rewrite("actions", content("u11"), {"reports": summaries, "partial": True})
    assert judge(log).sound


def partition_of(log: SoundLog, topic: str, key: bytes) -> int:
    """Return where a key's records lie."""
    return next(record.partition for record in log.read(topic) if record.key == key)


@settings(max_examples=60, deadline=None)
@given(
    topic=st.sampled_from(("messages", "uploads", "s3-events", "tasks-media", "findings", "actions", "messages-dlq")),
    fault=st.sampled_from(("drop", "alter", "reorder", "duplicate")),
    seed=st.integers(0, 2**32),
)
def test_any_single_fault_anywhere_is_found(topic: str, fault: str, seed: int) -> None:
    log, draw = filled(), random.Random(seed)
    records = draw.choice([records for records in log.topics[topic] if len(records) > 1])
    # A repeated input may go: nothing hangs on it, so it is not drawn.
    values = [record.value for record in records]
    single = [n for n, value in enumerate(values) if values.count(value) == 1 or topic == "messages-dlq"]
    at = draw.choice(single)
    match fault:
        case "drop":
            del records[at]
        case "alter":
            records[at] = records[at]._replace(value=(records[at].value or b"").replace(b'"', b"'", 1) + b"!")
        case "reorder":
            other = draw.choice([n for n in range(len(records)) if n != at])
            records[at], records[other] = records[other], records[at]
        case "duplicate":
            records.insert(at, records[at])
    assert not judge(log).sound


def test_the_checker_imports_nothing_of_the_stream(root: Any) -> None:
    todo, seen = [root / "tests/system/checker.py"], set()
    while todo:
        path = todo.pop()
        seen.add(path.name)
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                assert name.split(".")[0] != "streams", f"{path.name} imports {name}"
                for candidate in (name, name.rpartition(".")[0]):
                    file = root / (candidate.replace(".", "/") + ".py")
                    if candidate.startswith("tests.") and file.exists() and file.name not in seen:
                        todo.append(file)
    assert {"checker.py", "verdict.py", "asked.py", "cases.py", "decided.py", "topic.py", "state.py"} <= seen


def texts() -> SoundLog:
    log = SoundLog()
    for number in range(6):
        log.put_to_others(f"t{number}", f"u{number % 2}")
    return log


def test_texts_that_are_put_to_engines_with_roles_of_their_own_are_sound() -> None:
    verdict = judged(texts().read, PREFIX)
    assert verdict.sound, str(verdict)
    assert verdict.counts["cases"] == 6


@pytest.mark.parametrize("topic", ["tasks-text-llm", "tasks-velocity-user"])
def test_a_task_on_a_text_that_is_missing_repeated_or_under_a_wrong_key_is_found(topic: str) -> None:
    missing, repeated, misplaced = texts(), texts(), texts()
    missing.drop(topic, content("t3"))
    record = repeated.drop(topic, content("t3"))
    task = json.loads(record.value or b"")
    for _ in range(2):
        repeated.append(topic, (record.key or b"").decode(), task)
    misplaced.drop(topic, content("t3"))
    misplaced.append(topic, "nobody", task)
    found = [set(judged(log.read, PREFIX).anomalies) for log in (missing, repeated, misplaced)]
    assert "wrong_task_engines" in found[0]
    assert "second_task" in found[1]
    assert "key_mismatch" in found[2]


def test_what_near_copies_are_answered_from_was_asked_about_under_its_own_key() -> None:
    digest, log = "a" * 64, filled()
    log.append("judged-media", digest, {"sha256": digest})
    assert set(judge(log).anomalies) == {"judged-media_nobody_asked_for"}

    log = filled()
    log.append("judged-media", "b" * 64, {"sha256": digest})
    log.append("judged-media", digest, b"{")
    assert set(judge(log).anomalies) == {"judged-media_nobody_asked_for", "key_mismatch", "judged-media_unreadable"}
