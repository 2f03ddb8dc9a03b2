"""A back-test on a real broker says what `moderation check` of both policies says, and disturbs nobody."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from streams.adapters.topics import Topics
from streams.settings import Settings
from tests.system.kafka import Kafka
from tests.system.processes import ROOT

pytestmark = pytest.mark.system

OLD = r"""
id: chat
engines:
  blocklist:
    lists: [{name: insults, terms: [idiot], label: harassment, action: flag}]
  pattern:
    patterns: [{name: phone, pattern: '\d{3}-\d{3}-\d{4}', label: pii, action: mask_flag}]
"""
NEW = r"""
id: chat
engines:
  blocklist:
    lists: [{name: insults, terms: [idiot], label: harassment, action: flag}]
  pattern:
    patterns:
      - {name: phone, pattern: '\d{3}-\d{3}-\d{4}', label: pii, action: block, why: no numbers}
      - {name: sums, pattern: '\d+ dollars', label: scam, action: flag}
  velocity: {limits: [{name: again, kind: same_text, most: 2, within: 10m, action: bounce}]}
"""
TEXTS = (
    "good morning",
    "you idiot",
    "call 555-123-4567",
    "call 555-123-4567 you idiot",
    "give me 50 dollars",
    "see you at noon",
)
COUNT, CONVERSATIONS, REPEATS = 2000, 40, 20


def messages(begin: int) -> list[dict[str, Any]]:
    """Return texts of many conversations, a tenth of a second apart; some come twice."""
    draw = Random(7)
    sent: list[dict[str, Any]] = []
    for number in range(COUNT):
        at, conversation = begin + number * 100, draw.randrange(CONVERSATIONS)
        sent.append(
            {
                "content_id": f"m{number}",
                "kind": "message",
                "user": {"id": f"u{conversation}-{draw.randrange(3)}"},
                "text": draw.choice(TEXTS),
                "created_at": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
                "conversation_id": f"c{conversation}",
                "at": at,
            }
        )
    return sent + [{**each, "at": begin + COUNT * 100} for each in draw.sample(sent[-200:], REPEATS)]


class Log:
    """The topics of one test."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self.bootstrap = bootstrap
        self.prefix = f"bt-{uuid.uuid4().hex[:10]}-"
        self.begin = int(time.time() * 1000) - 3_600_000  # of the first text
        self.old, self.new = folder / "old.yaml", folder / "new.yaml"
        self.old.write_text(OLD)
        self.new.write_text(NEW)
        Topics(Settings(bootstrap=bootstrap, topic_prefix=self.prefix)).apply()

    def after(self, seconds: int) -> str:
        """Return a moment so long after the first text."""
        return datetime.fromtimestamp(self.begin / 1000 + seconds, UTC).isoformat()

    def put(self, topic: str, records: Iterable[tuple[str, dict[str, Any], int]]) -> None:
        """Append records: key, value, milliseconds since 1970."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "log_level": 0, "linger.ms": 20})
        for key, value, at in records:
            producer.produce(self.prefix + topic, json.dumps(value), key, timestamp=at)
            producer.poll(0)
        assert producer.flush(30) == 0

    def command(self, *arguments: str, lines: str = "") -> str:
        """Run the product's own command and return what it prints."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MODERATION_")}
        ours = {
            "MODERATION_BOOTSTRAP": self.bootstrap,
            "MODERATION_TOPIC_PREFIX": self.prefix,
            "MODERATION_POLICY": str(self.old),
        }
        done = subprocess.run(
            [sys.executable, "-m", "streams", *arguments],
            input=lines,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=ROOT,
            env={**environment, **ours},
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def checked(self, policy: Path, sent: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what `moderation check` says of texts, without the repeats."""
        lines = "\n".join(json.dumps(record(each)) for each in sent)
        printed = self.command("check", "--policy", str(policy), lines=lines)
        found = [json.loads(line) for line in printed.splitlines()]
        return [each for each in found if "decision_id" in each]

    def backtest(self, policy: Path, *options: str) -> dict[str, Any]:
        """Return what a back-test says."""
        found: dict[str, Any] = json.loads(
            self.command("policy", "backtest", "--policy", str(policy), "--since", "2h", "--json", *options)
        )
        return found


@pytest.fixture(scope="module")
def log(kafka: Kafka, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a log of texts that the old policy has decided."""
    log = Log(kafka.bootstrap, tmp_path_factory.mktemp("backtest"))
    sent = messages(log.begin)
    log.put("messages", ((each["conversation_id"], record(each), each["at"]) for each in sent))
    at = {each["content_id"]: each["at"] for each in reversed(sent)}
    log.put("actions", ((d["content_id"], d, at[d["content_id"]] + 40) for d in log.checked(log.old, sent)))
    return log


def record(sent: dict[str, Any]) -> dict[str, Any]:
    """Return a text as it lies on the topic; `at` is its time there."""
    return {name: value for name, value in sent.items() if name != "at"}


def test_the_counts_are_those_of_a_check_of_both(log: Log, tmp_path: Path) -> None:
    sent = messages(log.begin)
    old = {each["content_id"]: each for each in log.checked(log.old, sent)}
    new = {each["content_id"]: each for each in log.checked(log.new, sent)}
    assert len(old) == len(new) == COUNT

    out = tmp_path / "changes.jsonl"
    found = log.backtest(log.new, "--out", str(out), "--sample", "3")

    pairs = Counter((old[name]["action"], new[name]["action"]) for name in old)
    assert {(row["then"], row["now"]): row["contents"] for row in found["actions"]} == pairs
    assert len(pairs) > 4
    assert found["contents"] == COUNT
    assert found["not_compared"]["repeated"] == REPEATS
    assert found["conversations"] == CONVERSATIONS
    assert (found["without_decision"], found["unknown"]) == (0, {})

    then, now = rules(old), rules(new)
    assert {(row["engine"], row["rule"]): (row["both"], row["gained"], row["lost"]) for row in found["rules"]} == {
        rule: (len(then[rule] & now[rule]), len(now[rule] - then[rule]), len(then[rule] - now[rule])) for rule in RULES
    }
    changes = {line["content_id"]: line for line in map(json.loads, out.read_text().splitlines())}
    assert changes.keys() == {name for name in old if old[name]["action"] != new[name]["action"]}
    assert all(line["now"]["action"] == new[name]["action"] for name, line in changes.items())
    assert found["asked_again"] == 2 * COUNT  # the blocklist stayed what it was
    assert "idiot" not in out.read_text()


def test_the_policy_that_decided_changes_nothing_and_asks_no_engine(log: Log) -> None:
    found = log.backtest(log.old)
    assert (found["contents"], found["changed"], found["asked_again"]) == (COUNT, 0, 0)


def test_a_range_of_time_and_a_limit_hold(log: Log) -> None:
    assert log.backtest(log.old, "--limit", "100")["contents"] == 100
    assert log.backtest(log.old, "--until", log.after(100))["contents"] == 1000  # ten a second


def test_conversations_are_filled_from_before_the_range(log: Log) -> None:
    cold = log.backtest(log.new, "--since", log.after(150), "--warm-up", "0s")
    warm = log.backtest(log.new, "--since", log.after(150), "--warm-up", "10m")
    assert cold["contents"] == warm["contents"] == 500
    again = [{row["rule"]: row["gained"] for row in each["rules"]}["again"] for each in (cold, warm)]
    assert 0 < again[0] < again[1]


def test_a_person_is_shown_texts_only_when_asked(log: Log) -> None:
    arguments = ("policy", "backtest", "--policy", str(log.new), "--since", "2h", "--limit", "200")
    assert "call 555" not in log.command(*arguments)
    shown = log.command(*arguments, "--show-texts")
    assert "call 555-123-4567" in shown
    assert "policy chat" in shown


def test_no_group_is_joined_and_nothing_is_committed(log: Log) -> None:
    admin = AdminClient({"bootstrap.servers": log.bootstrap, "log_level": 0})
    before = {each.group_id for each in admin.list_consumer_groups().result(20).valid}
    log.backtest(log.new)
    assert {each.group_id for each in admin.list_consumer_groups().result(20).valid} == before


def rules(decisions: dict[str, dict[str, Any]]) -> dict[tuple[str, str], set[str]]:
    """Return rule -> contents that triggered it."""
    found: dict[tuple[str, str], set[str]] = {}
    for name, decision in decisions.items():
        for line in (*decision["triggered"], *decision["shadow"]):
            found.setdefault((line["engine"], line["rule"]), set()).add(name)
    return {rule: found.get(rule, set()) for rule in RULES}


RULES = [("blocklist", "insults"), ("pattern", "phone"), ("pattern", "sums"), ("velocity", "again")]
