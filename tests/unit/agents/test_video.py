"""The handler of jobs on stored videos: exactly one report for each content, whatever happens between."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec
import pytest

from streams.adapters.attempts import Allowance
from streams.adapters.fault import Fault, Reason
from streams.adapters.fault import Kind as FaultKind
from streams.adapters.rekognition_video import NoJob, VideoJobs
from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.video import Video, Watching
from streams.core.case import FindingRecord
from streams.core.content import Location
from streams.core.finding import Cost, Report
from streams.core.policy import PolicyRef
from streams.core.taxonomy import Label
from streams.core.video_task import JobEnded, JobsDue, VideoRecord, VideoTask
from streams.engines.rekognition_video import RekognitionVideo, RekognitionVideoConfig, Sighting, Watched
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of, lent
from tests.unit.core.given import NOON, REF, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
REPORTS: Final[Reader[Any]] = Reader(FindingRecord, limit=LIMIT)
ENGINE: Final = RekognitionVideo(RekognitionVideoConfig(region="us-east-1", poll="30s"))
GUNS: Final = Watched([Sighting(Label("Weapons", "Violence", 97.0), at) for at in (0, 500)], 60_000, "7.0")
IN_S3: Final = Location(bucket="media", key="v.mp4")


class Service:
    """Stands in for the client: what each call brings is told beforehand, the last one for ever."""

    def __init__(self, *, start: Sequence[Any] = ("j1",), fetch: Sequence[Any] = ("in_progress",)) -> None:
        self.starts, self.fetches = list(start), list(fetch)
        self.calls: list[str] = []

    async def start(self, content_id: str, place: int, location: Location, allowance: Allowance) -> str:
        """Start."""
        del location, allowance
        self.calls.append(f"start {content_id} {place}")
        return cast("str", _next(self.starts))

    async def fetch(self, job_id: str, allowance: Allowance) -> Any:
        """Fetch."""
        del allowance
        self.calls.append(f"fetch {job_id}")
        return _next(self.fetches)


def _next(told: list[Any]) -> Any:
    one = told.pop(0) if len(told) > 1 else told[0]
    if isinstance(one, Exception):
        raise one
    return one


class Role:
    """The handler and its table, with a clock that the test sets; `now` in milliseconds since 1970."""

    def __init__(self, service: Service | None) -> None:
        self.now = NOON
        self.table: dict[bytes, bytes] = {}
        self.metrics = Metrics()
        jobs = cast("VideoJobs", service)
        watching = Watching(ENGINE, jobs, self.metrics, clock=lambda: self.now / 1000)
        intake: Intake[VideoRecord] = Intake(
            Reader(VideoRecord, limit=LIMIT), topic="tasks", dead_letters="dlq", share=0.5, metrics=self.metrics
        )
        self.handler = Video(
            intake,
            Emission("", "rekognition_video", "json"),
            engine="rekognition_video",
            book=book_of(policy(), (), *([] if service is None else [ENGINE])),
            using=lent(watching),
            concurrency=8,
            metrics=self.metrics,
        )
        self.offset = 0

    async def handled(self, *values: VideoRecord | bytes, crash: bool = False) -> list[Report]:
        """Handle a batch; return its reports. After a crash nothing of it is true."""
        batch = []
        for value in values:
            data = value if isinstance(value, bytes) else msgspec.json.encode(value)
            batch.append(Record("tasks", 0, self.offset, key=b"v1", value=data))
            self.offset += 1
        unit = Unit(0, 1, self.table, self.now)
        await self.handler(batch, unit)
        if not crash:
            self.table.update({key: value for key, value in unit.changes.items() if value is not None})
        return [REPORTS.read(value) for sent in unit.outputs["findings"].values() for _, value, _ in sent]

    def due(self, content_id: str = "v1") -> int | None:
        """Return when a content wants attention, milliseconds after noon."""
        moment = self.handler.due(self.table[content_id.encode()])
        return None if moment is None else moment - NOON


def task(content_id: str = "v1", *objects: tuple[str, Location], left: int = 300_000) -> VideoTask:
    listed = objects or (("video", IN_S3),)
    return VideoTask(content_id, "video", "rekognition_video", listed, REF, NOON + left)


def ended(job_id: str = "j1") -> JobEnded:
    return JobEnded("v1", job_id, 0)


def due() -> JobsDue:
    return JobsDue("v1", 0)


def fault(reason: Reason, kind: FaultKind) -> Fault:
    return Fault(reason, kind)


async def test_a_job_is_started_told_of_and_reported_once() -> None:
    service = Service(fetch=[GUNS])
    role = Role(service)
    assert await role.handled(task()) == []
    assert role.due() == 30_000
    role.now += 20_000
    (report,) = await role.handled(ended())
    assert (report.status, report.engine_version, report.cost) == ("ok", "1/7.0", Cost(calls=1))
    assert (report.findings[0].label, report.findings[0].evidence[0].frame) == ("violence", (0, 1000))
    assert report.duration_ms == 20_000
    assert role.due() is None
    assert await role.handled(ended(), due(), task()) == []
    assert service.calls == ["start v1 0", "fetch j1"]


async def test_a_label_that_no_table_knows_is_counted_once_for_a_video() -> None:
    strange = [Sighting(Label("Brand New", "", 60.0), at) for at in (0, 500)]
    role = Role(Service(fetch=[Watched([*GUNS.sightings, *strange], 60_000, "7.0")]))
    await role.handled(task())
    (report,) = await role.handled(ended())
    assert {finding.label for finding in report.findings} == {"violence", "unmapped"}
    labels = {"engine": "rekognition_video"}
    assert role.metrics.registry.get_sample_value("moderation_unmapped_labels_total", labels) == 1


async def test_a_notification_that_is_lost_is_made_up_for_by_the_reminder() -> None:
    role = Role(Service(fetch=["in_progress", GUNS]))
    await role.handled(task())
    role.now += 30_000
    assert await role.handled(due()) == []
    assert role.due() == 60_000
    role.now += 30_000
    assert [report.status for report in await role.handled(due())] == ["ok"]


async def test_a_reminder_before_its_time_asks_nothing() -> None:
    service = Service()
    role = Role(service)
    await role.handled(task())
    role.now += 29_999
    assert await role.handled(due(), due()) == []
    assert service.calls == ["start v1 0"]


async def test_a_crash_before_the_commit_asks_with_the_same_words_again() -> None:
    service = Service(fetch=[GUNS])
    role = Role(service)
    await role.handled(task(), crash=True)
    await role.handled(task())
    assert service.calls == ["start v1 0", "start v1 0"]
    assert [report.status for report in await role.handled(ended(), crash=True)] == ["ok"]
    assert [report.status for report in await role.handled(ended())] == ["ok"]


async def test_the_end_of_a_job_that_nobody_knows_changes_nothing() -> None:
    service = Service()
    role = Role(service)
    assert await role.handled(ended(), due()) == []
    assert role.table == {}
    await role.handled(task(), ended("other"))
    assert service.calls == ["start v1 0"]


async def test_the_end_of_a_job_in_the_batch_of_its_task_is_not_lost() -> None:
    role = Role(Service(fetch=[GUNS]))
    assert await role.handled(task(), ended()) == []  # it has no name yet when its end is read
    role.now += 30_000
    assert [report.status for report in await role.handled(due())] == ["ok"]


async def test_where_there_is_no_room_a_job_waits_and_is_started_later() -> None:
    service = Service(start=[fault("throttled", "retry"), fault("throttled", "retry"), "j1"], fetch=[GUNS])
    role = Role(service)
    await role.handled(task())
    assert role.due() == 1000
    role.now += 1000
    await role.handled(due())
    assert role.due() == 3000
    role.now += 2000
    await role.handled(due())
    assert role.due() == 33_000
    assert [report.cost for report in await role.handled(ended())] == [Cost(calls=1)]


@pytest.mark.parametrize(
    ("service", "status", "reason"),
    [
        (Service(start=[fault("invalid_request", "item")]), "error", "invalid_request"),
        (Service(fetch=["failed"]), "error", "job_failed"),
        (Service(fetch=[NoJob("unknown_job")]), "error", "unknown_job"),
        (Service(fetch=[fault("too_large", "item")]), "error", "too_large"),
        (Service(fetch=[RuntimeError("canary")]), "error", "engine_failed"),
        (Service(start=[RuntimeError("canary")]), "error", "engine_failed"),
    ],
)
async def test_what_no_waiting_mends_is_reported_with_its_reason(
    service: Service, status: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    role = Role(service)
    with caplog.at_level(logging.DEBUG):
        reports = [*await role.handled(task()), *await role.handled(ended())]
    assert [(report.status, report.reason) for report in reports] == [(status, reason)]
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        (Service(), "job_not_finished"),
        (Service(start=[fault("throttled", "retry")]), "throttled"),
        (Service(start=[fault("access_denied", "deployment")]), "access_denied"),
        (Service(fetch=[fault("garbled", "retry")]), "garbled"),
    ],
)
async def test_what_is_open_shortly_before_the_deadline_is_a_timeout_with_its_reason(
    service: Service, reason: str
) -> None:
    role = Role(service)
    await role.handled(task(left=100_000))
    role.now += 31_000
    await role.handled(due())
    role.now = NOON + 98_000
    assert role.due() is not None
    calls = len(service.calls)
    (report,) = await role.handled(due())
    assert (report.status, report.reason) == ("timeout", reason)
    assert len(service.calls) == calls
    assert role.due() is None


async def test_the_last_question_before_the_deadline_is_cut_short() -> None:
    class Hanging(Service):
        async def fetch(self, job_id: str, allowance: Allowance) -> Any:
            del job_id
            try:
                async with asyncio.timeout_at(allowance.until):
                    await asyncio.Event().wait()
            except TimeoutError:
                role.now = NOON + 98_000
                raise Fault("deadline_passed", "limit") from None

    role = Role(Hanging())
    await role.handled(task(left=100_000))
    role.now = NOON + 97_900
    (report,) = await asyncio.wait_for(role.handled(ended()), 5)
    assert (report.status, report.reason) == ("timeout", "deadline_passed")


async def test_a_task_that_comes_too_late_starts_nothing() -> None:
    service = Service()
    role = Role(service)
    role.now = NOON + 400_000
    assert [report.reason for report in await role.handled(task())] == ["job_not_started"]
    assert service.calls == []


async def test_a_content_of_several_videos_is_reported_when_all_have_ended() -> None:
    service = Service(start=["j1", "j2"], fetch=[GUNS])
    role = Role(service)
    url = Location(url="https://cdn.example/v.mp4")
    await role.handled(task("v1", ("video", IN_S3), ("image", IN_S3), ("video", IN_S3), ("video", url)))
    assert await role.handled(ended("j1")) == []
    (report,) = await role.handled(ended("j2"))
    assert (report.status, report.reason, report.cost) == ("not_evaluated", "not_in_s3", Cost(calls=2))
    assert [finding.evidence[0].attachment for finding in report.findings] == [0, 2]


async def test_contents_of_a_batch_are_handled_side_by_side() -> None:
    class Waiting(Service):
        async def start(self, content_id: str, place: int, location: Location, allowance: Allowance) -> str:
            await super().start(content_id, place, location, allowance)
            await together.wait()
            return content_id

    together = asyncio.Barrier(3)
    service = Waiting()
    await asyncio.wait_for(Role(service).handled(task("v1"), task("v2"), task("v3")), 5)
    assert len(service.calls) == 3


async def test_a_worker_whose_policy_does_not_name_the_engine_says_that_nobody_looked() -> None:
    role = Role(None)
    reports = await role.handled(task())
    assert [(report.status, report.reason) for report in reports] == [("not_evaluated", "engine_not_configured")]


async def test_a_version_that_nobody_knows_is_an_error_and_starts_no_job() -> None:
    service = Service()
    unheard = msgspec.structs.replace(task(), policy=PolicyRef("test", "unheard"))
    (report,) = await Role(service).handled(unheard)
    assert (report.status, report.reason, report.engine_version) == ("error", "unknown_policy", "")
    assert service.calls == []


async def test_open_jobs_end_when_the_policy_no_longer_names_the_engine() -> None:
    before, after = Role(Service()), Role(None)
    await before.handled(task())
    after.table = before.table
    assert [report.status for report in await after.handled(due())] == ["not_evaluated"]
    assert after.due() is None


async def test_a_record_that_cannot_be_read_is_a_dead_letter_and_the_rest_goes_on() -> None:
    role = Role(Service(fetch=[GUNS]))
    await role.handled(task(), b"{}", b'{"type": "job_ended"}')
    letters = [sample.value for each in role.metrics.dead_letters.collect() for sample in each.samples]
    assert sum(value for value in letters if value < 10) == 2  # the others are the times at which they were made
    assert [report.status for report in await role.handled(ended())] == ["ok"]


async def test_a_service_that_is_down_is_left_alone_and_the_jobs_wait(caplog: pytest.LogCaptureFixture) -> None:
    service = Service(start=[fault("access_denied", "deployment")])
    role = Role(service)
    caplog.set_level(logging.WARNING)
    for number in range(7):
        assert await role.handled(task(f"v{number}")) == []
    assert len(service.calls) == 5
    assert [line.getMessage() for line in caplog.records if "circuit" in line.getMessage()] == [
        "rekognition_video: circuit open"
    ]
    assert role.due("v6") == 1000  # it waits like those that were tried


async def test_videos_that_cannot_be_read_one_after_the_other_open_the_circuit_too() -> None:
    service = Service(start=[fault("invalid_object", "item")])
    role = Role(service)
    statuses = [await role.handled(task(f"v{number}")) for number in range(27)]
    assert [report.reason for reports in statuses for report in reports] == ["invalid_object"] * 25
    assert len(service.calls) == 25
    assert role.due("v26") == 1000


async def test_full_queues_of_jobs_do_not_keep_running_ones_from_being_asked_for() -> None:
    service = Service(start=["j1", fault("throttled", "retry")], fetch=[GUNS])
    role = Role(service)
    await role.handled(task())
    for number in range(9):
        await role.handled(task(f"full{number}"))
    assert [report.status for report in await role.handled(ended())] == ["ok"]
