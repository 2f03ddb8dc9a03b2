from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError

from tests.loopback.aws import Aws, said
from tests.loopback.served import Served
from tests.unit.adapters.endpoint import HTML, RESETS, told


def client(url: str, service: str = "rekognition") -> Any:
    return boto3.client(  # type: ignore[call-overload]  # any service
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",  # noqa: S106  loopback asks for some key, not for a true one
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=5, read_timeout=5),
    )


def test_an_operation_that_nobody_handles_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="DetectFaces"), Served(Aws()) as served, pytest.raises(ClientError):
        client(served.url).detect_faces(Image={"Bytes": b"x"})


def test_scripted_faults_come_first_and_only_for_the_operation_that_they_name() -> None:
    handlers = {
        "RekognitionService.DetectText": lambda _: said({"TextDetections": []}, "one"),
        "RekognitionService.DetectLabels": lambda _: said({"Labels": []}, "two"),
    }
    with Served(Aws(handlers)) as served:
        aws, image = served.endpoint, {"Bytes": b"x"}
        rekognition = client(served.url)
        aws.throttle(1, "DetectText")
        assert rekognition.detect_labels(Image=image)["Labels"] == []
        with pytest.raises(ClientError, match="ThrottlingException"):
            rekognition.detect_text(Image=image)
        assert rekognition.detect_text(Image=image)["TextDetections"] == []
        aws.fail(HTML)
        assert "TextDetections" not in rekognition.detect_text(Image=image)  # the silent empty answer
        aws.fail(RESETS)
        with pytest.raises(ConnectionClosedError):
            rekognition.detect_text(Image=image)
        aws.fail(told({}, 500))
        with pytest.raises(ClientError, match="500"):
            rekognition.detect_text(Image=image)
        assert [call.status for call in aws.calls] == [200, 400, 200, 200, 0, 500]
        assert aws.billed("DetectText") == {"one": 3}


def test_what_is_not_json_is_turned_away() -> None:
    with Served(Aws()) as served, pytest.raises(ResponseParserError):
        client(served.url, "sns").publish(TopicArn="arn:aws:sns:us-east-1:111122223333:a", Message="x")
