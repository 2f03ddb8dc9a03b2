"""Every kind of bad input that the contract names, as rows: what is sent, and the reason that its dead letter gives."""

import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import fastavro

CONVERSATION: Final = "bad-input"
SCHEMA: Final = Path(__file__).resolve().parents[2] / "schemas" / "message.v1.avsc"
CREATED: Final = "2026-01-31T12:00:00.000Z"


@dataclass(frozen=True)
class Bad:
    """One bad record and the `dlq_error` of its dead letter."""

    name: str
    value: bytes | None
    error: str
    topic: str = "messages"
    keyed: bool = True


def message(content_id: str, /, **changes: Any) -> dict[str, Any]:
    """Return a valid message with some fields changed; None removes one."""
    whole = {
        "content_id": content_id,
        "kind": "message",
        "conversation_id": CONVERSATION,
        "user": {"id": "u"},
        "text": "hello",
        "created_at": CREATED,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def _json(**changes: Any) -> bytes:
    return json.dumps(message("bad", **changes)).encode()


def _avro() -> bytes:
    """Return a valid message in Avro's single-object encoding."""
    schema = fastavro.parse_schema(json.loads(SCHEMA.read_text("utf-8")))
    mark = fastavro.schema.fingerprint(fastavro.schema.to_parsing_canonical_form(schema), "CRC-64-AVRO")
    out = io.BytesIO()
    fastavro.schemaless_writer(out, schema, message("bad", created_at=datetime(2026, 1, 31, tzinfo=UTC)))
    return b"\xc3\x01" + bytes.fromhex(mark) + out.getvalue()


ROWS: Final = (
    Bad("empty", b"", "empty"),
    Bad("one byte", b"\x01", "unknown_format"),
    Bad("wrong magic", b"\xc3\x02" + bytes(20), "unknown_format"),
    Bad("an Avro file", b"Obj\x01" + bytes(20), "unknown_format"),
    Bad("schema id of no registry", b"\x00\x00\x00\x00\x2a" + bytes(20), "no_registry"),
    Bad("unknown fingerprint", b"\xc3\x01" + bytes(30), "unknown_schema"),
    Bad("truncated JSON", _json()[:-9], "truncated"),
    Bad("truncated Avro", _avro()[:-1], "truncated"),
    Bad("trailing JSON", _json() + b"{}", "trailing_bytes"),
    Bad("trailing Avro", _avro() + b"\x00", "trailing_bytes"),
    Bad("invalid UTF-8", _json(text="~").replace(b"~", b"\xff"), "invalid_utf8"),
    Bad("two megabytes", _json(text="x" * (2 << 20)), "too_large"),
    Bad("null key", _json(), "null_key", keyed=False),
    Bad("tombstone", None, "tombstone"),
    Bad("missing field", _json(user=None), "missing_field"),
    Bad("wrong type", _json(text=7), "wrong_type"),
    Bad("unknown kind", _json(kind="song"), "unknown_value"),
    Bad("time without zone", _json(created_at="2026-01-31T12:00:00"), "invalid_time"),
    Bad("id of 300 characters", _json(content_id="x" * 300), "out_of_range"),
    Bad("text of 20,001 characters", _json(text="x" * 20_001), "out_of_range"),
    Bad("attachment that lies nowhere", _json(attachments=[{"kind": "image"}]), "invalid_value"),
    Bad("JSON 10,000 deep", _json(custom={"a": "~"}).replace(b'"~"', b"[" * 10_000 + b"]" * 10_000), "too_deep"),
    Bad("empty upload", b"", "empty", topic="uploads"),
    Bad("upload without location", _json(kind="image"), "missing_field", topic="uploads"),
    Bad("event of no known shape", b'{"hello": "world"}', "invalid_value", topic="s3-events"),
    Bad("event that is no JSON", b"hello", "unknown_format", topic="s3-events"),
)
