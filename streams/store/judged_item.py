"""The row of an item: decisions in, one after the other, what the row holds out. Pure; columns as in `item`.

A person's act is in the row before its decision comes back from the stream. Until then older news of the stream
change what was found, and not what the person said: see `revised`.
"""

from collections.abc import Iterator
from datetime import datetime
from math import isnan
from typing import Any, Final

import msgspec

from streams.core.action import REVIEWED
from streams.core.decision import Decision
from streams.core.finding import Evidence
from streams.core.harm import harm, rank_of
from streams.core.moment import milliseconds
from streams.store.storable import as_json, id_of, storable

Row = dict[str, Any]

MEDIA_HASH: Final = "media_hash"
POLICY_ID: Final = 64  # characters
ENGINE: Final = 64
HASH: Final = 64  # hexadecimal digits


class _Ruled(msgspec.Struct):
    """Of a stored decision, by which ruling it was made."""

    ruling_id: str | None = None


_ruled: Final = msgspec.json.Decoder(_Ruled)


def makes_item(decision: Decision) -> bool:
    """Say whether a person is to look at a content, or has."""
    return decision.escalate or decision.action in REVIEWED or decision.source == "moderator"


def opened(decision: Decision, at: int, now: int) -> Row:
    """Return the row of a new item, without `id` and what its message tells; `at` stands for times that are no times.

    One whose first decision here is a moderator's was ruled on elsewhere: closed, unless it is escalated.
    """
    decided = moment(decision.decided_at, at)
    is_open = decision.source != "moderator" or decision.escalate
    row = {
        "content_id": id_of(decision.content_id),
        "tenant": id_of(decision.tenant),
        "kind": decision.kind,
        "user_id": id_of(decision.user_id),
        "conversation_id": id_of(decision.conversation_id),
        "version": 1,
        "open": int(is_open),
        "action": decision.action,
        "first_action": decision.previous_action or decision.action,
        "escalated": int(decision.escalate),
        "priority": 0,
        "ruling_id": None if decision.ruling_id is None else id_of(decision.ruling_id),
        "opened_at": decided,
        "received_at": moment(decision.received_at, at),
        "closed_at": None if is_open else decided,
        "pictured": int(bool(decision.objects)),
    }
    return row | _found_of(decision) | _rank(row, decision) | {"touched_at": now}


def revised(row: Row, decision: Decision, at: int, now: int) -> Row:
    """Return what another decision on the same content changes in the row of an item; nothing for one it knows.

    The decision of the newest ruling leaves the item open or closed as the act did. One of before, while that is on its
    way, leaves action and escalation alone. One of a ruling made elsewhere closes the item, unless it escalates.
    """
    if decision.revision <= row["revision"]:
        return _first(row, decision, at, now)
    changes = _found_of(decision) | {"pictured": int(bool(row["pictured"] or decision.objects))}
    ruling = None if decision.ruling_id is None else id_of(decision.ruling_id)
    awaited = row["ruling_id"] is not None and _ruled.decode(row["decision"]).ruling_id != row["ruling_id"]
    own = ruling is not None and ruling == row["ruling_id"]
    if own or not awaited:
        escalated = int(decision.escalate)
        changes |= {
            "action": decision.action,
            "escalated": escalated,
            "priority": row["priority"] if escalated else 0,
        }
    if not own and not awaited and decision.source == "moderator":
        changes |= {"ruling_id": ruling, "open": int(decision.escalate)}
        changes["closed_at"] = None if decision.escalate else row["closed_at"] or moment(decision.decided_at, at)
    changes |= _rank(row | changes, decision)
    return changes | {"version": row["version"] + 1, "touched_at": now}


def found_rows(item_id: int, row: Row, decision: Decision) -> Iterator[Row]:
    """Yield what is found of an item, one row for each enforced rule that triggered."""
    seen = set()
    for line in decision.triggered:
        name = (storable(line.engine, ENGINE), id_of(line.rule))
        if name not in seen:
            seen.add(name)
            yield {
                "item_id": item_id,
                "engine": name[0],
                "rule": name[1],
                "label": id_of(line.label),
                "open": row["open"],
                "harm": row["harm"],
                "opened_at": row["opened_at"],
            }


def media_rows(item_id: int, decision: Decision) -> Iterator[Row]:
    """Yield the pictures and videos of an item, each with the listed picture that it is closest to, if it is a copy."""
    near = _near(decision) if decision.objects else {}
    for number, each in enumerate(decision.objects):
        yield {
            "item_id": item_id,
            "number": number,
            "kind": each.kind,
            "location": as_json(each.location),
            "sha256": None if each.sha256 is None else storable(each.sha256, HASH),
            "pdq": storable(near[number].hash or "", HASH) if number in near else None,
        }


def moment(text: str, otherwise: int) -> int:
    """Return a time in ISO 8601 as milliseconds since 1970; another time for a text that is none."""
    try:
        return milliseconds(datetime.fromisoformat(text))
    except (ValueError, TypeError):  # without a time zone it is no moment
        return otherwise


def _found_of(decision: Decision) -> Row:
    return {
        "severity": rank_of(decision.severity),
        "confidence": _percent(decision.confidence),
        "found_by": len({line.engine for line in decision.triggered}),
        "revision": decision.revision,
        "decision": as_json(decision),
        "policy_id": storable(decision.policy.id, POLICY_ID),
    }


def _rank(row: Row, decision: Decision) -> Row:
    found_by = len({line.engine for line in decision.triggered})
    escalated, priority = bool(row["escalated"]), row["priority"]
    confidence = _percent(decision.confidence)
    return {"harm": harm(decision.severity, confidence, found_by, escalated=escalated, priority=priority)}


def _percent(value: float | None) -> float | None:
    """Return a confidence within 0..100, None for what is no number: the record does not promise either."""
    return None if value is None or isnan(value) else min(max(value, 0.0), 100.0)


def _first(row: Row, decision: Decision, at: int, now: int) -> Row:
    """Return what the decision that opened an item tells when it comes after one of a person."""
    if decision.revision or not row["revision"] or not makes_item(decision):
        return {}
    opened_at = moment(decision.decided_at, at)
    if (decision.action, opened_at) == (row["first_action"], row["opened_at"]):
        return {}
    first = {"first_action": decision.action, "opened_at": opened_at}
    return {**first, "version": row["version"] + 1, "touched_at": now}


def _near(decision: Decision) -> dict[int, Evidence]:
    """Return the closest near copy that was found of each object, by its number."""
    closest: dict[int, Evidence] = {}
    for line in (*decision.triggered, *decision.shadow):
        if line.engine != MEDIA_HASH:
            continue
        for evidence in line.evidence:
            number = evidence.attachment or 0
            if evidence.hash is None or evidence.distance is None:  # an exact copy: its SHA-256
                continue
            if number not in closest or evidence.distance < (closest[number].distance or 0):
                closest[number] = evidence
    return closest
