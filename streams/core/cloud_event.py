"""CloudEvents 1.0 in structured JSON: a decision in, the body that tells of it out."""

from typing import Final, Literal

import msgspec

from streams.core.decision import Decision

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
TYPE: Final = "moderation.decision.v4"  # as the header ce_type of `actions`


class CloudEvent(msgspec.Struct, frozen=True):
    """What CloudEvents names, in its words."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str  # content id
    time: str
    datacontenttype: str
    data: Decision


def cloud_event(decision: Decision, source: str, *, masked_text: bool) -> bytes:
    """Return the event of a decision; the same bytes each time. The masked text is in it only where it is asked for."""
    told = decision if masked_text else msgspec.structs.replace(decision, masked_text=None)
    return msgspec.json.encode(
        CloudEvent(
            specversion="1.0",
            id=decision.decision_id,
            source=source,
            type=TYPE,
            subject=decision.content_id,
            time=decision.decided_at,
            datacontenttype="application/json",
            data=told,
        )
    )
