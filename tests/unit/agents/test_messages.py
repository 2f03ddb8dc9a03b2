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
from streams.core.content import Message
from streams.core.engine import Engine, Text
from streams.core.finding import Answer
from streams.core.judge import judged
from streams.core.policy import Policy
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


def handler(engine: Engine, judge_by: Policy) -> Messages:
    metrics = Metrics()
    intake = Intake(Reader(Message, limit=LIMIT), topic="messages", dead_letters="dlq", share=0.5, metrics=metrics)
    return Messages(
        intake,
        Emission("", "screen", "json"),
        book=book_of(judge_by, [engine]),
        judge=judged,
        limits=Limits(text=500, ids=200),
        metrics=metrics,
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
