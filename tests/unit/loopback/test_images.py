import io
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tests.loopback.aws import Aws
from tests.loopback.images import Images, Label, Line
from tests.loopback.served import Served
from tests.unit.loopback.test_aws import client

ADAPTER = "arn:aws:rekognition:us-east-1:111122223333:project/ids/version/ids.2026/1"
SMOKE: list[Label] = [("Drugs & Tobacco", "", 91.0), ("Drugs & Tobacco Paraphernalia & Use", "Drugs & Tobacco", 45.0)]


def picture(width: int = 100, height: int = 90, name: str = "PNG", colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, name)
    return out.getvalue()


def noise(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).save(out, "PNG")
    return out.getvalue()


def refused(rekognition: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        rekognition.detect_moderation_labels(**request)
    return str(caught.value.response["Error"]["Code"])


def test_botocore_reads_labels_from_the_least_confidence_on_with_their_levels() -> None:
    data = picture()
    with Served(Aws(Images(by_hash={sha256(data).hexdigest(): SMOKE}).handlers)) as served:
        rekognition = client(served.url)
        by_default = rekognition.detect_moderation_labels(Image={"Bytes": data})
        all_of_them = rekognition.detect_moderation_labels(Image={"Bytes": data}, MinConfidence=40)
        assert served.endpoint.billed("DetectModerationLabels") == {sha256(data).hexdigest(): 2}
    assert [one["Name"] for one in by_default["ModerationLabels"]] == ["Drugs & Tobacco"]
    assert [(one["TaxonomyLevel"], one["Confidence"]) for one in all_of_them["ModerationLabels"]] == [
        (1, 91.0),
        (2, 45.0),
    ]
    assert by_default["ModerationModelVersion"] == "7.0"
    assert "ProjectVersion" not in by_default


def test_botocore_reads_lines_and_their_words() -> None:
    data = picture()
    with Served(Aws(Images(lines={sha256(data).hexdigest(): [Line("call 555 0100")]}).handlers)) as served:
        answer = client(served.url).detect_text(Image={"Bytes": data})
    assert [(one["Type"], one["DetectedText"]) for one in answer["TextDetections"]] == [
        ("LINE", "call 555 0100"),
        ("WORD", "call"),
        ("WORD", "555"),
        ("WORD", "0100"),
    ]
    assert answer["TextDetections"][0]["Geometry"]["BoundingBox"]["Width"] == 0.5


def test_objects_are_read_at_their_version_and_chosen_by_key() -> None:
    data = picture()
    images = Images(
        lambda *at: data if at == ("uploads", "knives/1.png", "v1") else None,
        by_key=[("^knives/", [("Weapons", "", 99.0)])],
    )
    with Served(Aws(images.handlers)) as served:
        rekognition = client(served.url)
        found = rekognition.detect_moderation_labels(
            Image={"S3Object": {"Bucket": "uploads", "Name": "knives/1.png", "Version": "v1"}}
        )
        gone = {"S3Object": {"Bucket": "uploads", "Name": "knives/1.png", "Version": "v2"}}
        assert refused(rekognition, Image=gone) == "InvalidS3ObjectException"
    assert [one["Name"] for one in found["ModerationLabels"]] == ["Weapons"]


def test_an_adapter_answers_by_name_until_it_expires_and_an_unknown_one_never() -> None:
    data = picture()
    with Served(Aws(Images(adapters=[ADAPTER], expired=[ADAPTER + "0"]).handlers)) as served:
        rekognition = client(served.url)
        alive = rekognition.detect_moderation_labels(Image={"Bytes": data}, ProjectVersion=ADAPTER)
        expired = rekognition.detect_moderation_labels(Image={"Bytes": data}, ProjectVersion=ADAPTER + "0")
        assert refused(rekognition, Image={"Bytes": data}, ProjectVersion=ADAPTER + "1") == "ResourceNotFoundException"
    assert alive["ProjectVersion"] == ADAPTER
    assert "ProjectVersion" not in expired


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (picture(name="WEBP"), "InvalidImageFormatException"),
        (picture(name="GIF"), "InvalidImageFormatException"),
        (b"x", "InvalidImageFormatException"),
        (picture(79, 200), "InvalidParameterException"),
        (picture(10_001, 80), "ImageTooLargeException"),
        (b"x" * (5_242_880 + 1), "ImageTooLargeException"),
    ],
)
def test_the_limits_of_the_service_are_enforced(data: bytes, code: str) -> None:
    with Served(Aws(Images().handlers)) as served:
        assert refused(client(served.url), Image={"Bytes": data}) == code
        assert not served.endpoint.billed("DetectModerationLabels")


def test_a_stored_picture_may_be_larger_than_one_in_the_request() -> None:
    large = noise(3000, 2500)
    assert len(large) > 5_242_880
    with Served(Aws(Images(lambda *_: large).handlers)) as served:
        answer = client(served.url).detect_moderation_labels(Image={"S3Object": {"Bucket": "uploads", "Name": "k"}})
    assert "ModerationLabels" in answer
