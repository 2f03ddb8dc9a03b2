import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from streams.adapters.attempts import Attempts
from streams.adapters.breaker import FAILURES, Breaker
from streams.adapters.budget import Budget
from streams.adapters.fault import Fault
from streams.adapters.fetched import Fetched
from streams.adapters.looking import Looked, Looker
from streams.adapters.picture import Limits
from streams.adapters.rekognition import RekognitionImages, Sending, labels_of, lines_of
from streams.adapters.unreadable import Unreadable
from streams.core.content import Location
from streams.core.finding import Answer
from streams.core.picture_task import PictureTask
from streams.core.policy import PolicyRef
from streams.core.taxonomy import Label
from streams.core.transcript import Line as Read
from streams.engines.rekognition import Known, Rekognition
from tests.loopback.aws import Aws
from tests.loopback.images import Images, Line
from tests.unit.adapters.endpoint import DROPS, EMPTY, HANGS, HTML, RESETS, VALUES, Reply, aws_error, told

NOW = 1_000.0  # seconds
LATER = 1_030_000  # milliseconds
GOOD = told({"ModerationLabels": [], "ModerationModelVersion": "7.0"})
ADAPTER = "arn:aws:rekognition:us-east-1:111122223333:project/ids/version/ids.2026/1700000000000"
WEAPONS = [("Violence", "", 93.0), ("Weapons", "Violence", 92.0)]
SMALL = Limits(pixels=4_000_000)


def label(**more: Any) -> Reply:
    one = {"Name": "Weapons", "ParentName": "Violence", "Confidence": 93.0, **more}
    return told({"ModerationLabels": [one], "ModerationModelVersion": "7.0"})


# What is given instead of an answer; each would look like a clean picture to whoever trusts it.
TROUBLES: Sequence[tuple[Reply, str]] = (
    (aws_error("ThrottlingException", 400), "throttled"),
    (aws_error("ProvisionedThroughputExceededException", 400), "throttled"),
    (aws_error("LimitExceededException", 400), "throttled"),
    (aws_error("InternalServerError", 500), "unavailable"),
    (aws_error("ResourceNotReadyException", 400), "unavailable"),
    (Reply(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}), "unavailable"),
    (HTML, "garbled"),
    (EMPTY, "garbled"),
    (DROPS, "unreachable"),
    (RESETS, "unreachable"),
    (Reply(GOOD.body[:30], length=len(GOOD.body)), "garbled"),
    (Reply(GOOD.body[:30]), "garbled"),
    (told({}), "garbled"),
    (told({"ModerationLabels": []}), "garbled"),  # no version of the model
    (told({"ModerationLabels": [], "ModerationModelVersion": ""}), "garbled"),
    (told({"ModerationLabels": None, "ModerationModelVersion": "7.0"}), "garbled"),
    (told({"ModerationLabels": [1], "ModerationModelVersion": "7.0"}), "garbled"),
    (label(Confidence="93"), "garbled"),
    (label(Confidence=True), "garbled"),
    (label(Confidence=None), "garbled"),
    (label(Confidence=float("nan")), "garbled"),
    (label(Confidence=float("inf")), "garbled"),
    (label(Confidence=100.5), "garbled"),
    (label(Name=None), "garbled"),
    (label(Name=7), "garbled"),
    (label(ParentName=7), "garbled"),
)
# Error code -> reason, and whether every picture will meet it.
PERMANENT: Sequence[tuple[str, int, str, bool]] = (
    ("InvalidImageFormatException", 400, "unsupported_format", False),
    ("ImageTooLargeException", 400, "too_large", False),
    ("InvalidParameterException", 400, "invalid_request", False),
    ("AccessDeniedException", 400, "access_denied", True),
    ("AccessDeniedException", 403, "access_denied", True),
    ("ExpiredTokenException", 400, "access_denied", True),
    ("UnrecognizedClientException", 400, "access_denied", True),
    ("InvalidSignatureException", 400, "access_denied", True),
    ("ResourceNotFoundException", 400, "not_found", True),
)


class Store:
    """Holds objects by key, and counts who read them."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = dict(objects)
        self.reads = 0

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:
        """Return the bytes under a key."""
        del limit
        self.reads += 1
        if location.key not in self.objects:
            raise Unreadable("object_not_found")
        return Fetched(self.objects[location.key or ""], location)

    def stored(self, _bucket: str, key: str, _version: str | None) -> bytes | None:
        """Return the same as the service sees it."""
        return self.objects.get(key)


def picture(width: int = 100, height: int = 90, name: str = "PNG", colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, name)
    return out.getvalue()


def animation(*colours: str) -> bytes:
    out = io.BytesIO()
    first, *rest = [Image.new("RGB", (120, 90), colour) for colour in colours]
    first.save(out, "GIF", save_all=True, append_images=rest, duration=100)
    return out.getvalue()


def task(data: bytes, *, version: str | None = "v1", deadline_at: int = LATER, **more: Any) -> PictureTask:
    given: dict[str, Any] = {"format": "PNG", "width": 100, "height": 90, "frames": 1, "number": 0, "of": 1, **more}
    return PictureTask(
        content_id="i1",
        kind="image",
        engine="rekognition",
        sha256=sha256(data).hexdigest(),
        location=Location(bucket="uploads", key="k", version_id=version),
        size=len(data),
        policy=PolicyRef("p", "0123456789ab"),
        deadline_at=deadline_at,
        **given,
    )


Made = Callable[..., RekognitionImages]


def engine(url: str, **changes: Any) -> Rekognition:
    config = {"region": "us-east-1", "timeout": "8s", **changes, "endpoint": url}
    return Rekognition(Rekognition.Config.model_validate(config))


@pytest.fixture
async def made() -> AsyncIterator[Made]:
    """Yield what makes an adapter for an endpoint and a store; all are closed at the end."""
    adapters: list[RekognitionImages] = []

    def one(aws: Aws, store: Store, *, references: bool = True, **changes: Any) -> RekognitionImages:
        asking = engine(aws.url, **changes)
        attempts = Attempts(8.0, asking.config.attempts, Budget(600), asking.config.concurrency, 0.01)
        adapters.append(
            RekognitionImages(asking, store, attempts, Sending(8.0, SMALL, None, references=references), lambda: NOW)
        )
        return adapters[-1]

    yield one
    for each in adapters:
        await each.close()


async def looked(made: Made, data: bytes, *, store: Store | None = None, aws: Aws | None = None, **more: Any) -> Looked:
    """Return what becomes of one picture, asked about at an endpoint of its own."""
    store = store or Store(k=data)
    changes = {name: more.pop(name) for name in ("references", "detect_text") if name in more}
    async with aws or Aws(Images(store.stored).handlers) as endpoint:
        looker = Looker(made(endpoint, store, **changes), Breaker(), lambda: NOW)
        return await looker(task(data, **more), LATER)


async def test_a_versioned_object_is_judged_where_it_lies(made: Made) -> None:
    data = picture()
    store = Store(k=data)
    aws = Aws(Images(store.stored, by_hash={sha256(data).hexdigest(): WEAPONS}).handlers)
    found = await looked(made, data, store=store, aws=aws)
    known = Known(
        at=1_000_000,
        wanted="- - False",
        least=60.0,
        model="7.0",
        adapter=True,
        glances=found.known.glances if found.known else (),
    )
    assert found == Looked(known, None, 1)
    assert known.glances[0].labels == (Label("Violence", "", 93.0), Label("Weapons", "Violence", 92.0))
    (call,) = aws.calls
    reference = {"Bucket": "uploads", "Name": "k", "Version": "v1"}
    assert call.request == {"Image": {"S3Object": reference}, "MinConfidence": 60.0}
    assert store.reads == 0


@pytest.mark.parametrize("more", [{"version": None}, {"references": False}])
async def test_bytes_are_sent_where_a_reference_would_not_be_the_judged_version(
    made: Made, more: dict[str, Any]
) -> None:
    data = picture()
    aws = Aws(Images().handlers)
    found = await looked(made, data, aws=aws, **more)
    assert found.known is not None
    assert list(aws.calls[0].request["Image"]) == ["Bytes"]
    assert aws.billed("DetectModerationLabels") == {sha256(data).hexdigest(): 1}


async def test_bytes_that_changed_meanwhile_are_not_judged(made: Made) -> None:
    found = await looked(made, picture(), store=Store(k=picture(colour="blue")), version=None)
    assert found == Looked(None, Answer("error", "changed"), 0)


def noise(width: int, height: int) -> bytes:
    """Return a picture that no format makes small."""
    out = io.BytesIO()
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "more"),
    [
        (picture(name="WEBP"), {"format": "WEBP"}),
        (picture(40, 30), {"width": 40, "height": 30}),
        (picture(1, 2000), {"width": 1, "height": 2000}),
        (noise(1500, 1200), {"width": 1500, "height": 1200, "version": None}),  # 5.4 MB
    ],
    ids=["webp", "small", "thin", "large"],
)
async def test_what_the_service_does_not_take_becomes_a_jpeg_that_it_takes(
    made: Made, data: bytes, more: dict[str, Any]
) -> None:
    aws = Aws(Images().handlers)
    found = await looked(made, data, aws=aws, **more)
    assert found.failure is None
    (call,) = aws.calls
    assert call.status == 200
    assert call.subject != sha256(data).hexdigest()


async def test_several_frames_of_an_animation_are_judged_each_with_its_time(made: Made) -> None:
    data = animation("red", "blue", "green", "white", "black")
    aws = Aws(Images().handlers)
    found = await looked(made, data, aws=aws, format="GIF", width=120, frames=5)
    assert found.known is not None
    assert found.calls == 3
    (first, *_, last) = spans = [glance.frame or (-1, -1) for glance in found.known.glances]
    assert len(spans) == 3
    assert first[0] == 0
    assert last == (400, 500)


async def test_text_is_asked_for_where_it_is_wanted_and_lines_have_places_in_pixels(made: Made) -> None:
    data = picture(200, 100)
    digest = sha256(data).hexdigest()
    aws = Aws(Images(lines={digest: [Line("call 555 0100")]}).handlers)
    found = await looked(made, data, aws=aws, version=None, detect_text=True, width=200, height=100)
    assert found.known is not None
    assert found.known.glances[0].lines == (Read("call 555 0100", (20, 20, 120, 30)),)
    assert found.calls == 2
    assert "555" not in repr(found.known)


async def test_an_answer_that_is_none_is_never_a_clean_picture(made: Made) -> None:
    data, aws = picture(), Aws(Images().handlers)
    async with aws:
        images = made(aws, Store(k=data))
        for reply, reason in TROUBLES:
            aws.fail(reply, times=3)
            looker = Looker(images, Breaker(), lambda: NOW)
            assert await looker(task(data, version=None), LATER) == Looked(None, Answer("error", reason), 3), reply


async def test_trouble_that_passes_costs_one_more_request(made: Made) -> None:
    data, aws = picture(), Aws(Images().handlers)
    async with aws:
        looker = Looker(made(aws, Store(k=data)), Breaker(), lambda: NOW)
        for reply, _ in TROUBLES:
            aws.fail(reply)
            found = await looker(task(data, version=None), LATER)
            assert (found.failure, found.calls) == (None, 2), reply


async def test_a_service_that_hangs_is_given_up(made: Made) -> None:
    data = picture()
    async with Aws(Images().handlers) as aws:
        aws.fail(HANGS, times=9)
        looker = Looker(made(aws, Store(k=data), attempts=1), Breaker(), lambda: NOW)
        found = await asyncio.wait_for(looker(task(data, version=None), int(NOW * 1000) + 2000), 30)
    assert found == Looked(None, Answer("timeout", "deadline_passed"), 1)


async def test_what_will_not_pass_is_asked_once_and_a_dead_deployment_opens_the_circuit(made: Made) -> None:
    data, aws = picture(), Aws(Images().handlers)
    async with aws:
        images = made(aws, Store(k=data))
        for code, status, reason, everywhere in PERMANENT:
            aws.fail(aws_error(code, status), times=FAILURES)
            looker = Looker(images, Breaker(), lambda: NOW)
            found = [await looker(task(data, version=None), LATER) for _ in range(FAILURES)]
            assert found == [Looked(None, Answer("error", reason), 1)] * FAILURES
            assert looker.is_open == everywhere
            after = await looker(task(data, version=None), LATER)
            assert after.failure == (Answer("error", "circuit_open") if everywhere else None)


async def test_an_object_that_is_gone_is_the_contents_fault_and_one_that_is_not_shared_the_deployments(
    made: Made,
) -> None:
    data = picture()
    aws = Aws(Images().handlers)  # which sees no bucket
    gone = await looked(made, data, aws=aws, store=Store())
    assert gone == Looked(None, Answer("error", "object_not_found"), 1)
    aws = Aws(Images().handlers)
    hidden = await looked(made, data, aws=aws, store=Store(k=data))
    assert hidden == Looked(None, Answer("error", "not_shared"), 1)


async def test_an_expired_adapter_is_told_by_its_silence(made: Made) -> None:
    data = picture()
    for expired, alarms, version in ((False, [], "1/7.0/ids.2026"), (True, ["adapter_expired"], "1/7.0")):
        arns = {"expired": [ADAPTER]} if expired else {"adapters": [ADAPTER]}
        async with Aws(Images(**arns).handlers) as aws:  # type: ignore[arg-type]  # either of two
            images, asking = made(aws, Store(k=data), project_version=ADAPTER), engine(aws.url, project_version=ADAPTER)
            known = (await Looker(images, Breaker(), lambda: NOW)(task(data, version=None), LATER)).known
        assert known is not None
        assert list(asking.alarms(known)) == alarms
        assert asking.version_of(known) == version
        assert asking.answer(known).reason == (alarms[0] if alarms else None)


async def test_nothing_is_asked_after_the_deadline(made: Made) -> None:
    data = picture()
    async with Aws(Images().handlers) as aws:
        looker = Looker(made(aws, Store(k=data)), Breaker(), lambda: NOW)
        assert await looker(task(data), int(NOW * 1000)) == Looked(None, Answer("timeout", "deadline_passed"), 0)
        assert not aws.calls


async def test_neither_content_nor_secrets_reach_the_log(made: Made, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    data, aws = picture(), Aws(Images().handlers)
    aws.fail(aws_error("InternalServerError", 500), times=3)
    await looked(made, data, aws=aws, version=None)
    assert "canary" not in caplog.text


def test_botocore_speaks_json_to_the_service() -> None:
    client = boto3.client("rekognition", region_name="us-east-1")
    assert client.meta.service_model.resolved_protocol == "json"


@given(st.one_of(VALUES, st.fixed_dictionaries({"ModerationLabels": VALUES, "ModerationModelVersion": VALUES})))
def test_whatever_comes_it_is_labels_or_a_fault(value: Any) -> None:
    with suppress(Fault):  # anything else is a failure
        labels, model, _ = labels_of(value)
        assert model
        assert all(0 <= one.confidence <= 100 for one in labels)


@given(st.one_of(VALUES, st.fixed_dictionaries({"TextDetections": VALUES, "TextModelVersion": VALUES})))
def test_whatever_comes_it_is_lines_or_a_fault(value: Any) -> None:
    with suppress(Fault):  # anything else is a failure
        lines_of(value, (100, 100))


def test_recorded_bodies_that_are_none_are_refused_and_the_sound_one_is_read(shared: Path) -> None:
    file = shared / "data" / "events" / "rekognition_malformed_wire__public-tests.json"
    for case in json.loads(file.read_text("utf-8")):
        answer = json.loads(case["body"])
        if case["expect"] == "benign":
            assert labels_of(answer) == ((), "7.0", None)
            continue
        for body in (answer, {**answer, "ModerationModelVersion": "7.0"}):
            with pytest.raises(Fault):
                labels_of(body)


async def test_recorded_errors_stop_the_deployment(made: Made, shared: Path) -> None:
    file = shared / "data" / "events" / "rekognition_auth_errors__public-tests.json"
    aws = Aws(Images().handlers)
    async with aws:
        data = picture()
        looker = Looker(made(aws, Store(k=data)), Breaker(failures=100), lambda: NOW)
        for case in json.loads(file.read_text("utf-8")):
            aws.fail(aws_error(case["type"], case["status"]))
            found = await looker(task(data, version=None), LATER)
            assert found == Looked(None, Answer("error", "access_denied"), 1)
