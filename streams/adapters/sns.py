"""SNS: alerts out, one for each decision. Ids and names only: never what anybody wrote.

A publish that was cut off may have happened: a repeat is a second message, with the same decision id in it. A FIFO
topic drops the second within five minutes.
"""

import re
from hashlib import sha256
from typing import Any, Final

import msgspec

from streams.adapters.executing import Done, Result
from streams.adapters.fault import Fault
from streams.adapters.regional import Regional
from streams.core.alert import Alert, alert, as_text
from streams.core.effect import Effect

FIFO: Final = ".fifo"
# What SNS takes as MessageGroupId: letters, digits, punctuation, at most 128.
GROUP: Final = re.compile(r"[!-~]{1,128}")
PUBLISHED: Final = Result("done")


class Sns:
    """Carries out `notify`."""

    def __init__(self, topics: Regional) -> None:
        """Take the clients of `sns`."""
        self._topics = topics

    def endpoint(self, effect: Effect) -> str:
        """Return the region and the topic: what breaks and mends as one."""
        arn = effect.target["topic_arn"]
        return f"{self._topics.place(region_of(arn))} {arn}"

    def region(self, effect: Effect) -> str:
        """Return the region of the topic."""
        return self._topics.region(region_of(effect.target.get("topic_arn", "")))

    async def __call__(self, effect: Effect, last: Done | None, until: float) -> Result:  # noqa: ARG002  asked once
        """Publish an alert; raise Fault."""
        request = published(effect)
        service = self._topics.service(region_of(effect.target["topic_arn"]))
        answer = await service.call(lambda client: client.publish(**request))
        if not isinstance(answer.get("MessageId"), str):
            raise Fault("garbled", "retry")
        return PUBLISHED

    async def close(self) -> None:
        """Close the connections."""
        await self._topics.close()


def published(effect: Effect) -> dict[str, Any]:
    """Return the request of Publish."""
    target, decision = effect.target, effect.decision
    told = alert(decision, target.get("link"))
    text = as_text(told.message) if target.get("format") == "text" else msgspec.json.encode(told.message).decode()
    request: dict[str, Any] = {
        "TopicArn": target["topic_arn"],
        "Subject": told.subject,
        "Message": text,
        "MessageAttributes": _attributes(told),
    }
    if target["topic_arn"].endswith(FIFO):
        request["MessageGroupId"] = _group(decision.content_id)
        request["MessageDeduplicationId"] = decision.decision_id
    return request


def region_of(arn: str) -> str | None:
    """Return the region in a topic's name `arn:aws:sns:REGION:ACCOUNT:NAME`, None where it is not told."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 and parts[3] else None  # noqa: PLR2004  as told above


def _attributes(told: Alert) -> dict[str, dict[str, str]]:
    return {
        **{name: {"DataType": "String", "StringValue": value} for name, value in told.texts.items()},
        **{name: {"DataType": "Number", "StringValue": str(value)} for name, value in told.numbers.items()},
        **{
            name: {"DataType": "String.Array", "StringValue": msgspec.json.encode(values).decode()}
            for name, values in told.lists.items()
        },
    }


def _group(content_id: str) -> str:
    """Return the group whose messages keep their order: a content's id, or its hash where SNS does not take it."""
    return content_id if GROUP.fullmatch(content_id) else sha256(content_id.encode()).hexdigest()
