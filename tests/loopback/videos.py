"""Rekognition on stored videos, on loopback: jobs by token, pages with tokens that expire, notifications that may fail.

A job ends after as many questions as it is told to, or when the test says so; then its notification goes out, unless it
is to be lost.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from tests.loopback.aws import Handler, Refusal, Said, said

TOKEN: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")
TAG: Final = re.compile(r"[a-zA-Z0-9_.\-:+=/]{1,1024}")
LEAST: Final = 50.0  # MinConfidence where a request names none
MOST_JOBS: Final = 20  # at one time
MODEL: Final = "7.0"
DURATION: Final = 60_000  # milliseconds of every video
NOON: Final = 1_767_268_800_000  # milliseconds since 1970

Label = tuple[int, str, str, float]  # milliseconds, name, parent's name, confidence


def notification(job: "Job", status: str = "SUCCEEDED") -> dict[str, Any]:
    """Return what the service publishes when a job has ended."""
    return {
        "JobId": job.job_id,
        "Status": status,
        "API": "StartContentModeration",
        "JobTag": job.request["JobTag"],
        "Timestamp": NOON,
        "Video": {"S3ObjectName": job.key, "S3Bucket": job.request["Video"]["S3Object"]["Bucket"]},
    }


def enveloped(message: Mapping[str, Any]) -> str:
    """Return a message as a topic puts it into a queue."""
    envelope = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:AmazonRekognitionJobs",
        "Message": json.dumps(message),
        "Timestamp": "2026-01-01T12:00:00.000Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    }
    return json.dumps(envelope)


@dataclass
class Job:
    """One job."""

    job_id: str
    request: dict[str, Any]
    questions: int  # that are answered IN_PROGRESS before it ends
    generation: int = 0  # of page tokens
    ended: bool = False
    pages: Counter[int] = field(default_factory=Counter)

    @property
    def key(self) -> str:
        """Return the key of its object."""
        return str(self.request["Video"]["S3Object"]["Name"])


class Videos:
    """Answers StartContentModeration and GetContentModeration."""

    def __init__(
        self,
        by_key: Iterable[tuple[str, Sequence[Label]]] = (),
        *,
        questions: int = 0,
        page: int = 1000,
        most: int = MOST_JOBS,
        failing: str = r"$^",
        missing: str = r"$^",
        silent: str = r"$^",
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take labels by pattern of the key, questions before a job ends, labels a page, and the most jobs at a time.

        `failing`, `missing` and `silent` are patterns of keys: of videos that cannot be watched, of objects that are
        not there, of jobs whose notification is lost. `tell` takes the body of a queue's message.
        """
        self._by_key = [(re.compile(pattern), labels) for pattern, labels in by_key]
        self._questions, self._page, self._most = questions, page, most
        self._failing, self._missing, self._silent = (re.compile(one) for one in (failing, missing, silent))
        self._tell = tell
        self.jobs: dict[str, Job] = {}  # by token
        self.held: Callable[[str], bool] = lambda _key: False  # whether the job on a key goes on without end

    @property
    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by target."""
        return {
            "RekognitionService.StartContentModeration": self.start,
            "RekognitionService.GetContentModeration": self.get,
        }

    def job_on(self, key: str) -> Job:
        """Return the job on an object."""
        return next(job for job in self.jobs.values() if job.key == key)

    def expire_tokens(self, key: str) -> None:
        """Forget the page tokens of a job that were given out so far."""
        self.job_on(key).generation += 1

    def end(self, key: str) -> None:
        """End a job, and tell of it unless its notification is to be lost."""
        job = self.job_on(key)
        job.ended = True
        if "NotificationChannel" in job.request and not self._silent.search(key):
            self._tell(enveloped(notification(job, "FAILED" if self._failing.search(key) else "SUCCEEDED")))

    def start(self, request: dict[str, Any]) -> Said:
        """Start a job, or return the one that runs under the token."""
        stored = request.get("Video", {}).get("S3Object", {})
        token, tag = request.get("ClientRequestToken", ""), request.get("JobTag", "")
        least = request.get("MinConfidence", LEAST)
        if (
            not (stored.get("Bucket") and stored.get("Name") and TOKEN.fullmatch(token) and TAG.fullmatch(tag))
            or isinstance(least, bool)
            or not isinstance(least, int | float)
            or not 0 <= least <= 100
        ):
            raise Refusal("InvalidParameterException")
        known = self.jobs.get(token)
        if known is not None:
            if known.request != request:
                raise Refusal("IdempotentParameterMismatchException", subject=known.job_id)
            return said({"JobId": known.job_id}, known.job_id)
        if self._missing.search(stored["Name"]):
            raise Refusal("InvalidS3ObjectException")
        if sum(not job.ended for job in self.jobs.values()) >= self._most:
            raise Refusal("LimitExceededException")
        job_id = sha256(token.encode()).hexdigest()
        self.jobs[token] = Job(job_id, request, self._questions)
        return said({"JobId": job_id}, job_id)

    def get(self, request: dict[str, Any]) -> Said:
        """Return a page of what a job saw."""
        job = next((job for job in self.jobs.values() if job.job_id == request.get("JobId")), None)
        if job is None:
            raise Refusal("ResourceNotFoundException")
        if not job.ended:
            if self.held(job.key) or job.questions > 0:
                job.questions -= 1
                return said(self._head(job, request, "IN_PROGRESS"), job.job_id)
            self.end(job.key)
        if self._failing.search(job.key):
            failed = {**self._head(job, request, "FAILED"), "StatusMessage": "canary-of-a-status"}
            return said(failed, job.job_id)
        found = self._found(job, segments=request.get("AggregateBy") == "SEGMENTS")
        first = self._first(job, request.get("NextToken"))
        job.pages[first] += 1
        until = first + min(self._page, request.get("MaxResults", 1000))
        page = {**self._head(job, request, "SUCCEEDED"), **self._watched(), "ModerationLabels": found[first:until]}
        if until < len(found):
            page["NextToken"] = f"{job.generation}-{until}"
        return said(page, job.job_id)

    def _first(self, job: Job, token: str | None) -> int:
        if token is None:
            return 0
        generation, _, first = token.partition("-")
        if generation != str(job.generation):
            raise Refusal("InvalidPaginationTokenException", subject=job.job_id)
        return int(first)

    def _watched(self) -> dict[str, Any]:
        return {
            "ModerationModelVersion": MODEL,
            "VideoMetadata": {
                "Codec": "h264",
                "DurationMillis": DURATION,
                "Format": "QuickTime / MOV",
                "FrameRate": 30.0,
                "FrameHeight": 720,
                "FrameWidth": 1280,
                "ColorRange": "LIMITED",
            },
        }

    def _head(self, job: Job, request: dict[str, Any], status: str) -> dict[str, Any]:
        asked = {"SortBy": request.get("SortBy", "TIMESTAMP"), "AggregateBy": request.get("AggregateBy", "TIMESTAMPS")}
        return {
            "JobStatus": status,
            "ModerationLabels": [],
            "JobId": job.job_id,
            "JobTag": job.request["JobTag"],
            "Video": job.request["Video"],
            "GetRequestMetadata": asked,
        }

    def _found(self, job: Job, *, segments: bool) -> list[dict[str, Any]]:
        labels = next((labels for pattern, labels in self._by_key if pattern.search(job.key)), ())
        least = job.request.get("MinConfidence", LEAST)
        shown = sorted((label for label in labels if label[3] >= least), key=lambda label: label[0])
        if not segments:
            return [_label(*label) for label in shown]
        result: list[dict[str, Any]] = []
        last: dict[str, dict[str, Any]] = {}
        for at, name, parent, confidence in shown:
            before = last.get(name)
            if before is not None and at - before["EndTimestampMillis"] <= 500:
                before["EndTimestampMillis"] = at
                before["DurationMillis"] = at - before["StartTimestampMillis"]
                label = before["ModerationLabel"]
                label["Confidence"] = max(label["Confidence"], confidence)
                continue
            segment = {"StartTimestampMillis": at, "EndTimestampMillis": at, "DurationMillis": 0}
            last[name] = {**_label(at, name, parent, confidence), **segment}
            result.append(last[name])
        return result


def _label(at: int, name: str, parent: str, confidence: float) -> dict[str, Any]:
    label = {"Name": name, "ParentName": parent, "Confidence": confidence, "TaxonomyLevel": 2 if parent else 1}
    return {"Timestamp": at, "ModerationLabel": label, "ContentTypes": []}
