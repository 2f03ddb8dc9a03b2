"""Confluent framing, both ways, against the serializers of confluent-kafka."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from streams.adapters.avro import AvroRecord
from streams.adapters.registry import Registry
from streams.adapters.schemas import newest, published
from streams.adapters.wire import Reader, Writer
from streams.core.finding import Evidence, Finding, Report
from tests.unit.adapters.registry import Stub, read

avro = pytest.importorskip("confluent_kafka.schema_registry.avro", reason="needs confluent-kafka[avro,schemaregistry]")
schema_registry = pytest.importorskip("confluent_kafka.schema_registry")
serialization = pytest.importorskip("confluent_kafka.serialization")

TOPIC: Final = "moderation.findings"
REPORT: Final = Report(
    "c-1", "qr", "1", "ok", findings=(Finding("qr_code", evidence=(Evidence(box=(1, 2, 3, 4)),)),), duration_ms=1.5
)


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """Yield a registry that knows nothing yet."""
    async with Stub() as stub:
        yield stub


@pytest.fixture
def registry(stub: Stub) -> Registry:
    """Return our client of the stub."""
    return Registry(stub.url, prefix="moderation.", timeout=5.0)


def serialized(url: str, headers: list[tuple[str, bytes]], **settings: Any) -> bytes:
    """Return the report as confluent-kafka writes it; it may add a header."""
    datum = json.loads(json.dumps(AvroRecord(Report, newest("report")).datum(REPORT)))  # lists instead of tuples
    client = schema_registry.SchemaRegistryClient({"url": url})
    serializer = avro.AvroSerializer(client, published("report"), lambda _, __: datum, conf=settings)
    context = serialization.SerializationContext(TOPIC, serialization.MessageField.VALUE, headers)
    value: bytes = serializer(REPORT, context)
    return value


def deserialized(url: str, value: bytes) -> Any:
    client = schema_registry.SchemaRegistryClient({"url": url})
    context = serialization.SerializationContext(TOPIC, serialization.MessageField.VALUE)
    return avro.AvroDeserializer(client)(value, context)


async def test_what_confluent_writes_is_read(stub: Stub, registry: Registry) -> None:
    value = await asyncio.to_thread(serialized, stub.url, [])
    assert f"GET /associations/resources/-/{TOPIC}" in stub.asked  # answered with 404
    assert await read(Reader(Report, limit=9999, registry=registry), registry, value) == REPORT


async def test_what_confluent_writes_with_the_id_in_a_header_is_read(stub: Stub, registry: Registry) -> None:
    in_header = {"schema.id.serializer": schema_registry.header_schema_id_serializer}
    headers: list[tuple[str, bytes]] = []
    value = await asyncio.to_thread(lambda: serialized(stub.url, headers, **in_header))
    assert [name for name, _ in headers] == ["__value_schema_id"]
    assert await read(Reader(Report, limit=9999, registry=registry), registry, value, headers) == REPORT


async def test_confluent_reads_what_we_write(stub: Stub, registry: Registry) -> None:
    await registry.prepare(["report"])
    found = await asyncio.to_thread(deserialized, stub.url, Writer("confluent", "report", registry).write(REPORT))
    assert found["content_id"] == "c-1"
    assert found["findings"][0]["evidence"][0]["box"] == [1, 2, 3, 4]


async def test_both_write_the_same_bytes(stub: Stub, registry: Registry) -> None:
    stub.add(f"{TOPIC}-value", published("report"), 7)
    stub.add("moderation.Report", published("report"), 7)
    await registry.prepare(["report"])
    theirs = await asyncio.to_thread(lambda: serialized(stub.url, [], **{"auto.register.schemas": False}))
    assert Writer("confluent", "report", registry).write(REPORT) == theirs
