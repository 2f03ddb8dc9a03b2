"""Items of DynamoDB: a decision in, its own item and the one that is its content's latest out.

The table has the key `pk` (content id) and `sk` (the revision in twelve digits, or `latest`); indexes by user and by
day, both in the order of `decided_at`. The latest items are in no index, for they would repeat the others.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from streams.core.decision import Decision
from streams.core.kept_decision import kept

Item = dict[str, Any]  # name -> value as DynamoDB's protocol tells it

LATEST: Final = "latest"
EXPIRES: Final = "expires_at"  # seconds since 1970: the attribute of the table's time to live


def sort_key(revision: int) -> str:
    """Return the sort key of a revision; the order of texts is the order of revisions."""
    return f"{revision:012d}"


def items(decision: Decision, *, keep_ms: int, masked_text: bool) -> tuple[Item, Item]:
    """Return the decision's own item and the latest one of its content; raise TooLarge.

    Both expire `keep_ms` after the decision was made, so that a repeat writes what was written before.
    """
    held = kept(decision, masked_text=masked_text)
    expires = int(datetime.fromisoformat(decision.decided_at).timestamp()) + keep_ms // 1000
    told: Item = {
        "pk": _text(decision.content_id),
        "decision_id": _text(decision.decision_id),
        "revision": _number(decision.revision),
        "action": _text(decision.action),
        "decided_at": _text(decision.decided_at),
        "decision": _text(held.document.decode()),
        EXPIRES: _number(expires),
    }
    if held.left_out is not None:
        told["left_out"] = _text(held.left_out)
    own: Item = {
        **told,
        "sk": _text(sort_key(decision.revision)),
        "user_id": _text(decision.user_id),
        "day": _text(decision.decided_at[:10]),
        "kind": _text(decision.kind),
        "source": _text(decision.source),
        "policy": _text(f"{decision.policy.id}@{decision.policy.version}"),
        "escalate": {"BOOL": decision.escalate},
        "partial": {"BOOL": decision.partial},
    }
    if decision.labels:
        own["labels"] = {"SS": list(dict.fromkeys(decision.labels))}
    if decision.severity is not None:
        own["severity"] = _text(decision.severity)
    if decision.tenant is not None:
        own["tenant"] = _text(decision.tenant)
    return own, {**told, "sk": _text(LATEST)}


def read(item: Item) -> Decision:
    """Return the decision that an item holds; raise KeyError or msgspec.DecodeError for any other."""
    return msgspec.json.decode(item["decision"]["S"], type=Decision)


def _text(value: str) -> dict[str, str]:
    return {"S": value}


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
