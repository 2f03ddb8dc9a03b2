"""Effects for SNS, DynamoDB and webhooks as a policy writes them: what is taken, what is refused and why."""

from typing import Any

import pytest
from pydantic import ValidationError

from streams.core.dynamodb_effect import DynamoDbEffect
from streams.core.effect_config import EffectConfig
from streams.core.sns_effect import SnsEffect
from streams.core.webhook_effect import WebhookEffect

ARN = "arn:aws:sns:eu-west-1:111122223333:moderation-alerts"
SNS = {"name": "tell", "sink": "sns", "on": ["block"], "topic_arn": ARN}
DYNAMODB = {"name": "record", "sink": "dynamodb", "on": "all", "table": "moderation-decisions"}
WEBHOOK = {
    "name": "post",
    "sink": "webhook",
    "on": "all",
    "url": "https://platform.example/moderation?v=1",
    "secret_files": ["/run/secrets/webhook"],
}
MODELS: dict[str, type[EffectConfig]] = {"sns": SnsEffect, "dynamodb": DynamoDbEffect, "webhook": WebhookEffect}


def written(given: dict[str, Any], **changes: Any) -> EffectConfig:
    return MODELS[given["sink"]].model_validate({**given, **changes})


@pytest.mark.parametrize(
    ("effect", "work", "target"),
    [
        (written(SNS), "notify", {"topic_arn": ARN, "format": "json"}),
        (
            written(SNS, format="text", link="https://review.example/{content_id}"),
            "notify",
            {"topic_arn": ARN, "format": "text", "link": "https://review.example/{content_id}"},
        ),
        (written(DYNAMODB), "record", {"table": "moderation-decisions", "keep_ms": str(90 * 86_400_000)}),
        (
            written(DYNAMODB, region="eu-west-1", keep="12h", include_masked=True),
            "record",
            {
                "table": "moderation-decisions",
                "keep_ms": "43200000",
                "region": "eu-west-1",
                "include_masked": "true",
            },
        ),
        (
            written(WEBHOOK),
            "post",
            {
                "url": "https://platform.example/moderation?v=1",
                "secret_files": "/run/secrets/webhook",
                "timeout_ms": "10000",
            },
        ),
        (
            written(
                WEBHOOK,
                url="http://backend.internal:8080/hook",
                secret_files=["/a", "/b"],
                allow_private=True,
                include_masked=True,
                timeout="500ms",
            ),
            "post",
            {
                "url": "http://backend.internal:8080/hook",
                "secret_files": "/a\n/b",
                "timeout_ms": "500",
                "include_masked": "true",
                "allow_private": "true",
            },
        ),
    ],
)
def test_a_plan_carries_what_its_sink_needs(effect: EffectConfig, work: str, target: dict[str, str]) -> None:
    plan = effect.plan()
    assert (plan.work, plan.target) == (work, target)


@pytest.mark.parametrize(
    ("given", "changes", "said"),
    [
        (SNS, {"topic_arn": "alerts"}, "topic_arn"),
        (SNS, {"topic_arn": "arn:aws:sqs:eu-west-1:111122223333:q"}, "topic_arn"),
        (SNS, {"work": "post"}, "work"),
        (SNS, {"subject": "x"}, "subject"),
        (SNS, {"link": "http://review.example/{content_id}"}, "link"),
        (SNS, {"link": "https://review.example/{user_id}"}, "{user_id} is no place: one of {content_id}"),
        (SNS, {"link": "https://review.example/{content_id"}, "a brace has no partner"),
        (SNS, {"link": "https://review.example/{content_id.__class__}"}, "is no place"),
        (DYNAMODB, {"table": "a/b"}, "table"),
        (DYNAMODB, {"region": "Europe"}, "region"),
        (DYNAMODB, {"keep": "0d"}, "keep"),
        (WEBHOOK, {"url": "http://platform.example/"}, "must be https"),
        (WEBHOOK, {"url": "ftp://platform.example/"}, "url"),
        (WEBHOOK, {"url": "https://user:word@platform.example/"}, "no name and password"),
        (WEBHOOK, {"url": "https:///path"}, "must name a host"),
        (WEBHOOK, {"url": "https://platform.example:99999/"}, "url"),
        (WEBHOOK, {"url": "https://[::1/"}, "url"),
        (WEBHOOK, {"url": "https://platform.example/#here"}, "no fragment"),
        (WEBHOOK, {"url": "https://platform.example/a b"}, "url"),
        (WEBHOOK, {"secret_files": []}, "secret_files"),
        (WEBHOOK, {"secret_files": ["whsec_AAAA"]}, "secret_files"),
        (WEBHOOK, {"secret": "whsec_AAAA"}, "secret"),
        (WEBHOOK, {"timeout": "2m"}, "timeout"),
        (WEBHOOK, {"timeout": "0s"}, "timeout"),
    ],
)
def test_what_a_sink_cannot_do_is_refused(given: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        written(given, **changes)
    assert said in str(caught.value)
