"""A schema registry on loopback: what is asked, what is remembered, what happens while it is silent or hostile."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

import pytest

from streams.adapters.avro import AvroRecord
from streams.adapters.registry import UNKNOWN_LIMIT, UNKNOWN_SECONDS, Registry, RegistryUnavailable, subjects
from streams.adapters.rejected import Rejected, UnknownSchema
from streams.adapters.schemas import newest, published
from streams.adapters.wire import Reader, Writer
from streams.core.case import CaseExpired, CaseOpened, FindingRecord
from streams.core.content import Message
from streams.core.finding import Report
from tests.unit.adapters.registry import Stub, read

GUID: Final = UUID("89791762-2336-4186-9674-299b90a802e2")
LIMIT: Final = 262_144
PREFIX: Final = "moderation."
VALUE: Final = (
    b'{"content_id":"m-1","kind":"message","user":{"id":"u-1"},"text":"swordfish","created_at":"2026-01-01T00:00:00Z"}'
)
MESSAGE: Final = Reader(Message, limit=LIMIT).read(VALUE)
BODY: Final = AvroRecord(Message, newest("message")).encode(MESSAGE)


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """Yield a registry that knows nothing yet."""
    async with Stub() as stub:
        yield stub


@pytest.fixture
def registry(stub: Stub) -> Registry:
    """Return a client of the stub."""
    return Registry(stub.url, prefix=PREFIX, timeout=2.0)


def framed(schema_id: int, body: bytes = BODY) -> bytes:
    return b"\x00" + schema_id.to_bytes(4, "big") + body


@pytest.mark.parametrize(
    "subject", ["moderation.Message", "moderation.messages-value", "moderation.messages-moderation.Message"]
)
async def test_a_record_is_read_by_the_id_before_it(stub: Stub, registry: Registry, subject: str) -> None:
    stub.add(subject, published("message"), 7)
    reader = Reader(Message, limit=LIMIT, registry=registry)
    assert await read(reader, registry, framed(7)) == MESSAGE


@pytest.mark.parametrize(("mark", "name"), [(b"\x01" + GUID.bytes, str(GUID)), (b"\x00\x00\x00\x00\x07", 7)])
async def test_a_record_is_read_by_the_id_in_a_header(
    stub: Stub, registry: Registry, mark: bytes, name: int | str
) -> None:
    stub.add("moderation.Message", published("message"), 7, GUID)
    reader = Reader(Message, limit=LIMIT, registry=registry)
    headers = [("trace", b"1"), ("__value_schema_id", mark)]
    with pytest.raises(UnknownSchema) as caught:
        reader.read(BODY, headers)
    assert caught.value.schema_id == name
    assert await read(reader, registry, BODY, headers) == MESSAGE


async def test_json_is_read_beside_it_and_asks_nobody(stub: Stub, registry: Registry) -> None:
    assert Reader(Message, limit=LIMIT, registry=registry).read(VALUE, [("ce_id", b"1")]) == MESSAGE
    assert stub.asked == []


@pytest.mark.parametrize("mark", [b"", b"\x01short", b"\x02" + GUID.bytes, b"\x00\x00", b"nonsense of 17 by"])
async def test_a_header_that_is_no_id_is_rejected(registry: Registry, mark: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        Reader(Message, limit=LIMIT, registry=registry).read(BODY, [("__value_schema_id", mark)])
    assert caught.value.error == "unknown_schema"


async def test_a_schema_is_asked_for_once(stub: Stub, registry: Registry) -> None:
    stub.add("moderation.Message", published("message"), 7)
    reader = Reader(Message, limit=LIMIT, registry=registry)
    for _ in range(3):
        await read(reader, registry, framed(7))
        await registry.fetch(7)
    assert stub.asked == ["GET /schemas/ids/7", "POST /subjects/moderation.Message"]


async def test_what_is_known_stays_known_while_the_registry_is_down(stub: Stub, registry: Registry) -> None:
    stub.add("moderation.Message", published("message"), 7)
    reader = Reader(Message, limit=LIMIT, registry=registry)
    await read(reader, registry, framed(7))
    stub.instead = {"/schemas/ids/8": (503, b"")}
    assert await read(reader, registry, framed(7)) == MESSAGE
    with pytest.raises(RegistryUnavailable, match="503"):
        await read(reader, registry, framed(8))


async def test_an_unknown_id_is_rejected_and_asked_for_again_after_a_while(stub: Stub) -> None:
    now = 1000.0
    registry = Registry(stub.url, clock=lambda: now)
    reader = Reader(Message, limit=LIMIT, registry=registry)
    for _ in range(2):
        with pytest.raises(Rejected) as caught:
            await read(reader, registry, framed(9))
        assert caught.value.error == "unknown_schema"
    assert stub.asked == ["GET /schemas/ids/9"]
    now += UNKNOWN_SECONDS + 1
    stub.add("moderation.Message", published("message"), 9)
    assert await read(reader, registry, framed(9)) == MESSAGE


async def test_only_so_many_unknown_ids_are_remembered(stub: Stub) -> None:
    registry = Registry(stub.url)
    for schema_id in range(UNKNOWN_LIMIT):
        registry._refuse(schema_id, "unknown_schema")
    with pytest.raises(Rejected):
        registry.schema(0)
    await registry.fetch(UNKNOWN_LIMIT)
    with pytest.raises(UnknownSchema):
        registry.schema(0)
    with pytest.raises(Rejected):
        registry.schema(UNKNOWN_LIMIT)


def foreign(**changes: Any) -> str:
    return json.dumps(json.loads(published("message")) | changes)


BOMB: Final = [{"name": "bomb", "type": {"type": "array", "items": "null"}}]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("moderation.Task", published("task")),  # a record of another topic
        ("payments-value", published("message")),  # ours, under a foreign subject
        ("moderation.Message", foreign(name="Payment")),  # a foreign record under our subject
        ("moderation.Message", foreign(namespace="payments")),
        ("moderation.Message", foreign(fields=BOMB)),
        ("moderation.Message", "{"),
        ("moderation.Message", "[" * 100_000),
        ("moderation.Message", '"string"'),
    ],
)
async def test_a_schema_that_is_not_for_this_record_is_rejected(
    stub: Stub, registry: Registry, subject: str, text: str
) -> None:
    stub.add(subject, text, 7)
    reader = Reader(Message, limit=LIMIT, registry=registry)
    with pytest.raises(Rejected) as caught:
        await read(reader, registry, framed(7))
    assert caught.value.error == "wrong_schema"


@pytest.mark.parametrize(
    "answer",
    [{"schema": published("message"), "schemaType": "PROTOBUF"}, {"schema": "", "references": [{}]}, {"id": 7}],
)
async def test_a_schema_that_is_not_plain_avro_is_rejected(
    stub: Stub, registry: Registry, answer: dict[str, Any]
) -> None:
    stub.instead = {"/schemas/ids/7": (200, json.dumps(answer).encode())}
    with pytest.raises(Rejected) as caught:
        await read(Reader(Message, limit=LIMIT, registry=registry), registry, framed(7))
    assert caught.value.error == "wrong_schema"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, b""),
        (401, b"{}"),
        (302, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"\xff"),
        (200, b"[" * 100_000),
        (200, b'"' + b"x" * (2 << 20)),
    ],
)
async def test_no_useful_answer_is_one_line_without_content(
    stub: Stub, registry: Registry, status: int, answer: bytes
) -> None:
    stub.instead = {"/schemas/ids/7": (status, answer)}
    with pytest.raises(RegistryUnavailable) as caught:
        await registry.fetch(7)
    assert "schema registry" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
    with pytest.raises(UnknownSchema):  # nothing is remembered: the next try asks again
        registry.schema(7)


async def test_a_registry_that_is_not_there_or_silent_is_unavailable_in_time(stub: Stub) -> None:
    stub.silent = True
    silent = Registry(f"http://user:swordfish@127.0.0.1:{stub.port}", timeout=0.2)
    gone = Registry("http://127.0.0.1:1", timeout=1.0)
    for registry in (silent, gone):
        with pytest.raises(RegistryUnavailable) as caught:
            await asyncio.wait_for(registry.fetch(7), 5)
        assert "swordfish" not in str(caught.value)


async def test_written_schemas_are_looked_up_and_registered_when_missing(stub: Stub, registry: Registry) -> None:
    stub.add("moderation.Report", published("report"), 41)
    await registry.prepare(["report", "case_expired"])
    assert registry.written("report") == 41
    assert stub.by_subject["moderation.CaseExpired"] == {published("case_expired"): registry.written("case_expired")}
    assert stub.asked == [
        "POST /subjects/moderation.Report",
        "POST /subjects/moderation.CaseExpired",
        "POST /subjects/moderation.CaseExpired/versions",
    ]


async def test_a_registry_that_refuses_a_schema_is_an_error_at_the_start(stub: Stub, registry: Registry) -> None:
    stub.instead = {"/subjects/moderation.Report/versions": (409, b"{}")}
    with pytest.raises(RegistryUnavailable, match="409"):
        await registry.prepare(["report"])
    with pytest.raises(LookupError, match="report"):
        registry.written("report")


async def test_what_is_written_in_confluent_framing_is_read_again(stub: Stub, registry: Registry) -> None:
    await registry.prepare(["report", "case_expired", "case_opened"])
    reader: Reader[CaseOpened | Report | CaseExpired] = Reader(FindingRecord, limit=LIMIT, registry=registry)
    for name, record in {"report": Report("c", "qr", "1", "ok"), "case_expired": CaseExpired("c", 5)}.items():
        value = Writer("confluent", name, registry).write(record)
        assert value[:5] == b"\x00" + registry.written(name).to_bytes(4, "big")
        assert await read(reader, registry, value) == record
    assert stub.by_subject


async def test_framing_is_byte_for_byte_that_of_confluent(stub: Stub, registry: Registry) -> None:
    # byte 00, the id as 4 bytes with the highest first, then the Avro fields: text lengths zigzag (1 is 02)
    stub.add("moderation.CaseExpired", published("case_expired"), 0x01020304)
    await registry.prepare(["case_expired"])
    value = Writer("confluent", "case_expired", registry).write(CaseExpired("c", 1))
    assert value == bytes.fromhex("00 01020304 02 63 02")


def test_a_record_has_a_subject_by_name_and_two_for_each_of_its_topics() -> None:
    assert subjects("report", "m.") == ("moderation.Report", "m.findings-value", "m.findings-moderation.Report")
