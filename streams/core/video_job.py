"""Jobs on the stored videos of one content: tasks, ends and reminders in, what to do next and one answer out.

Pure: the role asks the service and says here what came back; every change is a new value, times are arguments in
milliseconds since 1970. A job waits to be started, runs, and has an answer; nothing else ends it but the deadline.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.label import TEXT_KINDS
from streams.core.merged import NO_OBJECTS, merged
from streams.core.video_task import JobEnded, VideoTask

# Until a job is asked for again that could not be started, or whose answer could not be had; doubled each time.
FIRST_WAIT: Final = 1_000  # milliseconds
LONGEST_WAIT: Final = 60_000
# Before the deadline what is open is given up, so that the report still reaches the join: and share of the time.
MARGIN: Final = 2_000  # milliseconds
SHARE: Final = 0.2

NOT_IN_S3: Final = Answer("not_evaluated", "not_in_s3")


class Job(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One video of a content."""

    place: int  # among the task's objects
    job_id: str | None = None  # None until the service has named it
    started_at: int = 0
    next_at: int = 0  # when it wants attention
    attempts: int = 0  # since the service last answered
    trouble: str | None = None  # why the last attempt brought nothing
    answer: Answer | None = None
    model: str | None = None  # version of what watched


class Jobs(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The jobs of one content; after its report only that it was reported."""

    task: VideoTask | None = None
    begun_at: int = 0
    jobs: tuple[Job, ...] = ()


REPORTED: Final = Jobs()


def begun(task: VideoTask, now: int) -> Jobs:
    """Return the jobs of a new task; a video that does not lie in a bucket has its answer at once."""
    return Jobs(
        task,
        now,
        tuple(
            Job(place, next_at=now) if location.bucket is not None else Job(place, answer=NOT_IN_S3)
            for place, (kind, location) in enumerate(task.objects)
            if kind == "video"
        ),
    )


def told(jobs: Jobs, ended: JobEnded) -> Jobs:
    """Return the jobs after a word that one of them has ended: that one wants attention now."""
    ones = [job for job in open_jobs(jobs) if job.job_id == ended.job_id]
    return _with(jobs, (msgspec.structs.replace(job, next_at=0) for job in ones))


def wanting(jobs: Jobs, now: int) -> list[Job]:
    """Return the open jobs whose moment has come."""
    return [job for job in open_jobs(jobs) if job.next_at <= now]


def open_jobs(jobs: Jobs) -> list[Job]:
    """Return the jobs that have no answer yet."""
    return [job for job in jobs.jobs if job.answer is None]


def started(job: Job, job_id: str | None, now: int, wait: int) -> Job:
    """Return a job that runs, to be looked at after a wait; `now` counts as its start where it has none yet."""
    return msgspec.structs.replace(
        job, job_id=job_id, started_at=job.started_at or now, next_at=now + wait, attempts=0, trouble=None
    )


def delayed(job: Job, why: str, now: int) -> Job:
    """Return a job that the service would not start or tell of: nothing is lost, it is tried again later."""
    wait = min(FIRST_WAIT << min(job.attempts, 16), LONGEST_WAIT)
    return msgspec.structs.replace(job, next_at=now + wait, attempts=job.attempts + 1, trouble=why)


def answered(job: Job, answer: Answer, model: str | None = None) -> Job:
    """Return a job that has its answer; `model` is the version of what watched."""
    return msgspec.structs.replace(job, answer=answer, model=model)


def with_job(jobs: Jobs, job: Job) -> Jobs:
    """Return the jobs with a newer state of one of them."""
    return _with(jobs, [job])


def closed(jobs: Jobs) -> Jobs:
    """Return the jobs with those that are open given up: `timeout`, with the reason for which they are open."""
    return _with(jobs, (answered(job, Answer("timeout", _why(job))) for job in open_jobs(jobs)))


def cutoff(task: VideoTask, begun_at: int) -> int:
    """Return the moment from which on what is open is given up."""
    left = max(0, task.deadline_at - begun_at)
    return task.deadline_at - min(MARGIN, int(SHARE * left))


def due(jobs: Jobs) -> int | None:
    """Return the moment at which a content wants attention; None when it was reported."""
    if jobs.task is None:
        return None
    moments = [job.next_at for job in open_jobs(jobs)]
    return min([cutoff(jobs.task, jobs.begun_at), *moments]) if moments else jobs.begun_at


def answer_of(task: VideoTask, jobs: Sequence[Job]) -> Answer | None:
    """Return the answer on a content: worst status, all findings, highest scores; None while a job is open.

    Where the content is a text or has several objects, the evidence says in which of them.
    """
    answers = {job.place: job.answer for job in jobs if job.answer is not None}
    if len(answers) < len(jobs):
        return None
    if not answers:
        return NO_OBJECTS
    # A picture keeps its number; other engines judge it.
    every = [answers.get(place, NOTHING_FOUND) for place in range(len(task.objects))]
    return merged(every, numbered=len(every) > 1 or task.kind in TEXT_KINDS)


def _with(jobs: Jobs, changed: Iterable[Job]) -> Jobs:
    newer = {job.place: job for job in changed}
    return msgspec.structs.replace(jobs, jobs=tuple(newer.get(job.place, job) for job in jobs.jobs))


def _why(job: Job) -> str:
    return job.trouble or ("job_not_started" if job.job_id is None else "job_not_finished")
