"""The queue against moto's server, and against an endpoint that answers as a broken one does."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

from streams.adapters.fault import Fault
from streams.adapters.sqs import Queue
from tests.unit.adapters.endpoint import DROPS, EMPTY, HTML, Endpoint, Reply, aws_error, told

URL = "http://127.0.0.1:1/1/q"
MESSAGE = {"MessageId": "m", "ReceiptHandle": "h", "Body": "text"}


def queue(amazon: str, url: str = URL, **changes: Any) -> Queue:
    return Queue(url, **{"region": "us-east-1", "endpoint": amazon, "wait": 0, "visibility": 30, **changes})


@pytest.fixture
def client(amazon: str, credentials: None) -> Iterator[Any]:
    assert credentials is None
    one = boto3.client("sqs", endpoint_url=amazon, region_name="us-east-1")
    yield one
    one.close()


@pytest.fixture
def url(client: Any) -> Iterator[str]:
    """Yield the URL of an empty queue."""
    made: str = client.create_queue(QueueName="uploads")["QueueUrl"]
    yield made
    client.delete_queue(QueueUrl=made)


@pytest.fixture
async def uploads(amazon: str, url: str) -> AsyncIterator[Queue]:
    one = queue(amazon, url)
    yield one
    await one.close()


async def test_what_was_received_is_hidden_until_it_is_deleted(uploads: Queue, client: Any, url: str) -> None:
    for text in ("one", "zwei ü"):
        client.send_message(QueueUrl=url, MessageBody=text)
    received = await uploads.receive()
    assert {each.body.decode() for each in received} == {"one", "zwei ü"}
    assert all(each.sent_at is not None and each.sent_at > 1_700_000_000_000 for each in received)
    assert {each.receives for each in received} == {1}
    assert await uploads.receive() == []
    assert await uploads.extend([each.handle for each in received]) == []
    assert await uploads.delete([each.handle for each in received]) == []
    counts = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert {counts[name] for name in counts if name.startswith("ApproximateNumber")} == {"0"}


async def test_a_message_that_was_let_go_comes_again_and_says_how_often(
    uploads: Queue, client: Any, url: str, amazon: str
) -> None:
    client.send_message(QueueUrl=url, MessageBody="text")
    (first,) = await uploads.receive()
    letting_go = queue(amazon, url, visibility=0)
    assert await letting_go.extend([first.handle]) == []
    (again,) = await uploads.receive()
    assert (again.message_id, again.receives) == (first.message_id, 2)
    await letting_go.close()


async def test_a_batch_that_failed_in_part_names_what_is_left(uploads: Queue, client: Any, url: str) -> None:
    client.send_message(QueueUrl=url, MessageBody="text")
    (received,) = await uploads.receive()
    assert await uploads.delete([received.handle, "none of its handles"]) == ["none of its handles"]


async def test_a_queue_that_is_not_there_is_a_fault_of_the_deployment(amazon: str) -> None:
    missing = queue(amazon, f"{amazon}/123456789012/missing")
    with pytest.raises(Fault) as caught:
        await missing.receive()
    assert (caught.value.reason, caught.value.kind) == ("not_found", "deployment")
    await missing.close()


@pytest.mark.parametrize(
    ("reply", "reason", "kind"),
    [
        (aws_error("RequestThrottled", 400), "throttled", "retry"),
        (aws_error("OverLimit", 403), "throttled", "retry"),
        (aws_error("InternalError", 500), "unavailable", "retry"),
        (Reply(b"<html>bad gateway</html>", 502), "unavailable", "retry"),
        (DROPS, "unreachable", "retry"),
        (aws_error("AccessDeniedException", 400), "access_denied", "deployment"),
        (aws_error("InvalidSecurity", 403), "access_denied", "deployment"),
        (aws_error("KmsAccessDenied", 400), "access_denied", "deployment"),
        (aws_error("QueueDoesNotExist", 400), "not_found", "deployment"),
        (told({"Messages": [{**MESSAGE, "Body": 1}]}), "garbled", "retry"),
        (told({"Messages": [{"Body": "text"}]}), "garbled", "retry"),
        (told({"Messages": 1}), "garbled", "retry"),
        (told({"Messages": [{**MESSAGE, "Attributes": {"SentTimestamp": "soon"}}]}), "garbled", "retry"),
    ],
)
async def test_an_answer_that_is_none_is_a_fault(reply: Reply, reason: str, kind: str) -> None:
    async with Endpoint(reply) as endpoint:
        asked = queue(endpoint.url)
        with pytest.raises(Fault) as caught:
            await asked.receive()
        await asked.close()
    assert (caught.value.reason, caught.value.kind) == (reason, kind)


@pytest.mark.parametrize("reply", [EMPTY, HTML, told({})])
async def test_an_empty_answer_is_an_empty_queue(reply: Reply) -> None:
    async with Endpoint(reply) as endpoint:
        asked = queue(endpoint.url)
        assert await asked.receive() == []
        await asked.close()


@pytest.mark.parametrize("reply", [EMPTY, HTML, told({"Failed": []})])
async def test_a_deletion_whose_answer_says_nothing_deleted_nothing(reply: Reply) -> None:
    async with Endpoint(reply) as endpoint:
        asked = queue(endpoint.url)
        assert await asked.delete(["h"]) == ["h"]
        await asked.close()


async def test_one_call_asks_for_what_the_settings_say() -> None:
    async with Endpoint(told({"Messages": [MESSAGE]})) as endpoint:
        asked = queue(endpoint.url, visibility=45, batch=7, wait=3)
        (received,) = await asked.receive()
        await asked.close()
    (request,) = endpoint.requests
    assert request.headers["x-amz-target"] == "AmazonSQS.ReceiveMessage"
    assert request.json == {
        "QueueUrl": URL,
        "MaxNumberOfMessages": 7,
        "WaitTimeSeconds": 3,
        "VisibilityTimeout": 45,
        "MessageSystemAttributeNames": ["ApproximateReceiveCount", "SentTimestamp"],
    }
    assert (received.sent_at, received.receives) == (None, 1)
