"""Items put into a store as rows, and what the store should say of them, worked out row by row."""

import re
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from streams.core.content import Location
from streams.core.harm import harm, rank_of
from streams.core.label import SEVERITIES
from streams.core.queue_filter import Filter
from streams.store import tables
from streams.store.scope import Scope, parts
from tests.unit.store.records import decision

NOW = 1_800_000_000_000
ENGINES = ("blocklist", "text_model", "image_model")
RULES = ("terms", "links", "explicit")
LABELS = ("scam", "spam", "explicit", "violence")
ACTIONS = ("flag", "mask_flag", "block")
KINDS = ("message", "comment", "image", "video")
TENANTS = ("", "a", "b")
USERS = ("u1", "u2", "u3", "u4")
CONVERSATIONS = ("", "c1", "c2")
LANGUAGES = ("", "en", "de")
ACCOUNTS = ("ann", "bob")
WORDS = ("free", "money", "Idiot", "привет", "naïve", "100", "example.com", "<b>bold</b>", "你好")

Row = dict[str, Any]


def put(connection: Connection, number: int, **given: Any) -> Row:
    """Put one item in; return its row, with `found` (engine, rule, label) and `hashes` (sha256, pdq) beside."""
    found: Sequence[tuple[str, str, str]] = given.pop("found", (("blocklist", "terms", "scam"),))
    hashes: Sequence[tuple[str | None, str | None]] = given.pop("hashes", ())
    row: Row = {
        "id": number,
        "content_id": f"content-{number}",
        "tenant": "",
        "kind": "message",
        "user_id": "u1",
        "conversation_id": "",
        "language": "",
        "version": 1,
        "open": 1,
        "action": "flag",
        "first_action": "flag",
        "severity": rank_of("medium"),
        "confidence": None,
        "escalated": 0,
        "priority": 0,
        "revision": 0,
        "policy_id": "default",
        "opened_at": NOW - 1000 + number,
        "received_at": NOW - 2000,
        "closed_at": None,
        "touched_at": NOW - 500,
        "text": None,
        "text_hash": None,
        "claimed_by": None,
        "claimed_until": 0,
        "assigned_to": None,
        **given,
    }
    row["found_by"] = len({engine for engine, _, _ in found})
    severity = None if row["severity"] == 0 else SEVERITIES[row["severity"] - 1]
    row["harm"] = harm(
        severity, row["confidence"], row["found_by"], escalated=bool(row["escalated"]), priority=row["priority"]
    )
    row["pictured"] = int(bool(hashes))
    if not row["open"] and row["closed_at"] is None:
        row["closed_at"] = row["opened_at"] + 10
    record = decision(row["content_id"], user_id=row["user_id"], kind=row["kind"])
    connection.execute(insert(tables.item), [{**row, "decision": msgspec.json.encode(record).decode()}])
    shared = {"item_id": number, **{name: row[name] for name in ("open", "harm", "opened_at")}}
    lines = [
        {**shared, "engine": engine, "rule": rule, "label": label}
        for (engine, rule), label in {(engine, rule): label for engine, rule, label in found}.items()
    ]
    location = msgspec.json.encode(Location(bucket="b", key=str(number))).decode()
    pictures = [
        {"item_id": number, "number": at, "kind": "image", "location": location, "sha256": sha256, "pdq": pdq}
        for at, (sha256, pdq) in enumerate(hashes)
    ]
    for table, rows in ((tables.found, lines), (tables.media, pictures)):
        if rows:
            connection.execute(insert(table), rows)
    return {**row, "found": [(line["engine"], line["rule"], line["label"]) for line in lines], "hashes": hashes}


def drawn(connection: Connection, count: int, draw: Random) -> list[Row]:
    """Put items with values drawn from short lists in, so that many are alike; return their rows."""
    return [put(connection, number, **_values(draw)) for number in range(1, count + 1)]


def _values(draw: Random) -> Row:
    kind = draw.choice(KINDS)
    pictures = int(kind in {"image", "video"}) or draw.randrange(4) // 3 * 2
    claimed = draw.random() < 0.3
    escalated = int(draw.random() < 0.2)
    return {
        "tenant": draw.choice(TENANTS),
        "kind": kind,
        "user_id": draw.choice(USERS),
        "conversation_id": draw.choice(CONVERSATIONS),
        "language": draw.choice(LANGUAGES),
        "open": int(draw.random() < 0.7),
        "action": draw.choice(ACTIONS),
        "severity": draw.randrange(5),
        "confidence": draw.choice((None, None, 0.0, 50.0, 94.96, 95.0, 99.5, 100.0)),
        "escalated": escalated,
        "priority": draw.randrange(4) if escalated else 0,
        "policy_id": draw.choice(("default", "strict")),
        "opened_at": NOW - draw.randrange(6),
        "text": draw.choice((None, " ".join(draw.sample(WORDS, 3)))),
        "text_hash": draw.choice((None, "same")),
        "claimed_by": draw.choice(ACCOUNTS) if claimed else None,
        "claimed_until": NOW + draw.choice((-1, 0, 1)) if claimed else 0,
        "assigned_to": draw.choice((None, *ACCOUNTS)),
        "found": [(draw.choice(ENGINES), draw.choice(RULES), draw.choice(LABELS)) for _ in range(draw.randint(1, 3))],
        "hashes": [(draw.choice((None, "f" * 64)), None) for _ in range(pictures)],
    }


def seen(row: Row, scope: Scope) -> bool:
    """Say whether an item is in a scope."""
    labels = {label for _, _, label in row["found"]}
    return any(
        (part.tenants is None or row["tenant"] in part.tenants)
        and (part.labels is None or bool(labels & set(part.labels)))
        for part in parts(scope)
    )


def passes(row: Row, wanted: Filter, account: str, now: int) -> bool:
    """Say whether an item passes a filter."""
    severity = "none" if row["severity"] == 0 else SEVERITIES[row["severity"] - 1]
    found = row["found"]
    text = " ".join(_words(row["text"] or ""))
    held = row["claimed_until"] > now
    return all(
        (
            wanted.status == "all" or row["open"] == (wanted.status == "open"),
            not wanted.labels or any(label in wanted.labels for _, _, label in found),
            not wanted.severities or severity in wanted.severities,
            wanted.min_confidence is None or _confident(row, wanted.min_confidence, 100),
            wanted.max_confidence is None or _confident(row, 0, wanted.max_confidence),
            not wanted.actions or row["action"] in wanted.actions,
            not wanted.engines or any(engine in wanted.engines for engine, _, _ in found),
            not wanted.rules or any({rule, f"{engine}.{rule}"} & set(wanted.rules) for engine, rule, _ in found),
            not wanted.kinds or row["kind"] in wanted.kinds,
            not wanted.tenants or row["tenant"] in wanted.tenants,
            wanted.user in {None, row["user_id"]},
            wanted.conversation in {None, row["conversation_id"]},
            wanted.content in {None, row["content_id"]},
            not wanted.languages or row["language"] in wanted.languages,
            wanted.policy in {None, row["policy_id"]},
            wanted.assigned in {None, row["assigned_to"] or "nobody"},
            wanted.claimed is None
            or {"nobody": not held, "anybody": held, "me": held and row["claimed_by"] == account}[wanted.claimed],
            wanted.escalated in {None, bool(row["escalated"])},
            wanted.since is None or row["opened_at"] >= wanted.since,
            wanted.until is None or row["opened_at"] < wanted.until,
            wanted.text is None or _holds(text, wanted.text),
            not wanted.media or row["pictured"] == 1,
        )
    )


def in_order(rows: Iterable[Row], wanted: Filter) -> list[int]:
    """Return the ids of items as a queue has them."""
    if wanted.status == "closed":
        return [row["id"] for row in sorted(rows, key=lambda row: (-row["closed_at"], -row["id"]))]
    ordered = sorted(rows, key=lambda row: (-row["open"], -row["harm"], row["opened_at"], row["id"]))
    return [row["id"] for row in ordered]


def _confident(row: Row, least: float, most: float) -> bool:
    return row["confidence"] is not None and least <= row["confidence"] <= most


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _holds(text: str, searched: str) -> bool:
    words = _words(searched)
    return bool(words) and set(words) <= set(text.split())
