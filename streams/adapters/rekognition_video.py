"""Rekognition's jobs on stored videos: an object in, the id of its job out; the id in, all that the job saw out.

A job is started under a token made of the content and of every parameter: whoever asks again, after a crash or an
answer that was lost, is given the job that runs already. Nothing but SUCCEEDED and the last page is an answer.
"""

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any, Final, Literal

from botocore.exceptions import ClientError

from streams.adapters.attempts import Allowance, Attempts
from streams.adapters.aws import Service
from streams.adapters.budget import Budget
from streams.adapters.fault import Fault
from streams.core.content import Location
from streams.core.duration import duration_ms
from streams.core.job_tag import tag_of
from streams.core.taxonomy import Label
from streams.engines.rekognition_video import RekognitionVideo, Sighting, Watched

# Pages of one answer; the service puts at most 1,000 labels on each. Six hours of two moments a second with a few
# labels each are some 200 pages.
MOST_PAGES: Final = 1_000
RESTARTS: Final = 3  # from the first page, where a page's token is no longer known

Ending = Literal["in_progress", "failed"]


class NoJob(Exception):
    """A job that the service does not know any more, or not under this name; the text is the reason."""


class VideoJobs:
    """Starts jobs and fetches what they saw, in one region."""

    def __init__(self, engine: RekognitionVideo, service: Service, storage: Service, attempts: Attempts) -> None:
        """Take the engine that says what is wanted, the clients, and how often they may be asked."""
        self._engine = engine
        self._service = service
        self._storage = storage
        self._attempts = attempts

    async def start(self, content_id: str, place: int, location: Location, allowance: Allowance) -> str:
        """Return the id of the job on an object in a bucket; raise Fault."""
        request = self.request(content_id, place, location)

        async def once() -> str:
            answer = await self._service.call(lambda client: client.start_content_moderation(**request))
            return _text(answer, "JobId")

        try:
            return await self._attempts(once, allowance)
        except Fault as fault:
            if fault.reason != "invalid_object":
                raise
        raise await self._unread(location, allowance)

    async def _unread(self, location: Location, allowance: Allowance) -> Fault:
        """Return why the service could not read an object: one that is there is not shared with it.

        Without the right to list, a bucket denies what is gone: then the object is at fault.
        """
        version = {} if location.version_id is None else {"VersionId": location.version_id}

        async def looked() -> Any:
            return await self._storage.call(
                lambda client: client.head_object(Bucket=location.bucket, Key=location.key, **version)
            )

        try:
            await self._attempts(looked, allowance)
        except Fault as fault:
            return fault if fault.kind in {"retry", "limit"} else Fault("invalid_object", "item")
        return Fault("access_denied", "deployment")

    def request(self, content_id: str, place: int, location: Location) -> dict[str, Any]:
        """Return what starts the job on the object at a place of a content."""
        config = self._engine.config
        stored = {"Bucket": location.bucket, "Name": location.key}
        if location.version_id is not None:
            stored["Version"] = location.version_id
        request: dict[str, Any] = {
            "Video": {"S3Object": stored},
            "MinConfidence": math.floor(self._engine.least),
            "JobTag": tag_of(content_id),
        }
        if config.topic_arn is not None:
            request["NotificationChannel"] = {"SNSTopicArn": config.topic_arn, "RoleArn": config.role_arn}
        whole = json.dumps([content_id, place, config.region, request], sort_keys=True)
        request["ClientRequestToken"] = hashlib.sha256(whole.encode()).hexdigest()
        return request

    async def fetch(self, job_id: str, allowance: Allowance) -> Watched | Ending:
        """Return all that a job saw, or that it has not ended or has failed; raise Fault, or NoJob."""
        for _ in range(RESTARTS):
            found = await self._pages(job_id, allowance)
            if found is not None:
                return found
        raise Fault("unavailable", "retry")

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()
        await self._storage.close()

    async def _pages(self, job_id: str, allowance: Allowance) -> Watched | Ending | None:
        """Return what all pages say; None where they must be read from the first one again."""
        sightings: list[Sighting] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._page(job_id, token, allowance)
            if page is None:
                return None
            status = _text(page, "JobStatus")
            if status == "IN_PROGRESS":
                return "in_progress"
            if status == "FAILED":
                return "failed"
            if status != "SUCCEEDED":
                raise Fault("garbled", "retry")
            model, duration = _text(page, "ModerationModelVersion"), _duration(page)
            sightings += sightings_of(page, segments=self._engine.config.aggregate == "segments")
            token = page.get("NextToken")
            if token is None:
                return Watched(sightings, duration, model)
            if not isinstance(token, str) or not token:
                raise Fault("garbled", "retry")
        raise Fault("too_large", "item")

    async def _page(self, job_id: str, token: str | None, allowance: Allowance) -> Any:
        request = {
            "JobId": job_id,
            "AggregateBy": self._engine.config.aggregate.upper(),
            "SortBy": "TIMESTAMP",
            **({} if token is None else {"NextToken": token}),
        }

        async def once() -> Any:
            page = await self._service.call(_asked(lambda client: client.get_content_moderation(**request)))
            if page is _NO_JOB:
                raise NoJob("unknown_job")
            return page

        return await self._attempts(once, allowance)


def video_jobs(engine: RekognitionVideo, storage: str | None = None, region: str | None = None) -> VideoJobs:
    """Return what asks Rekognition for an engine; call it within the running loop, and close what it returns.

    `storage` is the address of an S3-compatible server, Amazon's without it; `region` that of the buckets, the
    engine's without it.
    """
    config = engine.config
    timeout = duration_ms(config.timeout) / 1000
    service = Service("rekognition", config.region, config.endpoint, timeout, config.concurrency)
    # Once: what failed is tried again when a reminder comes, so it outlives a crash.
    attempts = Attempts(timeout, 1, Budget(config.budget_per_minute), config.concurrency)
    s3 = Service("s3", region or config.region, storage, timeout, config.concurrency)
    return VideoJobs(engine, service, s3, attempts)


_NO_JOB: Final = object()


def _asked(operation: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return an operation that gives None for a page token that has expired, `_NO_JOB` for a job that is not there."""

    def asked(client: Any) -> Any:
        try:
            return operation(client)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "")).removesuffix("Exception")
            if code == "InvalidPaginationToken":
                return None
            if code == "ResourceNotFound":
                return _NO_JOB
            raise

    return asked


def sightings_of(page: Any, *, segments: bool) -> list[Sighting]:
    """Return the labels of one page; raise Fault for anything malformed.

    boto3 hands an empty, foreign or cut-off body over as an answer without fields: that is no clean video.
    """
    try:
        found = page["ModerationLabels"]
        if not isinstance(found, list):
            raise Fault("garbled", "retry")
        return [_sighting(one, segments=segments) for one in found]
    except (AttributeError, KeyError, TypeError):
        raise Fault("garbled", "retry") from None


def _sighting(one: Any, *, segments: bool) -> Sighting:
    label = one["ModerationLabel"]
    name, parent = _text(label, "Name"), label.get("ParentName") or ""
    if not isinstance(parent, str):
        raise Fault("garbled", "retry")
    seen = Label(name, parent, _confidence(label["Confidence"]))
    if not segments:
        return Sighting(seen, _moment(one["Timestamp"]))
    start, end = _moment(one["StartTimestampMillis"]), _moment(one["EndTimestampMillis"])
    if end < start:
        raise Fault("garbled", "retry")
    return Sighting(seen, start, end)


def _duration(page: Any) -> int:
    metadata = page.get("VideoMetadata")
    return _moment(metadata.get("DurationMillis") if isinstance(metadata, dict) else None)


def _text(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, str) or not value:
        raise Fault("garbled", "retry")
    return value


def _moment(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise Fault("garbled", "retry")
    return value


def _confidence(value: Any) -> float:
    """Return a confidence, 0..100; NaN, texts and truth values are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:  # noqa: PLR2004  percent
        raise Fault("garbled", "retry")
    return float(value)
