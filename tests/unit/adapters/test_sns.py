"""Alerts through moto's server: what arrives in a queue that subscribes, and what no answer of SNS makes of them."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

from streams.adapters.executing import Result
from streams.adapters.fault import Fault
from streams.adapters.regional import Regional
from streams.adapters.sns import Sns, published, region_of
from tests.unit.adapters.effects import effect
from tests.unit.adapters.endpoint import DROPS, HANGS, HTML, Endpoint, Reply
from tests.unit.core.decisions import CANARY, made

ARN = "arn:aws:sns:eu-west-1:123456789012:alerts"
DONE = Result("done")
SOON = 1e12  # a clock's end that no test reaches


def regional(amazon: str, **more: Any) -> Regional:
    return Regional("sns", region="us-east-1", endpoint=amazon, **more)


@pytest.fixture
async def sns(amazon: str) -> AsyncIterator[Sns]:
    one = Sns(regional(amazon))
    yield one
    await one.close()


class Subscribed:
    """A topic, and a queue that gets what is published to it."""

    def __init__(self, amazon: str, *, fifo: bool = False, policy: dict[str, Any] | None = None) -> None:
        """Make both, in Ireland."""
        self.sns = boto3.client("sns", endpoint_url=amazon, region_name="eu-west-1")
        self.sqs = boto3.client("sqs", endpoint_url=amazon, region_name="eu-west-1")
        name = "alerts.fifo" if fifo else "alerts"
        attributes: Any = {"FifoQueue": "true"} if fifo else {}
        self.queue = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.topic = self.sns.create_topic(Name=name, Attributes={"FifoTopic": "true"} if fifo else {})["TopicArn"]
        queue_arn = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        filters = {} if policy is None else {"Attributes": {"FilterPolicy": json.dumps(policy)}}
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=queue_arn["QueueArn"], **filters)

    def arrived(self) -> list[dict[str, Any]]:
        """Return what lies in the queue, as SNS wraps it."""
        answer = self.sqs.receive_message(
            QueueUrl=self.queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
        )
        return [
            {**json.loads(one["Body"]), "group": one["Attributes"].get("MessageGroupId")}
            for one in answer.get("Messages", [])
        ]

    def close(self) -> None:
        """Remove both."""
        self.sns.delete_topic(TopicArn=self.topic)
        self.sqs.delete_queue(QueueUrl=self.queue)
        self.sns.close()
        self.sqs.close()


@pytest.fixture
def subscribed(amazon: str) -> Iterator[Subscribed]:
    one = Subscribed(amazon)
    yield one
    one.close()


async def test_an_alert_arrives_with_subject_message_and_typed_attributes(sns: Sns, subscribed: Subscribed) -> None:
    given = effect(
        "sns", {"topic_arn": subscribed.topic, "format": "json", "link": "https://review.example/{content_id}"}
    )
    assert await sns(given, None, SOON) == DONE
    (told,) = subscribed.arrived()
    assert told["Subject"] == "mask_flag medium pii"
    message = json.loads(told["Message"])
    assert message["content_id"] == "m1"
    assert message["decision_id"] == made().decision_id
    assert message["rules"] == [
        {"engine": "pii", "rule": "phone", "label": "pii", "action": "mask_flag", "why": "phone numbers lead away"}
    ]
    assert message["link"] == "https://review.example/m1"
    assert told["MessageAttributes"] == {
        "action": {"Type": "String", "Value": "mask_flag"},
        "kind": {"Type": "String", "Value": "message"},
        "severity": {"Type": "String", "Value": "medium"},
        "escalate": {"Type": "String", "Value": "false"},
        "tenant": {"Type": "String", "Value": "acme"},
        "revision": {"Type": "Number", "Value": "0"},
        "labels": {"Type": "String.Array", "Value": '["pii","scam"]'},
    }


async def test_a_message_for_people_is_lines_of_text(sns: Sns, subscribed: Subscribed) -> None:
    assert await sns(effect("sns", {"topic_arn": subscribed.topic, "format": "text"}), None, SOON) == DONE
    (told,) = subscribed.arrived()
    assert told["Message"].splitlines()[:2] == ["content: m1", "action: mask_flag"]


@pytest.mark.parametrize(
    ("policy", "arriving"),
    [
        ({"action": ["block"]}, 0),
        ({"labels": ["scam"]}, 1),
        ({"labels": ["spam"]}, 0),
        ({"severity": ["medium", "high"], "tenant": ["acme"]}, 1),
        ({"revision": [{"numeric": [">", 0]}]}, 0),
    ],
)
async def test_subscriptions_filter_by_attributes(amazon: str, sns: Sns, policy: dict[str, Any], arriving: int) -> None:
    filtering = Subscribed(amazon, policy=policy)
    assert await sns(effect("sns", {"topic_arn": filtering.topic, "format": "json"}), None, SOON) == DONE
    assert len(filtering.arrived()) == arriving
    filtering.close()


async def test_nothing_that_anybody_wrote_leaves_by_an_alert(
    sns: Sns, subscribed: Subscribed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "streams")
    for form in ("json", "text"):
        await sns(effect("sns", {"topic_arn": subscribed.topic, "format": form}), None, SOON)
        request = published(effect("sns", {"topic_arn": ARN, "format": form}))
        assert CANARY not in json.dumps(request)
    arrived = subscribed.arrived()
    assert len(arrived) == 2
    assert CANARY not in json.dumps(arrived) + caplog.text


async def test_a_fifo_topic_keeps_the_order_of_a_content_and_drops_repeats(amazon: str, sns: Sns) -> None:
    fifo = Subscribed(amazon, fifo=True)
    target = {"topic_arn": fifo.topic, "format": "json"}
    for decision in (made(), made(), made(revision=1, action="block")):
        assert await sns(effect("sns", target, decision), None, SOON) == DONE
    arrived = fifo.arrived()
    assert [json.loads(one["Message"])["revision"] for one in arrived] == [0, 1]
    assert {one["group"] for one in arrived} == {"m1"}
    fifo.close()


@pytest.mark.parametrize("content_id", ["with space", "ü", "x" * 129, "x" * 256])
def test_a_content_id_that_is_no_group_is_hashed(content_id: str) -> None:
    request = published(effect("sns", {"topic_arn": ARN + ".fifo", "format": "json"}, made(content_id)))
    assert len(request["MessageGroupId"]) == 64
    assert request["MessageDeduplicationId"] == made(content_id).decision_id


def test_the_region_is_that_of_the_topic() -> None:
    assert region_of(ARN) == "eu-west-1"
    assert region_of("alerts") is None


async def test_what_breaks_as_one_is_a_topic(sns: Sns) -> None:
    assert sns.endpoint(effect("sns", {"topic_arn": ARN})) == f"sns eu-west-1 {ARN}"


async def test_outcomes_name_the_region_of_the_topic_else_that_of_the_setting(sns: Sns) -> None:
    assert sns.region(effect("sns", {"topic_arn": ARN})) == "eu-west-1"
    assert [sns.region(effect("sns", target)) for target in ({"topic_arn": "alerts"}, {})] == ["us-east-1"] * 2


async def test_a_topic_that_is_not_there_is_a_fault_of_the_deployment(sns: Sns) -> None:
    with pytest.raises(Fault) as caught:
        await sns(effect("sns", {"topic_arn": ARN + "-missing", "format": "json"}), None, SOON)
    assert (caught.value.reason, caught.value.kind) == ("not_found", "deployment")


def refused(code: str, status: int) -> Reply:
    return Reply(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{CANARY}</Message></Error>"
        "<RequestId>r</RequestId></ErrorResponse>".encode(),
        status,
        {"Content-Type": "text/xml"},
    )


@pytest.mark.parametrize(
    ("reply", "reason", "kind"),
    [
        (refused("Throttled", 429), "throttled", "retry"),
        (refused("Throttling", 400), "throttled", "retry"),
        (refused("KMSThrottling", 400), "throttled", "retry"),
        (refused("InternalError", 500), "unavailable", "retry"),
        (Reply(b"<html>bad gateway</html>", 502), "unavailable", "retry"),
        (DROPS, "unreachable", "retry"),
        (HTML, "garbled", "retry"),
        (Reply(b""), "garbled", "retry"),
        (HANGS, "timeout", "retry"),
        (refused("InvalidParameter", 400), "invalid_request", "item"),
        (refused("NotFound", 404), "not_found", "deployment"),
        (refused("AuthorizationError", 403), "access_denied", "deployment"),
        (refused("InvalidSecurity", 403), "access_denied", "deployment"),
        (refused("KMSDisabled", 400), "access_denied", "deployment"),
    ],
)
async def test_an_answer_that_is_none_is_a_fault_and_not_quoted(
    reply: Reply, reason: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Endpoint(reply) as broken:
        one = Sns(regional(broken.url, timeout=1.0))
        with pytest.raises(Fault) as caught:
            await one(effect("sns", {"topic_arn": ARN, "format": "json"}), None, SOON)
        await one.close()
    assert (caught.value.reason, caught.value.kind) == (reason, kind)
    assert len(broken.requests) == 1
    assert CANARY not in caplog.text + repr(caught.value)


def test_the_client_speaks_the_protocol_that_these_tests_answer_in() -> None:
    one = Regional("sns", region="us-east-1", endpoint="http://127.0.0.1:1")
    client = one.service(None).client
    assert client.meta.service_model.resolved_protocol == "query"
    client.close()
