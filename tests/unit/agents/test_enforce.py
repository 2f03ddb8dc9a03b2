"""The handler of `verdicts`: one decision for each verdict, standings while they matter, nothing of it twice."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.adapters.policies import load
from streams.adapters.wire import Reader
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.enforce import Enforce
from streams.agents.intake import Intake
from streams.core.policy import PolicyRef
from streams.core.verdict import StandingOrder, Verdict, VerdictRecord
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.core.given import NOON
from tests.unit.core.standings import DAY, SECOND, line, order, verdict
from tests.unit.runtime.records import Record

LIMIT = 262_144
POLICY = """
id: strict
engines:
  blocklist: {lists: [{name: words, terms: [fraud], label: scam, action: block, why: fraud}]}
standing:
  strikes: {expire: 2d}
  ladder: [{strikes: 2, do: mute, for: 1h}]
"""


class Enforcing:
    """The handler over a table that is a dictionary."""

    def __init__(self, folder: Path) -> None:
        file = folder / "strict.yaml"
        file.write_text(POLICY, "utf-8")
        loaded = load(file)
        self.ref, self.metrics, self.now = loaded.policy.ref, Metrics(), NOON
        reader: Reader[Any] = Reader(VerdictRecord, limit=LIMIT)
        intake = Intake(reader, topic="verdicts", dead_letters="dlq", share=0.5, metrics=self.metrics)
        self.handler = Enforce(
            intake,
            Emission("", "enforce", "json"),
            book=Book([loaded]),
            metrics=self.metrics,
            clock=lambda: self.now / 1000,
        )
        self.table: dict[bytes, bytes] = {}
        self.decided: list[dict[str, Any]] = []
        self.standings: list[tuple[bytes, dict[str, Any] | None]] = []

    async def take(self, *records: Verdict | StandingOrder) -> None:
        """Hand over one batch and commit it."""
        unit = Unit(0, 1, self.table, self.now)
        read = [
            Record("verdicts", 0, number, key=b"u", value=msgspec.json.encode(each))
            for number, each in enumerate(records)
        ]
        await self.handler(read, unit)
        self.commit(unit)

    def expire(self) -> None:
        """Look at every user, as the table does when nothing was heard of them."""
        unit = Unit(0, 1, self.table, self.now)
        for key, value in self.table.items():
            if not self.handler.keeps(value):
                self.handler.expired(unit, key)
                assert key in unit.changes
        self.commit(unit)

    def commit(self, unit: Unit) -> None:
        """Make a unit of work true."""
        for changed, stored in unit.changes.items():
            self.table.pop(changed, None)
            if stored is not None:
                self.table[changed] = stored
        for topic, partitions in unit.outputs.items():
            for key, value, _ in (record for partition in partitions.values() for record in partition):
                found = None if value is None else msgspec.json.decode(value)
                if topic == "actions":
                    assert found is not None
                    self.decided.append(found)
                else:
                    assert topic == "standings"
                    self.standings.append((key or b"", found))

    def judged(self, content_id: str, *lines: Any, **more: Any) -> Verdict:
        """Return a verdict by this policy."""
        made = verdict(content_id, *lines, **more)
        return msgspec.structs.replace(made, decision=msgspec.structs.replace(made.decision, policy=self.ref))


@pytest.fixture
def enforcing(tmp_path: Path) -> Enforcing:
    """Return a handler that judges by a strict policy."""
    return Enforcing(tmp_path)


async def test_each_verdict_becomes_one_decision_and_the_standing_is_published(enforcing: Enforcing) -> None:
    await enforcing.take(enforcing.judged("m1"), enforcing.judged("m2"))
    assert [(made["content_id"], made["action"]) for made in enforcing.decided] == [("m1", "block"), ("m2", "block")]
    assert [each["kind"] for each in enforcing.decided[1]["consequences"]] == ["strike", "mute"]
    (key, last) = enforcing.standings[-1]
    assert (key, last and len(last["strikes"]), last and last["restrictions"][0]["kind"]) == (b"u", 2, "mute")


async def test_what_is_counted_is_what_reaches_actions(enforcing: Enforcing) -> None:
    await enforcing.take(enforcing.judged("m1"), enforcing.judged("m2"), order("o1", "release"))
    metrics = enforcing.metrics
    assert metrics.decisions.labels("message", "scam", "block")._value.get() == 2
    assert metrics.strikes.labels("scam")._value.get() == 2
    assert metrics.ladder_steps.labels("mute")._value.get() == 1
    assert metrics.standing_orders.labels("release")._value.get() == 1


async def test_a_verdict_of_an_unknown_version_is_decided_and_counts_nothing(enforcing: Enforcing) -> None:
    made = enforcing.judged("m1", line("spam", "bounce_block"))
    other = msgspec.structs.replace(made.decision, policy=PolicyRef("strict", "gone"))
    await enforcing.take(msgspec.structs.replace(made, decision=other))
    assert [each["action"] for each in enforcing.decided] == ["bounce"]
    assert enforcing.standings == []
    assert enforcing.metrics.unknown_policies.labels("enforce")._value.get() == 1


async def test_a_bounced_text_is_known_in_the_next_batch(enforcing: Enforcing) -> None:
    bouncing = line("spam", "bounce_block")
    await enforcing.take(enforcing.judged("m1", bouncing))
    await enforcing.take(enforcing.judged("m2", bouncing, at=NOON + SECOND, previous="m1"))
    assert [each["action"] for each in enforcing.decided] == ["bounce", "block"]
    assert enforcing.decided[1]["resubmission_of"] == "m1"


async def test_what_has_ended_is_taken_back_and_the_history_is_kept(enforcing: Enforcing) -> None:
    await enforcing.take(enforcing.judged("m1"))
    enforcing.now = NOON + 2 * DAY
    enforcing.expire()
    assert enforcing.standings[-1] == (b"u", None)
    assert list(enforcing.table) == [b"u"]
    enforcing.now = NOON + 400 * DAY
    enforcing.expire()
    assert enforcing.table == {}
    assert len(enforcing.standings) == 2


async def test_who_is_forgotten_is_gone_from_table_and_topic(enforcing: Enforcing) -> None:
    await enforcing.take(enforcing.judged("m1"), order("o1", "forget"))
    assert (enforcing.table, enforcing.standings[-1]) == ({}, (b"u", None))
