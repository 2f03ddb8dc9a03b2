"""Jobs on the videos of a content: nothing lost, nothing started twice, one answer before the deadline."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core import video_job
from streams.core.content import Location
from streams.core.finding import Answer, Evidence, Finding
from streams.core.video_job import REPORTED, Job, Jobs
from streams.core.video_task import JobEnded, VideoTask
from tests.unit.core.given import NOON, REF

IN_S3 = Location(bucket="media", key="a.mp4")
FOUND = Answer(findings=(Finding("violence", "violence_60", evidence=(Evidence(frame=(0, 500)),)),), scores={"a": 0.5})


def task(*objects: tuple[str, Location], kind: str = "video", left: int = 300_000) -> VideoTask:
    """Return a task with so many milliseconds left at noon."""
    listed = objects or (("video", IN_S3),)
    return VideoTask("v1", kind, "rekognition_video", listed, REF, NOON + left)  # type: ignore[arg-type]


def one(jobs: Jobs) -> Job:
    (job,) = jobs.jobs
    return job


def test_a_new_task_wants_attention_at_once() -> None:
    jobs = video_job.begun(task(), NOON)
    assert video_job.due(jobs) == NOON
    assert [job.place for job in video_job.wanting(jobs, NOON)] == [0]
    assert video_job.answer_of(task(), jobs.jobs) is None


def test_only_videos_in_buckets_get_jobs() -> None:
    objects = (("image", IN_S3), ("video", Location(url="https://cdn.example/v.mp4")), ("video", IN_S3))
    jobs = video_job.begun(task(*objects, kind="message"), NOON)
    assert [(job.place, job.answer and job.answer.reason) for job in jobs.jobs] == [(1, "not_in_s3"), (2, None)]
    assert [job.place for job in video_job.open_jobs(jobs)] == [2]


def test_a_task_without_a_video_in_a_bucket_is_answered_without_a_job() -> None:
    elsewhere = task(("video", Location(url="https://cdn.example/v.mp4")))
    jobs = video_job.begun(elsewhere, NOON)
    assert video_job.answer_of(elsewhere, jobs.jobs) == Answer("not_evaluated", "not_in_s3")


def test_a_job_that_runs_is_asked_for_after_the_poll_and_at_once_when_its_end_is_told() -> None:
    jobs = video_job.begun(task(), NOON)
    jobs = video_job.with_job(jobs, video_job.started(one(jobs), "j1", NOON + 5, 30_000))
    assert (video_job.due(jobs), video_job.wanting(jobs, NOON + 30_004)) == (NOON + 30_005, [])
    assert video_job.told(jobs, JobEnded("v1", "other", NOON + 9)) == jobs
    told = video_job.told(jobs, JobEnded("v1", "j1", NOON + 9))
    assert [job.job_id for job in video_job.wanting(told, NOON + 9)] == ["j1"]
    assert one(told).started_at == NOON + 5


def test_a_job_that_cannot_be_started_waits_longer_and_longer_and_is_never_lost() -> None:
    job = one(video_job.begun(task(), NOON))
    waits = []
    for _ in range(9):
        job = video_job.delayed(job, "throttled", NOON)
        waits.append(job.next_at - NOON)
    assert waits == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]
    assert (job.job_id, job.answer, job.trouble) == (None, None, "throttled")
    assert video_job.started(job, "j1", NOON, 1).attempts == 0


@pytest.mark.parametrize(("left", "margin"), [(300_000, 2000), (5000, 1000), (0, 0)])
def test_what_is_open_is_given_up_before_the_deadline(left: int, margin: int) -> None:
    assert video_job.cutoff(task(left=left), NOON) == NOON + left - margin
    far = video_job.begun(task(left=left), NOON)
    far = video_job.with_job(far, video_job.started(one(far), "j1", NOON, 10**9))
    assert video_job.due(far) == NOON + left - margin


def test_what_is_given_up_says_why_it_is_open() -> None:
    jobs = video_job.begun(task(("video", IN_S3), ("video", IN_S3), ("video", IN_S3)), NOON)
    first, second, third = jobs.jobs
    jobs = video_job.with_job(jobs, video_job.started(first, "j1", NOON, 1))
    jobs = video_job.with_job(jobs, video_job.delayed(second, "access_denied", NOON))
    answers = [job.answer for job in video_job.closed(jobs).jobs]
    assert answers == [Answer("timeout", why) for why in ("job_not_finished", "access_denied", "job_not_started")]
    assert third.answer is None


def test_the_worst_status_speaks_and_every_finding_stays_with_its_place() -> None:
    asked = task(("image", IN_S3), ("video", IN_S3), ("video", IN_S3), kind="message")
    jobs = video_job.begun(asked, NOON)
    jobs = video_job.with_job(jobs, video_job.answered(jobs.jobs[0], FOUND, "7.0"))
    assert video_job.answer_of(asked, jobs.jobs) is None
    answer = video_job.answer_of(asked, video_job.closed(jobs).jobs)
    assert answer is not None
    assert (answer.status, answer.reason, answer.scores) == ("timeout", "job_not_started", {"a": 0.5})
    assert answer.findings[0].evidence == (Evidence(frame=(0, 500), attachment=1),)


def test_a_single_video_has_no_number() -> None:
    jobs = video_job.begun(task(), NOON)
    assert video_job.answer_of(task(), [video_job.answered(one(jobs), FOUND)]) == FOUND


def test_what_was_reported_wants_nothing_any_more() -> None:
    assert video_job.due(REPORTED) is None
    assert video_job.told(REPORTED, JobEnded("v1", "j1", NOON)) == REPORTED


@given(st.lists(st.sampled_from(["start", "delay", "tell", "answer", "close"]), max_size=8))
def test_whatever_happens_an_open_content_has_a_moment_and_an_answered_one_an_answer(steps: list[str]) -> None:
    asked = task(("video", IN_S3), ("video", IN_S3))
    jobs = video_job.begun(asked, NOON)
    for step in steps:
        for job in video_job.open_jobs(jobs)[:1]:
            if step == "start":
                jobs = video_job.with_job(jobs, video_job.started(job, f"j{job.place}", NOON, 1000))
            elif step == "delay":
                jobs = video_job.with_job(jobs, video_job.delayed(job, "throttled", NOON))
            elif step == "answer":
                jobs = video_job.with_job(jobs, video_job.answered(job, FOUND))
        if step == "tell":
            jobs = video_job.told(jobs, JobEnded("v1", "j0", NOON))
        elif step == "close":
            jobs = video_job.closed(jobs)
    moment = video_job.due(jobs)
    assert moment is not None
    assert moment <= video_job.cutoff(asked, NOON)
    assert (video_job.answer_of(asked, jobs.jobs) is None) == bool(video_job.open_jobs(jobs))
