"""The handler of an engine's tasks: exactly one report for each, in time, whatever the engine does."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final

import msgspec
import pytest

from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.inspect import Ask, Inspect, Questions
from streams.agents.intake import Intake
from streams.core.case import FindingRecord
from streams.core.finding import Answer, Cost, Report
from streams.core.policy import Policy, PolicyRef
from streams.core.rule import Rule
from streams.core.task import TextTask
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of, lent, loaded_of
from tests.unit.core.given import NOON, REF, found, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
REPORTS: Final[Reader[Any]] = Reader(FindingRecord, limit=LIMIT)
MINE: Final = policy([Rule("text_llm", "scam_high", "scam", "mask")], apart=("text_llm",), deadline_ms=1000)


def task(content_id: str = "m1", *, engine: str = "text_llm", left: int = 1000) -> TextTask:
    """Return a task with so many milliseconds left."""
    return TextTask(content_id, "message", "u", engine, "send a gift card", REF, NOON + left, NOON)


class Model:
    """An engine with a role of its own."""

    name: ClassVar[str] = "text_llm"
    version: ClassVar[str] = "7"


def questions(ask: Ask, judge_by: Policy = MINE, *own: type[Model]) -> Questions:
    """Return what puts tasks to an engine; it is noon."""
    return Questions("text_llm", book_of(judge_by, (), *own), lent(ask), clock=lambda: NOON / 1000)


async def nothing(_: TextTask) -> tuple[Answer, Cost]:
    return Answer(), Cost()


async def test_the_answer_and_its_cost_are_the_report() -> None:
    async def ask(_: TextTask) -> tuple[Answer, Cost]:
        return found("scam", "scam_high", (7, 16)), Cost(calls=1)

    report = await questions(ask, MINE, Model).report(task())
    assert (report.content_id, report.engine, report.engine_version, report.status) == ("m1", "text_llm", "7", "ok")
    assert (report.cost, report.masked_text) == (Cost(calls=1), "send a ****")
    assert report.findings[0].rule == "scam_high"


async def test_an_engine_that_raises_is_an_error_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    async def ask(given: TextTask) -> tuple[Answer, Cost]:
        raise ValueError(given.text)

    with caplog.at_level(logging.INFO):
        report = await questions(ask, MINE, Model).report(task())
    assert (report.status, report.reason) == ("error", "engine_failed")
    assert "ValueError" in caplog.text
    assert "gift" not in caplog.text


async def test_an_engine_that_hangs_is_given_up_before_the_deadline() -> None:
    async def ask(_: TextTask) -> tuple[Answer, Cost]:
        await asyncio.Event().wait()
        raise AssertionError

    report = await asyncio.wait_for(questions(ask, MINE, Model).report(task(left=250)), 5)
    assert (report.status, report.reason) == ("timeout", "timeout")
    assert report.duration_ms > 40  # of 250 milliseconds; 200, a fifth of the policy's deadline, are the join's


async def test_an_engine_is_not_asked_when_its_time_is_over() -> None:
    asked: list[TextTask] = []

    async def ask(given: TextTask) -> tuple[Answer, Cost]:
        asked.append(given)
        return Answer(), Cost()

    report = await questions(ask, MINE, Model).report(task(left=150))
    assert (report.status, report.reason, asked) == ("timeout", "timeout", [])


@pytest.mark.parametrize(
    "answer",
    [
        Answer(scores={"scam": math.nan}),
        Answer(scores={"scam": 1.5}),
        Answer(status="perhaps"),  # type: ignore[arg-type]
        Answer(findings=({"label": 3},)),  # type: ignore[arg-type]
        None,
    ],
)
async def test_an_answer_that_the_join_could_not_read_is_an_error(answer: Any) -> None:
    async def ask(_: TextTask) -> tuple[Answer, Cost]:
        return answer, Cost()

    report = await questions(ask, MINE, Model).report(task())
    assert (report.status, report.reason) == ("error", "engine_failed")


async def test_a_policy_without_the_engine_says_that_nobody_looked() -> None:
    report = await questions(nothing).report(task())
    assert (report.engine, report.status, report.reason) == ("text_llm", "not_evaluated", "engine_not_configured")
    report = await questions(nothing, MINE, Model).report(task(engine="comprehend"))
    assert (report.engine, report.status, report.reason) == ("comprehend", "not_evaluated", "engine_not_configured")


async def test_a_version_that_nobody_knows_is_an_error() -> None:
    asked = msgspec.structs.replace(task(), policy=PolicyRef("test", "unheard"))
    report = await questions(nothing, MINE, Model).report(asked)
    assert (report.engine, report.status, report.reason) == ("text_llm", "error", "unknown_policy")


async def test_each_task_is_put_to_the_engine_as_its_version_has_it_and_masked_by_it() -> None:
    class Newer(Model):
        """The same engine with answers that changed."""

        version: ClassVar[str] = "8"

    asked: list[str] = []

    @asynccontextmanager
    async def using(engine: Any) -> AsyncIterator[Ask]:
        async def ask(_: TextTask) -> tuple[Answer, Cost]:
            return found("scam", "scam_high", (7, 16)), Cost()

        asked.append(engine.version)
        yield ask

    never = policy([Rule("text_llm", "scam_high", "scam", "flag")], apart=("text_llm",), deadline_ms=1000)
    newer = msgspec.structs.replace(never, ref=PolicyRef("test", "newer"))
    book = book_of(MINE, (), Model)
    book.take([loaded_of(newer, (), Newer)])
    putting = Questions("text_llm", book, using, clock=lambda: NOON / 1000)
    old, new = await putting.report(task()), await putting.report(msgspec.structs.replace(task(), policy=newer.ref))
    assert [(one.engine_version, one.masked_text) for one in (old, new)] == [("7", "send a ****"), ("8", None)]
    assert asked == ["7", "8"]


def handler(ask: Ask, metrics: Metrics, concurrency: int = 4) -> Inspect:
    intake = Intake(
        Reader(TextTask, limit=LIMIT), topic="tasks-text-llm", dead_letters="dlq", share=0.5, metrics=metrics
    )
    return Inspect(
        intake,
        Emission("", "text_llm", "json"),
        report=questions(ask, MINE, Model).report,
        concurrency=concurrency,
        metrics=metrics,
    )


def records(*tasks: TextTask | bytes) -> list[Record]:
    return [
        Record(
            "tasks-text-llm", 0, number, value=each if isinstance(each, bytes) else msgspec.json.encode(each), key=b"k"
        )
        for number, each in enumerate(tasks)
    ]


def reports(unit: Unit) -> list[Report]:
    return [REPORTS.read(value) for partition in unit.outputs["findings"].values() for _, value, _ in partition]


async def test_tasks_run_side_by_side_within_bounds_and_report_in_their_order() -> None:
    running = most = 0

    async def ask(given: TextTask) -> tuple[Answer, Cost]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(20 - 2 * int(given.content_id[1:])):  # the first takes longest
            await asyncio.sleep(0)
        running -= 1
        return Answer(), Cost()

    unit = Unit(0, 1, {}, NOON)
    await handler(ask, Metrics(), concurrency=3)(records(*(task(f"m{n}") for n in range(9))), unit)
    assert [report.content_id for report in reports(unit)] == [f"m{n}" for n in range(9)]
    assert most == 3


async def test_one_task_that_fails_or_cannot_be_read_leaves_the_others_alone() -> None:
    async def ask(given: TextTask) -> tuple[Answer, Cost]:
        if given.content_id == "m2":
            raise RuntimeError
        return Answer(), Cost()

    metrics, unit = Metrics(), Unit(0, 1, {}, NOON)
    await handler(ask, metrics)(records(task("m1"), b"{}", task("m2"), task("m3")), unit)
    assert [(report.content_id, report.status) for report in reports(unit)] == [
        ("m1", "ok"),
        ("m2", "error"),
        ("m3", "ok"),
    ]
    assert len(unit.outputs["dlq"][0]) == 1
    counted = metrics.registry.get_sample_value
    assert counted("moderation_engine_requests_total", {"engine": "text_llm", "result": "ok"}) == 2
    assert counted("moderation_engine_requests_total", {"engine": "text_llm", "result": "error"}) == 1


async def test_the_end_of_the_worker_is_no_answer() -> None:
    asked = asyncio.Event()

    async def ask(_: TextTask) -> tuple[Answer, Cost]:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    unit = Unit(0, 1, {}, NOON)
    working = asyncio.create_task(handler(ask, Metrics())(records(task()), unit))
    await asyncio.wait_for(asked.wait(), 5)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert not unit.outputs["findings"]
