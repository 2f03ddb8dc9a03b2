"""What a worker knows of pictures that others judged, and what near copies of them cost."""

import asyncio
from typing import Any, Final

import msgspec
import pytest

from streams.adapters.looking import Looked
from streams.adapters.stored import pack
from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.near_copies import NearCopies
from streams.agents.pictures import Pictures
from streams.core.finding import Cost, Evidence, Report
from streams.core.judged_media import JudgedMedia
from streams.core.picture_task import Part, PictureTask
from streams.core.taxonomy import Label
from streams.engines.rekognition import Glance, Known, NearDuplicates, Rekognition
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of, lent
from tests.unit.agents.picture_tasks import picture_task
from tests.unit.core.given import NOON, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
DAY: Final = 86_400_000
FINDINGS: Final = Reader(Report | Part, limit=LIMIT)
JUDGED: Final = Reader(JudgedMedia, limit=LIMIT)
ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64
PDQ: Final = "0f" * 32
NEAR: Final = "0e" * 5 + "0f" * 27  # five bits from it
FAR: Final = "0e" * 11 + "0f" * 21  # eleven bits
OTHER: Final = "a5" * 32


def engine(**more: Any) -> Rekognition:
    given = {"region": "us-east-1", "keep": "7d", "near_duplicates": {"max_distance": 10}, **more}
    return Rekognition(Rekognition.Config.model_validate(given))


def known(**more: Any) -> Known:
    glances = (Glance((Label("Weapons", "Violence", 93.0), Label("Violence", "", 93.0))),)
    given = {"at": NOON, "wanted": "- - False", "least": 60.0, "model": "7.0", "adapter": True, "glances": glances}
    return Known(**{**given, **more})


def task(content_id: str, sha256: str, *pdq: str) -> PictureTask:
    return picture_task(content_id, sha256, pdq=pdq)


class Service:
    """Says the same of every picture, and remembers which it was asked about."""

    def __init__(self, seen: Known | None = None) -> None:
        self.seen = seen or known()
        self.asked: list[str] = []
        self.is_open = False

    async def __call__(self, task: PictureTask, until_ms: int) -> Looked:  # noqa: ARG002  as `Look` has it
        """Answer."""
        self.asked.append(task.content_id)
        return Looked(self.seen, None, 1)


def memory(of: Rekognition, *, whole: bool = True) -> NearCopies:
    near = of.config.near_duplicates or NearDuplicates()
    near_copies = NearCopies(lambda: [of], near.remembered, JUDGED)
    if whole:
        near_copies.whole.set()
    return near_copies


class Worker:
    """The handler of one worker, which follows the topic that it writes."""

    def __init__(self, service: Service, *, whole: bool = True, **more: Any) -> None:
        self.engine = engine(**more)
        self.service, self.metrics = service, Metrics()
        self.near = memory(self.engine, whole=whole)
        intake = Intake(
            Reader(PictureTask, limit=LIMIT), topic="t", dead_letters="dlq", share=0.5, metrics=self.metrics
        )
        self.handler = Pictures(
            intake,
            Emission("", "rekognition", "json"),
            book=book_of(policy(), (), self.engine),
            using=lent(service),
            metrics=self.metrics,
            near_copies=self.near,
        )

    async def reports(self, *tasks: PictureTask, now: int = NOON) -> list[Any]:
        """Answer one batch, follow what it published, and return the reports."""
        unit = Unit(0, 1, {}, now)
        values = [msgspec.json.encode(msgspec.structs.replace(each, deadline_at=now + 30_000)) for each in tasks]
        await self.handler([Record("t", 0, at, value=value, key=b"k") for at, value in enumerate(values)], unit)
        for key, value, _ in unit.outputs["judged-media"][0]:
            assert key is not None
            await self.near.keep(key, value)
        return [FINDINGS.read(value) for _, value, _ in unit.outputs["findings"][0]]


async def test_a_near_copy_of_a_judged_picture_pays_nothing_and_says_what_it_is_near_to() -> None:
    worker = Worker(Service())
    (paid,) = await worker.reports(task("i1", ONE, PDQ, OTHER))
    copies = await worker.reports(task("i2", TWO, OTHER, NEAR), task("i3", TWO, OTHER, NEAR), task("i4", THREE, FAR))
    assert worker.service.asked == ["i1", "i4"]
    assert [(one.cost, one.reason) for one in (paid, *copies)] == [
        (Cost(calls=1), None),
        (Cost(cached=1), "near_duplicate"),
        (Cost(cached=1), "near_duplicate"),
        (Cost(calls=1), None),
    ]
    (first,), (second,) = paid.findings, copies[0].findings
    assert (second.label, second.confidence) == (first.label, first.confidence) == ("violence", 93.0)
    assert second.evidence == (*first.evidence, Evidence(hash=PDQ, distance=5))
    assert copies[0].engine_version == paid.engine_version
    counted = worker.metrics.registry.get_sample_value
    assert counted("moderation_engine_calls_total", {"engine": "rekognition", "result": "near"}) == 2


async def test_a_near_copy_is_none_that_others_are_near_to() -> None:
    worker = Worker(Service())
    await worker.reports(task("i1", ONE, PDQ))
    await worker.reports(task("i2", TWO, NEAR))
    assert len(worker.near) == 1
    await worker.reports(task("i3", THREE, FAR))  # six bits from the copy, eleven from what was judged
    assert worker.service.asked == ["i1", "i3"]


async def test_equal_bytes_come_before_near_ones() -> None:
    worker = Worker(Service())
    await worker.reports(task("i1", ONE, PDQ))
    unit = Unit(0, 1, {TWO.encode(): pack(known(glances=(Glance(()),)))}, NOON)
    await worker.handler([Record("t", 0, 0, value=msgspec.json.encode(task("i2", TWO, PDQ)), key=b"k")], unit)
    (report,) = (FINDINGS.read(value) for _, value, _ in unit.outputs["findings"][0])
    assert (report.findings, report.reason, report.cost) == ((), None, Cost(cached=1))


async def test_an_answer_that_is_too_old_serves_no_copy() -> None:
    worker = Worker(Service())
    await worker.reports(task("i1", ONE, PDQ))
    await worker.reports(task("i2", TWO, PDQ), now=NOON + 7 * DAY - 1)
    assert worker.service.asked == ["i1"]
    await worker.reports(task("i3", TWO, PDQ), now=NOON + 7 * DAY)
    assert worker.service.asked == ["i1", "i3"]


@pytest.mark.parametrize(
    "record",
    [
        {"wanted": "- 6.1 False"},  # for another model
        {"least": 80.0},  # asked for less
        {"engine": "another"},
        {"sha256": TWO},  # under a key that is not its own
    ],
)
async def test_what_does_not_answer_what_is_wanted_is_not_remembered(record: dict[str, Any]) -> None:
    worker = Worker(Service())
    published = worker.engine.published(ONE, PDQ, known())
    assert published is not None
    await worker.near.keep(ONE.encode(), msgspec.json.encode(msgspec.structs.replace(published, **record)))
    assert len(worker.near) == 0
    await worker.reports(task("i1", THREE, PDQ))
    assert worker.service.asked == ["i1"]


async def test_a_picture_that_is_forgotten_is_near_to_nothing_and_broken_records_harm_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    worker = Worker(Service())
    await worker.reports(task("i1", ONE, PDQ))
    assert len(worker.near) == 1
    await worker.near.keep(TWO.encode(), b'{"sha256": "me@example.org"')
    await worker.near.keep(THREE.encode(), b"\x00\x00\x00\x00\x07rest")
    assert len(worker.near) == 1
    assert "cannot be read" in caplog.text
    assert "example.org" not in caplog.text
    await worker.near.keep(ONE.encode(), None)
    await worker.reports(task("i2", TWO, PDQ))
    assert worker.service.asked == ["i1", "i2"]


async def test_only_so_many_pictures_are_remembered() -> None:
    worker = Worker(Service(), near_duplicates={"remembered": 1})
    await worker.reports(task("i1", ONE, PDQ), task("i2", TWO, OTHER))
    assert len(worker.near) == 1
    await worker.reports(task("i3", THREE, PDQ))
    assert worker.service.asked == ["i1", "i2", "i3"]


async def test_pictures_wait_for_what_was_judged_before_the_worker_started() -> None:
    worker = Worker(Service(), whole=False)
    published = worker.engine.published(ONE, PDQ, known())
    waiting = asyncio.create_task(worker.reports(task("i1", TWO, PDQ)))
    await asyncio.sleep(0)
    await worker.near.keep(ONE.encode(), msgspec.json.encode(published))
    worker.near.whole.set()
    assert [report.reason for report in await waiting] == ["near_duplicate"]
    assert worker.service.asked == []


async def test_a_memory_that_does_not_fill_holds_up_nobody_beyond_his_time() -> None:
    near = memory(engine(), whole=False)
    assert await near.nearest(engine(), (PDQ,), NOON, 0.0) is None
    assert await near.nearest(engine(), (), NOON, 1000.0) is None


@pytest.mark.parametrize(
    "glances",
    [
        (Glance((), frame=(0, 40)),),
        (Glance(()), Glance(())),
    ],
)
async def test_what_moves_is_not_published(glances: tuple[Glance, ...]) -> None:
    assert engine().published(ONE, PDQ, known(glances=glances)) is None


async def test_where_near_copies_are_not_wanted_nothing_is_published_and_each_is_paid_for() -> None:
    worker = Worker(Service(), near_duplicates=None)
    worker.handler._near_copies = None
    await worker.reports(task("i1", ONE, PDQ))
    await worker.reports(task("i2", TWO, PDQ))
    assert worker.service.asked == ["i1", "i2"]
    assert len(worker.near) == 0


def test_a_judged_picture_says_again_what_was_known_of_it() -> None:
    of, before = engine(), known(adapter=False)
    published = of.published(ONE, PDQ, before)
    assert published is not None
    assert of.recalled(published) == before
    assert of.answer_near(before, Evidence(hash=PDQ, distance=0)).reason == "near_duplicate"
    assert of.answer(before).reason == "adapter_expired"
