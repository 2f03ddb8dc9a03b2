"""The handler of `rulings`: one verdict for each ruling, none for a repeat, dead letters for what says too little."""

from typing import Any

import msgspec
import pytest

from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.rulings import SHARE, Rulings
from streams.core.content import Milliseconds
from streams.core.decision import Decision, Triggered
from streams.core.finding import Evidence
from streams.core.ruling import Ruling
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.core.decisions import made
from tests.unit.core.given import NOON
from tests.unit.runtime.records import Record

LIMIT = 262_144


class Ruled:
    """The handler over a table that is a dictionary."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        reader: Reader[Ruling] = Reader(Ruling, limit=LIMIT)
        intake = Intake(reader, topic="rulings", dead_letters="dlq", share=0.5, metrics=self.metrics)
        self.handler = Rulings(intake, Emission("", "enforce", "json"), limit=LIMIT, metrics=self.metrics)
        self.table: dict[bytes, bytes] = {}
        self.verdicts: list[tuple[bytes, dict[str, Any]]] = []
        self.letters: list[dict[str, bytes]] = []

    async def take(self, *rulings: Ruling, now: Milliseconds = NOON) -> None:
        """Hand over one batch and commit it."""
        unit = Unit(0, 1, self.table, now)
        await self.handler(
            [
                Record("rulings", 0, at, key=each.decision.user_id.encode(), value=msgspec.json.encode(each))
                for at, each in enumerate(rulings)
            ],
            unit,
        )
        self.table |= {key: value for key, value in unit.changes.items() if value is not None}
        for topic, partitions in unit.outputs.items():
            for key, value, headers in (record for partition in partitions.values() for record in partition):
                if topic == "dlq":
                    self.letters.append(dict(headers))
                else:
                    assert topic == "verdicts"
                    self.verdicts.append((key or b"", msgspec.json.decode(value or b"")))


def ruling(ruling_id: str = "r1", seen: Decision | None = None, **more: Any) -> Ruling:
    given: dict[str, Any] = {"act": "override", "action": "allow", **more}
    return Ruling(ruling_id, decision=seen or made(), by="ada", at=NOON - 5, **given)


@pytest.fixture
def rulings() -> Ruled:
    """Return the handler with nothing behind it."""
    return Ruled()


async def test_a_ruling_becomes_a_verdict_at_its_author_from_its_own_moment(rulings: Ruled) -> None:
    await rulings.take(ruling())
    ((key, verdict),) = rulings.verdicts
    assert (key, verdict["type"], verdict["at"]) == (b"vex", "verdict", NOON - 5)
    decision = verdict["decision"]
    assert (decision["revision"], decision["action"], decision["source"]) == (1, "allow", "moderator")
    assert list(rulings.table) == [b"m1"]


async def test_what_a_batch_decided_is_known_in_it_and_in_the_next(rulings: Ruled) -> None:
    await rulings.take(ruling("r1"), ruling("r1"), ruling("r2", action="block"))
    await rulings.take(ruling("r1"), ruling("r3", made("m2")), ruling("r4", act="approve", action=None))
    told = [(each["decision"]["content_id"], each["decision"]["revision"]) for _, each in rulings.verdicts]
    assert told == [("m1", 1), ("m1", 2), ("m2", 1), ("m1", 3)]
    assert rulings.metrics.duplicates.labels("message")._value.get() == 2


async def test_a_ruling_that_says_too_little_is_a_dead_letter_and_keeps_nothing(rulings: Ruled) -> None:
    bare = made(masked_text=None, action="block")
    await rulings.take(ruling("r1", bare, action="mask"), ruling("r2", bare, action=None), ruling("r3", bare))
    assert [(one["dlq_error"], one["dlq_field"]) for one in rulings.letters] == [
        (b"invalid_value", b"masked_text"),
        (b"invalid_value", b"action"),
    ]
    assert [each["decision"]["ruling_id"] for _, each in rulings.verdicts] == ["r3"]
    assert rulings.verdicts[0][1]["decision"]["revision"] == 1


async def test_a_decision_that_would_be_too_large_on_its_way_loses_evidence(rulings: Ruled) -> None:
    evidence = tuple(Evidence(payload="p" * 900) for _ in range(250))
    large = made(triggered=(Triggered("r", "enforce", "qr", "spam", "flag", evidence=evidence),))
    assert LIMIT * SHARE < len(msgspec.json.encode(ruling("r1", large))) < LIMIT
    await rulings.take(ruling("r1", large))
    ((_, verdict),) = rulings.verdicts
    assert len(verdict["decision"]["triggered"][0]["evidence"]) == 10


async def test_a_decision_that_cannot_be_cut_to_fit_is_a_dead_letter(rulings: Ruled) -> None:
    await rulings.take(ruling("r1", made(labels=tuple(f"l{number:05}" for number in range(25_000)))))
    assert [one["dlq_error"] for one in rulings.letters] == [b"too_large"]
    assert (rulings.verdicts, rulings.table) == ([], {})
