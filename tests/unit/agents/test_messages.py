"""The handler of `messages`: where an engine is slow, the worker's loop goes on while a batch is screened."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.messages import Messages
from streams.agents.standings import Standings
from streams.core.content import Message, User
from streams.core.engine import Engine, Text
from streams.core.finding import Answer
from streams.core.judge import judged
from streams.core.policy import Policy
from streams.core.restriction import Restriction, Standing
from streams.core.screen import Limits
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of
from tests.unit.core.given import NOON, Words, WordsConfig, message, policy
from tests.unit.runtime.records import Record

LIMIT = 262_144


class Network(Words):
    """Waits for the loop before it answers: it would wait for ever in the loop's own thread."""

    slow: ClassVar[bool] = True

    def __init__(self, config: WordsConfig) -> None:
        super().__init__(config)
        self.asked, self.release = threading.Event(), threading.Event()

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Answer when it is let go."""
        self.asked.set()
        assert self.release.wait(30)
        return super().inspect(batch)


def handler(engine: Engine, judge_by: Policy, standings: Standings | None = None) -> Messages:
    metrics = Metrics()
    intake = Intake(Reader(Message, limit=LIMIT), topic="messages", dead_letters="dlq", share=0.5, metrics=metrics)
    return Messages(
        intake,
        Emission("", "screen", "json"),
        book=book_of(judge_by, [engine]),
        judge=judged,
        limits=Limits(text=500, ids=200),
        metrics=metrics,
        standings=standings,
    )


def records(*messages: Message) -> list[Record]:
    return [
        Record("messages", 0, number, key=b"c", value=msgspec.json.encode(each)) for number, each in enumerate(messages)
    ]


def emitted(unit: Unit, topic: str) -> list[Any]:
    """Return what a unit sends to a topic, each with its key."""
    sent = [record for partition in unit.outputs[topic].values() for record in partition]
    return [(key, msgspec.json.decode(value or b"")) for key, value, _ in sent]


async def test_the_loop_goes_on_while_a_slow_engine_works() -> None:
    engine = Network(WordsConfig(words=("bad",)))
    screen = handler(engine, policy(engine.rules))
    unit = Unit(0, 1, {}, NOON)
    working = asyncio.create_task(screen(records(message("m1", "so bad"), message("m2", "fine")), unit))
    assert await asyncio.get_running_loop().run_in_executor(None, engine.asked.wait, 30)
    for _ in range(10):  # the engine is in the middle of its work, and the loop has turns
        await asyncio.sleep(0)
    assert not working.done()
    engine.release.set()
    await asyncio.wait_for(working, 30)
    decided = emitted(unit, "actions")
    assert [(key, made["action"], made["context"]) for key, made in decided] == [
        (b"m1", "flag", []),
        (b"m2", "allow", ["m1"]),
    ]


async def test_a_text_that_is_put_to_others_opens_a_case_and_sends_each_its_task_under_its_key() -> None:
    engine = Words(WordsConfig(words=("bad",)))
    screen = handler(engine, policy(engine.rules, apart=("text_llm", "velocity_user")))
    unit = Unit(0, 1, {}, NOON)
    await screen(records(message("m1", "so bad")), unit)
    (opened,) = emitted(unit, "findings")
    assert opened[1]["required"] == ["text_llm", "velocity_user"]
    assert [(key, task["engine"], task["content_id"]) for key, task in emitted(unit, "tasks-text-llm")] == [
        (b"m1", "text_llm", "m1")
    ]
    assert [(key, task["text"]) for key, task in emitted(unit, "tasks-velocity-user")] == [(b"u", "so bad")]
    assert emitted(unit, "actions") == emitted(unit, "tasks-media") == []


async def heard(*standings: Standing) -> Standings:
    """Return what a worker knows that has read these."""
    found = Standings(Reader(Standing, limit=LIMIT), clock=lambda: NOON / 1000)
    for each in standings:
        await found.keep(each.user_id.encode(), msgspec.json.encode(each))
    found.whole.set()
    return found


async def test_what_is_not_allowed_goes_past_the_standing_of_its_author_and_is_counted_there() -> None:
    engine = Words(WordsConfig(words=("bad",)))
    screen = handler(engine, msgspec.structs.replace(policy(engine.rules), via_standing=True))
    unit = Unit(0, 1, {}, NOON)
    texts = [message("m1", "fine"), message("m2", "so bad", user=User("u", trusted=True), resubmits="m0")]
    await screen(records(*texts), unit)
    assert [key for key, _ in emitted(unit, "actions")] == [b"m1"]
    ((key, verdict),) = emitted(unit, "verdicts")
    assert (key, verdict["decision"]["content_id"], verdict["decision"]["action"]) == (b"u", "m2", "flag")
    assert (verdict["resubmits"], verdict["previous"], verdict["trusted"]) == ("m0", "m1", True)
    decided = next(iter(screen._metrics.decisions.collect())).samples
    assert [(each.labels["action"], each.value) for each in decided if each.name.endswith("_total")] == [("allow", 1.0)]


async def test_a_restricted_user_is_blocked_and_nobody_is_judged_before_the_restricted_are_known() -> None:
    engine = Words(WordsConfig(words=("bad",)))
    standings = await heard(Standing("u", NOON, restrictions=(Restriction("mute", NOON, "ada"),)))
    standings.whole.clear()
    screen = handler(engine, policy(engine.rules), standings)
    unit = Unit(0, 1, {}, NOON)
    working = asyncio.create_task(screen(records(message("m1", "fine"), message("m2", "fine", user=User("v"))), unit))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not working.done()
    standings.whole.set()
    await asyncio.wait_for(working, 30)
    assert [(key, made["action"]) for key, made in emitted(unit, "actions")] == [(b"m1", "block"), (b"m2", "allow")]
