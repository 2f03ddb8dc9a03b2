"""Video: tasks, ends of jobs and reminders in, one report per task out. Role `rekognition_video`.

The jobs of a content lie in the table, written in the transaction of the report: after a crash no job is forgotten,
and none is started twice, because the service gives the same job for the same token.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from time import time
from typing import Final, NamedTuple

from streams.adapters.attempts import Allowance
from streams.adapters.breaker import Breaker
from streams.adapters.fault import Fault
from streams.adapters.rekognition_video import NoJob, VideoJobs
from streams.adapters.stored import Unpacker, pack
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core import video_job
from streams.core.finding import FAILED, Answer, Cost, Report, reported
from streams.core.unknown_policy import UNKNOWN
from streams.core.video_job import REPORTED, Job, Jobs
from streams.core.video_task import JobEnded, VideoRecord, VideoTask
from streams.engines.rekognition_video import RekognitionVideo
from streams.metrics import Metrics
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

# One look at a content: what takes longer is tried again at the next reminder. The answer on hours of video has
# hundreds of pages, which are fetched in one go.
LONGEST: Final = 120.0  # seconds

NOT_CONFIGURED: Final = Answer("not_evaluated", "engine_not_configured")
JOB_FAILED: Final = Answer("error", "job_failed")
UNKNOWN_JOB: Final = Answer("error", "unknown_job")
CRASHED: Final = Answer("error", "engine_failed")
CIRCUIT_OPEN: Final = "circuit_open"

log = logging.getLogger(__name__)


class Watching:
    """Asks the service about the jobs of one content; `clock` gives seconds since 1970."""

    def __init__(
        self, engine: RekognitionVideo, jobs: VideoJobs, metrics: Metrics, clock: Callable[[], float] = time
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._strays = metrics.unmapped_labels.labels(engine.name)
        self._clock = clock
        self._breaker = Breaker()

    async def close(self) -> None:
        """Close the connections."""
        await self._jobs.close()

    async def advanced(self, jobs: Jobs) -> Jobs:
        """Return the jobs after a look at those that want attention; at the cutoff all that are open are given up."""
        task = jobs.task
        if task is None:
            return jobs
        now = self._now()
        left = video_job.cutoff(task, jobs.begun_at) - now
        if left > 0:
            allowance = min(left / 1000, LONGEST)
            wanting = video_job.wanting(jobs, now)
            for job in await asyncio.gather(*(self._looked(task, job, allowance) for job in wanting)):
                jobs = video_job.with_job(jobs, job)
            left = video_job.cutoff(task, jobs.begun_at) - self._now()
        return jobs if left > 0 else video_job.closed(jobs)

    async def _looked(self, task: VideoTask, job: Job, seconds: float) -> Job:
        """Return a job after one question to the service; nothing is raised but the end of the worker."""
        clock = asyncio.get_running_loop().time
        if not self._breaker.allows(clock()):
            return video_job.delayed(job, CIRCUIT_OPEN, self._now())
        before = self._breaker.is_open
        job = await self._tried(task, job, Allowance(clock() + seconds))
        if self._breaker.is_open != before:
            log.warning("%s: circuit %s", task.engine, "closed" if before else "open")
        return job

    async def _tried(self, task: VideoTask, job: Job, allowance: Allowance) -> Job:
        """Return a job after the question, and tell the breaker how it went."""
        clock = asyncio.get_running_loop().time
        try:
            job = await self._answered(task, job, allowance)
        except NoJob:
            job = video_job.answered(job, UNKNOWN_JOB)
        except Fault as fault:
            if fault.kind in {"item", "refusal"}:
                # One after the other, they are no longer the videos' doing: all of a bucket that is not shared.
                self._breaker.puzzled(clock())
                return video_job.answered(job, Answer("error", fault.reason))
            # Too many jobs at a time: those that run may still be asked for.
            if fault.kind in {"retry", "deployment"} and fault.reason != "throttled":
                self._breaker.failed(clock())
            # What the deployment or the moment does wrong is waited for: the deadline decides.
            level = logging.ERROR if fault.kind == "deployment" else logging.INFO
            log.log(level, "%s: a job waits: %s", task.engine, fault.reason)
            return video_job.delayed(job, fault.reason, self._now())
        except Exception as error:  # noqa: BLE001  one strange answer must not stop the stream at itself
            log.error("%s failed: %s", task.engine, type(error).__name__)  # noqa: TRY400  no traceback: content
            self._breaker.puzzled(clock())
            return video_job.answered(job, CRASHED)
        self._breaker.succeeded()
        return job

    async def _answered(self, task: VideoTask, job: Job, allowance: Allowance) -> Job:
        if job.job_id is None:
            return await self._started(task, job, allowance)
        return await self._asked(job, job.job_id, allowance)

    async def _started(self, task: VideoTask, job: Job, allowance: Allowance) -> Job:
        _, location = task.objects[job.place]
        job_id = await self._jobs.start(task.content_id, job.place, location, allowance)
        return video_job.started(job, job_id, self._now(), self._engine.poll_ms)

    async def _asked(self, job: Job, job_id: str, allowance: Allowance) -> Job:
        found = await self._jobs.fetch(job_id, allowance)
        if found == "in_progress":
            return video_job.started(job, job_id, self._now(), self._engine.poll_ms)
        if found == "failed":
            return video_job.answered(job, JOB_FAILED)
        self._strays.inc(self._engine.strays(found))
        return video_job.answered(job, self._engine.answer(found), found.model)

    def _now(self) -> int:
        return int(self._clock() * 1000)


# An engine in, what asks the service about its jobs, for a while, out.
Using = Callable[[RekognitionVideo], AbstractAsyncContextManager[Watching]]


class _Ended(NamedTuple):
    """The jobs of a content after a look at them."""

    jobs: Jobs
    engine: RekognitionVideo | None
    answer: Answer | None  # None while they run


class Video:
    """The handler of the engine's tasks: the jobs of each content as its policy configures the engine."""

    def __init__(
        self,
        intake: Intake[VideoRecord],
        emission: Emission,
        *,
        engine: str,
        book: Book,
        using: Using,
        concurrency: int,
        metrics: Metrics,
    ) -> None:
        self._intake = intake
        self._emission = emission
        self._engine = engine
        self._book = book
        self._using = using
        self._free = asyncio.Semaphore(concurrency)
        self._metrics = metrics
        self._jobs = Unpacker(Jobs)

    def due(self, value: bytes) -> int | None:
        """Return when stored jobs want attention, milliseconds since 1970; None when they were reported."""
        return video_job.due(self._jobs(value))

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Handle one batch of a partition: the records of a content in their order, contents side by side."""
        states: dict[str, Jobs | None] = {}
        for record, _ in await self._intake.read(records, unit):
            if record.content_id not in states:
                stored = unit.get(record.content_id.encode())
                states[record.content_id] = None if stored is None else self._jobs(stored)
            states[record.content_id] = _folded(states[record.content_id], record, unit.now)
        open_ones = [(jobs.task, jobs) for jobs in states.values() if jobs is not None and jobs.task is not None]
        for task, ended in zip(
            (task for task, _ in open_ones),
            await asyncio.gather(*(self._advanced(task, jobs) for task, jobs in open_ones)),
            strict=True,
        ):
            self._written(task, ended, unit)

    async def _advanced(self, task: VideoTask, jobs: Jobs) -> _Ended:
        loaded = await self._book.find(task.policy)
        engine = None if loaded is None else loaded.own(self._engine)
        if loaded is None or not isinstance(engine, RekognitionVideo):
            return _Ended(jobs, None, UNKNOWN if loaded is None else NOT_CONFIGURED)
        async with self._free, self._using(engine) as watching:
            jobs = await watching.advanced(jobs)
        return _Ended(jobs, engine, video_job.answer_of(task, jobs.jobs))

    def _written(self, task: VideoTask, ended: _Ended, unit: Unit) -> None:
        """Put the jobs of a content into the table, or their report to the findings."""
        key = task.content_id.encode()
        if ended.answer is None:
            unit.put(key, pack(ended.jobs))
            return
        unit.put(key, pack(REPORTED))
        report = _report(task, ended, ended.answer, unit.now)
        self._emission.reports(unit, [report])
        result = report.status if report.status in FAILED else "ok"
        self._metrics.engine_requests.labels(self._engine, result).inc()
        self._metrics.engine_seconds.labels(self._engine).observe(report.duration_ms / 1000)


def _report(task: VideoTask, ended: _Ended, answer: Answer, now: int) -> Report:
    jobs, engine = ended.jobs, ended.engine
    started = sum(job.job_id is not None for job in jobs.jobs)
    return reported(
        task.content_id,
        task.engine,
        "" if engine is None else _version(engine, jobs),
        answer,
        float(max(0, now - jobs.begun_at)),
        cost=Cost(calls=started) if started else None,
    )


def _version(engine: RekognitionVideo, jobs: Jobs) -> str:
    """Return the engine's version, and that of the model that watched, the newest where there were several."""
    models = [job.model for job in jobs.jobs if job.model is not None]
    return engine.version_of(max(models)) if models else engine.version


def _folded(jobs: Jobs | None, record: VideoRecord, now: int) -> Jobs | None:
    """Return the jobs of a content after one more record; a task that came before, and ends of other jobs, are moot."""
    if jobs is None:
        return video_job.begun(record, now) if isinstance(record, VideoTask) else None
    return video_job.told(jobs, record) if isinstance(record, JobEnded) else jobs
