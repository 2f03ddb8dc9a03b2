"""SQS: one queue; its messages out, with what deletes them. Blocking calls run in threads; raises Fault."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from streams.adapters.aws import Service
from streams.adapters.fault import Fault

MOST: Final = 10  # messages of one call, SQS's limit
ANSWER: Final = 10.0  # seconds for an answer beyond those that a long poll waits
COUNT: Final = "ApproximateReceiveCount"
SENT: Final = "SentTimestamp"


class Delivery(NamedTuple):
    """One message, as it was received this time."""

    message_id: str
    handle: str  # deletes it; only that of the newest delivery does
    body: bytes
    sent_at: int | None  # milliseconds since 1970
    receives: int  # how often it was received, this time included


class Queue:
    """One queue. `wait` are the seconds of a long poll, `visibility` those for which others do not see a message."""

    def __init__(
        self,
        url: str,
        *,
        region: str,
        endpoint: str | None,
        wait: int,
        visibility: int,
        batch: int = MOST,
        pollers: int = 1,
    ) -> None:
        self._url = url
        self._wait = wait
        self._visibility = visibility
        self._batch = batch
        # Beside the polls, each poller deletes and extends. Three quarters of the time are left for reading.
        self._service = Service("sqs", region, endpoint, (wait + ANSWER) * 4 / 3, 3 * pollers)

    async def receive(self) -> list[Delivery]:
        """Return at most `batch` messages; none when none came within `wait`.

        An answer that boto3 cannot read looks like an empty one: it comes before the wait is over.
        """
        answer = await self._service.call(
            lambda client: client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=self._batch,
                WaitTimeSeconds=self._wait,
                VisibilityTimeout=self._visibility,
                MessageSystemAttributeNames=[COUNT, SENT],
            )
        )
        try:
            return [_delivery(message) for message in answer.get("Messages", [])]
        except (AttributeError, LookupError, TypeError, ValueError):
            raise Fault("garbled", "retry") from None

    async def delete(self, handles: Sequence[str]) -> list[str]:
        """Delete messages; return the handles of those that the answer does not name as deleted."""
        answer = await self._service.call(
            lambda client: client.delete_message_batch(
                QueueUrl=self._url, Entries=[{"Id": each, "ReceiptHandle": handle} for each, handle in _named(handles)]
            )
        )
        return _left(answer, handles)

    async def extend(self, handles: Sequence[str]) -> list[str]:
        """Hide messages for another `visibility` from now; return the handles of those that were not."""
        answer = await self._service.call(
            lambda client: client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": each, "ReceiptHandle": handle, "VisibilityTimeout": self._visibility}
                    for each, handle in _named(handles)
                ],
            )
        )
        return _left(answer, handles)

    async def close(self) -> None:
        """Close the connections; a poll that is on its way is not awaited."""
        await self._service.close()


def _named(handles: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((str(number), handle) for number, handle in enumerate(handles))


def _left(answer: Any, handles: Sequence[str]) -> list[str]:
    """Return the handles that a batch does not name as done: it answers 200 even where all of it failed."""
    try:
        done = {entry["Id"] for entry in answer.get("Successful", [])}
    except (AttributeError, LookupError, TypeError):
        raise Fault("garbled", "retry") from None
    return [handle for each, handle in _named(handles) if each not in done]


def _delivery(message: Any) -> Delivery:
    attributes = message.get("Attributes", {})
    sent = attributes.get(SENT)
    body, handle, message_id = message["Body"], message["ReceiptHandle"], message["MessageId"]
    if not all(isinstance(each, str) for each in (body, handle, message_id)):
        raise TypeError("texts are expected")
    return Delivery(
        message_id=message_id,
        handle=handle,
        body=body.encode(errors="replace"),
        sent_at=None if sent is None else int(sent),
        receives=int(attributes.get(COUNT, 1)),
    )
