"""Jobs on stored videos against a loopback service that speaks the real protocol."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given

from streams.adapters.attempts import Allowance
from streams.adapters.fault import Fault
from streams.adapters.rekognition_video import NoJob, VideoJobs, sightings_of, video_jobs
from streams.core.content import Location
from streams.core.taxonomy import Label
from streams.engines.rekognition_video import RekognitionVideo, Sighting, Watched
from tests.loopback.aws import Aws, said
from tests.loopback.videos import DURATION, Videos
from tests.unit.adapters.endpoint import DROPS, EMPTY, HANGS, HTML, VALUES, Endpoint, Reply, aws_error, told

IN_S3 = Location(bucket="media", key="guns.mp4", version_id="v7")
GUNS = [(at, *label) for at in (0, 500, 1000) for label in (("Violence", "", 93.0), ("Weapons", "Violence", 93.0))]
ARNS = {
    "topic_arn": "arn:aws:sns:us-east-1:111122223333:AmazonRekognitionJobs",
    "role_arn": "arn:aws:iam::111122223333:role/rekognition",
    "queue_url": "https://sqs.us-east-1.amazonaws.com/111122223333/jobs",
}
PAGE: dict[str, Any] = {
    "JobStatus": "SUCCEEDED",
    "VideoMetadata": {"DurationMillis": 1000},
    "ModerationModelVersion": "7.0",
    "ModerationLabels": [],
}


@pytest.fixture
async def asks() -> AsyncIterator[Callable[..., VideoJobs]]:
    """Yield what makes a client of an endpoint; all are closed at the end."""
    made: list[VideoJobs] = []

    def one(endpoint: Aws, storage: Endpoint | None = None, **changes: Any) -> VideoJobs:
        config = {"region": "us-east-1", "endpoint": endpoint.url, **changes}
        engine = RekognitionVideo(RekognitionVideo.Config.model_validate(config))
        made.append(video_jobs(engine, None if storage is None else storage.url))
        return made[-1]

    yield one
    for each in made:
        await each.close()


def allowed(seconds: float = 10.0) -> Allowance:
    return Allowance(asyncio.get_running_loop().time() + seconds)


def served(page: dict[str, Any]) -> Aws:
    """Return a service whose every page is this one."""
    return Aws({"RekognitionService.GetContentModeration": lambda _: said(page)})


async def test_a_job_is_started_once_however_often_it_is_asked_for(asks: Callable[..., VideoJobs]) -> None:
    videos = Videos()
    async with Aws(videos.handlers) as aws:
        jobs = asks(aws, categories={"alcohol": {"min_confidence": 40.5}}, **ARNS)
        first = await jobs.start("v1", 0, IN_S3, allowed())
        assert await jobs.start("v1", 0, IN_S3, allowed()) == first
        await jobs.close()
        again = asks(aws, categories={"alcohol": {"min_confidence": 40.5}}, **ARNS)  # after a crash
        assert await again.start("v1", 0, IN_S3, allowed()) == first
        assert await again.start("v1", 1, IN_S3, allowed()) != first
        assert await again.start("v2", 0, IN_S3, allowed()) != first

    request = aws.calls[0].request
    assert len(videos.jobs) == 3
    assert request["Video"] == {"S3Object": {"Bucket": "media", "Name": "guns.mp4", "Version": "v7"}}
    assert (request["MinConfidence"], request["JobTag"]) == (40, "v1")
    assert request["NotificationChannel"] == {"SNSTopicArn": ARNS["topic_arn"], "RoleArn": ARNS["role_arn"]}
    assert len(request["ClientRequestToken"]) == 64


@pytest.mark.parametrize(
    "change",
    [{"categories": {"alcohol": {"min_confidence": 30}}}, {"region": "eu-west-1"}, ARNS],
)
async def test_another_parameter_is_another_token_and_never_a_mismatch(
    asks: Callable[..., VideoJobs], change: dict[str, Any]
) -> None:
    videos = Videos()
    async with Aws(videos.handlers) as aws:
        await asks(aws).start("v1", 0, IN_S3, allowed())
        await asks(aws, **change).start("v1", 0, IN_S3, allowed())
    assert len(videos.jobs) == 2


async def test_the_same_token_for_something_else_is_the_contents_fault(asks: Callable[..., VideoJobs]) -> None:
    videos = Videos()
    async with Aws(videos.handlers) as aws:
        jobs = asks(aws)
        await jobs.start("v1", 0, IN_S3, allowed())
        (job,) = videos.jobs.values()
        job.request = {**job.request, "MinConfidence": 1}
        with pytest.raises(Fault) as raised:
            await jobs.start("v1", 0, IN_S3, allowed())
    assert (raised.value.kind, raised.value.reason) == ("item", "invalid_request")


async def test_a_job_is_in_progress_until_it_has_ended_and_then_all_pages_are_the_answer(
    asks: Callable[..., VideoJobs],
) -> None:
    videos = Videos([("guns", GUNS)], questions=2, page=4)
    async with Aws(videos.handlers) as aws:
        jobs = asks(aws)
        job_id = await jobs.start("v1", 0, IN_S3, allowed())
        found = [await jobs.fetch(job_id, allowed()) for _ in range(3)]
    assert found[:2] == ["in_progress", "in_progress"]
    expected = [Sighting(Label(name, parent, sure), at) for at, name, parent, sure in GUNS]
    assert found[2] == Watched(expected, DURATION, "7.0")
    assert [call.request.get("NextToken") for call in aws.calls[-2:]] == [None, "0-4"]


async def test_segments_have_a_start_and_an_end(asks: Callable[..., VideoJobs]) -> None:
    videos = Videos([("guns", GUNS)])
    async with Aws(videos.handlers) as aws:
        jobs = asks(aws, aggregate="segments")
        found = await jobs.fetch(await jobs.start("v1", 0, IN_S3, allowed()), allowed())
    assert isinstance(found, Watched)
    assert [(one.label.name, one.start, one.end) for one in found.sightings] == [
        ("Violence", 0, 1000),
        ("Weapons", 0, 1000),
    ]
    assert aws.calls[-1].request["AggregateBy"] == "SEGMENTS"


async def test_a_page_token_that_has_expired_begins_at_the_first_page_again(asks: Callable[..., VideoJobs]) -> None:
    videos = Videos([("guns", GUNS)], page=4)
    async with Aws(videos.handlers) as aws:
        jobs = asks(aws)
        job_id = await jobs.start("v1", 0, IN_S3, allowed())
        expired = aws_error("InvalidPaginationTokenException", 400)
        get = videos.get

        def forgetting(request: dict[str, Any]) -> Any:
            if request.get("NextToken", "").startswith("0-"):
                videos.expire_tokens("guns.mp4")
            return get(request)

        aws._handlers["RekognitionService.GetContentModeration"] = forgetting
        found = await jobs.fetch(job_id, allowed())
        assert isinstance(found, Watched)
        assert len(found.sightings) == len(GUNS)
        assert videos.job_on("guns.mp4").pages == {0: 2, 4: 1}

        aws.fail(expired, 3)
        with pytest.raises(Fault, match="unavailable"):
            await jobs.fetch(job_id, allowed())


async def test_a_job_that_failed_or_is_not_known_is_no_clean_video(asks: Callable[..., VideoJobs]) -> None:
    videos = Videos(failing="guns")
    async with Aws(videos.handlers) as aws:
        jobs = asks(aws)
        job_id = await jobs.start("v1", 0, IN_S3, allowed())
        assert await jobs.fetch(job_id, allowed()) == "failed"
        with pytest.raises(NoJob):
            await jobs.fetch("0" * 64, allowed())


async def test_too_many_jobs_at_a_time_are_a_fault_of_the_moment(asks: Callable[..., VideoJobs]) -> None:
    async with Aws(Videos(most=1).handlers) as aws:
        jobs = asks(aws)
        await jobs.start("v1", 0, IN_S3, allowed())
        with pytest.raises(Fault) as limit:
            await jobs.start("v2", 0, IN_S3, allowed())
    assert limit.value.kind == "retry"
    assert len(aws.calls) == 2  # each asked once: what failed is tried again when a reminder comes


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (200, "deployment", "access_denied"),  # it is there: the service may not read it, nor any other one
        (404, "item", "invalid_object"),
        (403, "item", "invalid_object"),
        (503, "retry", "unavailable"),
    ],
)
async def test_an_object_that_the_service_cannot_read_is_looked_at(
    asks: Callable[..., VideoJobs], status: int, kind: str, reason: str
) -> None:
    async with Aws(Videos(missing="guns").handlers) as aws, Endpoint(Reply(b"", status)) as storage:
        with pytest.raises(Fault) as raised:
            await asks(aws, storage).start("v1", 0, IN_S3, allowed())
    assert (raised.value.kind, raised.value.reason) == (kind, reason)
    (request,) = storage.requests
    assert (request.method, request.path) == ("HEAD", "/media/guns.mp4?versionId=v7")


TROUBLES: Sequence[tuple[Reply, str, str]] = (
    (aws_error("ThrottlingException", 400), "retry", "throttled"),
    (aws_error("ProvisionedThroughputExceededException", 400), "retry", "throttled"),
    (aws_error("InternalServerError", 500), "retry", "unavailable"),
    (aws_error("AccessDeniedException", 400), "deployment", "access_denied"),
    (aws_error("InvalidParameterException", 400), "item", "invalid_request"),
    (HTML, "retry", "garbled"),
    (EMPTY, "retry", "garbled"),
    (DROPS, "retry", "unreachable"),
    (told({}), "retry", "garbled"),
)


async def test_a_service_in_trouble_starts_nothing_and_clears_nothing(asks: Callable[..., VideoJobs]) -> None:
    async with Aws(Videos().handlers) as aws:
        jobs = asks(aws)
        job_id = await jobs.start("v1", 0, IN_S3, allowed())
        for reply, kind, reason in TROUBLES:
            aws.fail(reply, 2)
            for asked in (jobs.start("v1", 0, IN_S3, allowed()), jobs.fetch(job_id, allowed())):
                with pytest.raises(Fault) as raised:
                    await asked
                assert (raised.value.kind, raised.value.reason) == (kind, reason)


async def test_a_service_that_hangs_is_given_up(asks: Callable[..., VideoJobs]) -> None:
    async with Aws(Videos().handlers) as aws:
        aws.fail(HANGS)
        with pytest.raises(Fault, match="timeout"):
            await asks(aws, timeout="200ms").start("v1", 0, IN_S3, allowed())


def label(**changes: Any) -> dict[str, Any]:
    return {**PAGE, "ModerationLabels": [{"Timestamp": 0, "ModerationLabel": _weapons(**changes)}]}


def _weapons(**changes: Any) -> dict[str, Any]:
    return {"Name": "Weapons", "ParentName": "Violence", "Confidence": 90.0, **changes}


MALFORMED: Sequence[dict[str, Any]] = [
    {**PAGE, "JobStatus": "PERHAPS"},
    {name: value for name, value in PAGE.items() if name != "JobStatus"},
    {name: value for name, value in PAGE.items() if name != "ModerationLabels"},
    {name: value for name, value in PAGE.items() if name != "ModerationModelVersion"},
    {name: value for name, value in PAGE.items() if name != "VideoMetadata"},
    {**PAGE, "ModerationLabels": None},
    {**PAGE, "ModerationLabels": [1]},
    {**PAGE, "ModerationLabels": [{"Timestamp": 0}]},
    {**PAGE, "ModerationLabels": [{"ModerationLabel": _weapons()}]},
    {**PAGE, "ModerationLabels": [{"Timestamp": -1, "ModerationLabel": _weapons()}]},
    label(Confidence="99"),
    label(Confidence=True),
    label(Confidence=float("nan")),
    label(Confidence=101.0),
    label(Name=None),
    label(Name=""),
    label(ParentName=7),
    {**PAGE, "NextToken": ""},
]


async def test_a_malformed_page_is_no_clean_video(asks: Callable[..., VideoJobs]) -> None:
    pages = iter(MALFORMED)
    async with Aws({"RekognitionService.GetContentModeration": lambda _: said(next(pages))}) as aws:
        jobs = asks(aws)
        for _ in MALFORMED:
            with pytest.raises(Fault, match="garbled"):
                await jobs.fetch("j1", allowed())


async def test_a_page_without_labels_of_a_job_that_succeeded_is_a_clean_video(asks: Callable[..., VideoJobs]) -> None:
    async with served(PAGE) as aws:
        assert await asks(aws).fetch("j1", allowed()) == Watched([], 1000, "7.0")


@pytest.mark.parametrize(("name", "segments"), [("segments", True), ("timestamps", False)])
async def test_recorded_answers_are_read(
    asks: Callable[..., VideoJobs],
    shared: Path,
    name: str,
    segments: bool,  # noqa: FBT001
) -> None:
    page = json.loads((shared / f"data/events/rekognition_video_{name}_v7__aws-docs.json").read_text("utf-8"))
    async with served(page) as aws:
        found = await asks(aws, aggregate=name).fetch("j1", allowed())
    assert isinstance(found, Watched)
    assert (found.duration, found.model) == (54_100, "7.0")
    assert [one.label.parent or one.label.name for one in found.sightings][-1] == "Alcohol"
    assert all((one.end is not None) == segments for one in found.sightings)


@given(VALUES)
def test_whatever_comes_back_is_sightings_or_a_fault(value: Any) -> None:
    moment = {"Timestamp": 0, "ModerationLabel": value}
    for page in (value, {"ModerationLabels": value}, {"ModerationLabels": [value]}, {"ModerationLabels": [moment]}):
        for segments in (True, False):
            with suppress(Fault):
                assert all(0 <= one.label.confidence <= 100 for one in sightings_of(page, segments=segments))


async def test_no_log_tells_of_objects_or_keys(
    asks: Callable[..., VideoJobs], caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("botocore", "boto3", "urllib3"):  # as the worker sets them
        caplog.set_level(logging.WARNING, name)
    caplog.set_level(logging.DEBUG)
    async with Aws(Videos(failing="canary").handlers) as aws:
        jobs = asks(aws)
        job_id = await jobs.start("v1", 0, Location(bucket="media", key="canary.mp4"), allowed())
        aws.fail(aws_error("InvalidParameterException", 400))
        with suppress(Fault):
            await jobs.fetch(job_id, allowed())
        await jobs.fetch(job_id, allowed())
    assert "canary" not in caplog.text.lower()


def test_the_service_speaks_the_protocol_that_the_tests_speak() -> None:
    client = boto3.session.Session().client("rekognition", region_name="us-east-1")
    assert client.meta.service_model.resolved_protocol == "json"
    client.close()
