"""The handler of media tasks: one report per engine, in the order of the tasks, and none of it too late."""

import asyncio
from typing import Any, Final

import msgspec

from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.media import Inspected, Media, Outcome
from streams.core.case import FindingRecord, Task
from streams.core.content import Location
from streams.core.finding import Answer, Report, reported
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.core.given import NOON, REF
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
REPORTS: Final[Reader[Any]] = Reader(FindingRecord, limit=LIMIT)


def task(content_id: str, left: int = 1000) -> Task:
    """Return a task for two engines with so many milliseconds left at noon."""
    place = Location(bucket="b", key=content_id)
    return Task(content_id, "image", (("image", place),), ("qr", "image_model"), REF, NOON + left)


async def handled(tasks: list[Task], inspected: Inspected) -> tuple[list[Report], Metrics]:
    """Return the reports on a batch, in their order; it is noon, and two tasks are inspected at once."""
    metrics, unit = Metrics(), Unit(0, 1, {}, NOON)
    media = Media(
        Intake(Reader(Task, limit=LIMIT), topic="tasks-media", dead_letters="dlq", share=0.5, metrics=metrics),
        Emission("", "media", "json"),
        inspected=inspected,
        concurrency=2,
        metrics=metrics,
        clock=lambda: NOON / 1000,
    )
    await media([Record("tasks-media", 0, n, value=msgspec.json.encode(one)) for n, one in enumerate(tasks)], unit)
    written = [value for partition in unit.outputs["findings"].values() for _, value, _ in partition]
    return [REPORTS.read(value) for value in written], metrics


async def test_tasks_are_inspected_side_by_side_and_reported_in_their_order() -> None:
    running = most = 0

    async def inspected(given: Task) -> Outcome:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(20 if given.content_id == "i0" else 1):  # the first takes longest
            await asyncio.sleep(0)
        running -= 1
        return Outcome([reported(given.content_id, name, "1", Answer(), 1.0) for name in given.engines])

    found, metrics = await handled([task(f"i{n}") for n in range(4)], inspected)
    expected = [(f"i{n}", name) for n in range(4) for name in ("qr", "image_model")]
    assert [(report.content_id, report.engine) for report in found] == expected
    assert most == 2
    assert metrics.registry.get_sample_value("moderation_engine_requests_total", {"engine": "qr", "result": "ok"}) == 4


async def test_what_waited_beyond_its_deadline_is_reported_and_not_looked_at() -> None:
    looked: list[str] = []

    async def inspected(given: Task) -> Outcome:
        looked.append(given.content_id)
        return Outcome([reported(given.content_id, name, "1", Answer(), 1.0) for name in given.engines])

    found, _ = await handled([task("late", left=0), task("later", left=-60_000), task("in-time", left=1)], inspected)
    said = [(report.content_id, report.engine, report.status, report.reason) for report in found]
    assert said == [
        ("late", "qr", "timeout", "deadline_passed"),
        ("late", "image_model", "timeout", "deadline_passed"),
        ("later", "qr", "timeout", "deadline_passed"),
        ("later", "image_model", "timeout", "deadline_passed"),
        ("in-time", "qr", "ok", None),
        ("in-time", "image_model", "ok", None),
    ]
    assert looked == ["in-time"]
