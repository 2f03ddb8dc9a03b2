"""Schemas of strangers: what is used to decode, and what is refused first."""

from typing import Any

import pytest

from streams.adapters.schemas import RECORDS, SchemaRefused, checked, fingerprint, full_name, newest, versions


def record(*types: Any, name: str = "Message") -> dict[str, Any]:
    """Return a record schema with a field of each type."""
    fields = [{"name": f"f{number}", "type": each} for number, each in enumerate(types)]
    return {"type": "record", "name": name, "namespace": "moderation", "fields": fields}


def doubling(levels: int) -> Any:
    """Return a type that is small in writing and has 2^levels parts: each record has the next one twice."""
    inner: Any = {"type": "record", "name": "R0", "fields": [{"name": "n", "type": "null"}]}
    for level in range(1, levels + 1):
        fields = [{"name": "a", "type": inner}, {"name": "b", "type": f"R{level - 1}"}]
        inner = {"type": "record", "name": f"R{level}", "fields": fields}
    return inner


RECURSIVE = record(
    {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"], "default": None}]}
)


def nested(depth: int) -> Any:
    """Return a list of lists of lists."""
    inner: Any = "int"
    for _ in range(depth):
        inner = {"type": "array", "items": inner}
    return inner


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("string", "not a record"),
        ([record("int")], "not a record"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, "not a record"),
        (None, "not a record"),
        (RECURSIVE, "recursive at moderation.Node"),
        (record({"type": "array", "items": "moderation.Message"}), "recursive at moderation.Message"),
        (record({"type": "array", "items": "null"}), "items that take no bytes"),
        (record({"type": "map", "values": "null"}), "items that take no bytes"),
        (record({"type": "array", "items": record(name="Empty")}), "items that take no bytes"),
        (record({"type": "array", "items": record("null", "null", name="Nulls")}), "items that take no bytes"),
        (record({"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}}), "items that take no bytes"),
        (record(record(name="Empty"), {"type": "array", "items": "Empty"}), "items that take no bytes"),
        (record(doubling(30)), "too many types"),
        (record(*["int"] * 3000), "too many types"),
        (record({"type": "int", "doc": "d" * 300_000}), "too long"),
        (record(nested(30_000)), "too deep"),
        (record("nonsense"), "does not define"),
        (record({"type": "enum", "name": "E", "symbols": ["A", "A"]}), "not valid Avro"),
        (record(7), "no type"),
        (record({"items": "int"}), "no type"),
        ({"type": "record", "name": "Message"}, "does not define"),
        (record({"type": "array", "items": {"type": "record", "name": "NoFields"}}), "does not define"),
        (record({"type": "array", "items": {"type": "error", "name": "E", "fields": []}}), "does not define"),
        ({"type": "record", "name": "Message", "fields": [{"name": "a"}]}, "not valid Avro"),
    ],
)
def test_a_schema_that_could_harm_the_decoder_is_refused(schema: Any, reason: str) -> None:
    with pytest.raises(SchemaRefused, match=reason):
        checked(schema)


@pytest.mark.parametrize(
    "kind",
    [
        {"type": "array", "items": ["null", "int"]},  # a branch takes a byte
        {"type": "map", "values": "bytes"},
        {"type": "array", "items": {"type": "array", "items": "int"}},
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 1}},
        doubling(5),
        nested(50),
    ],
)
def test_a_harmless_schema_is_used(kind: Any) -> None:
    assert full_name(checked(record(kind))) == "moderation.Message"


def test_logical_types_that_only_change_the_python_type_are_dropped() -> None:
    schema = checked(
        record({"type": "string", "logicalType": "uuid"}, {"type": "long", "logicalType": "timestamp-micros"})
    )
    assert [field["type"] for field in schema["fields"]] == [
        {"type": "string"},
        {"type": "long", "logicalType": "timestamp-micros"},
    ]


def test_a_fingerprint_is_the_one_that_avro_defines() -> None:
    # CRC-64-AVRO of "null" is 63DD24E7CC258F8A: the specification's own example, little-endian on the wire
    assert fingerprint("null") == bytes.fromhex("8a8f25cce724dd63")  # type: ignore[arg-type]


def test_no_two_shipped_schemas_share_name_or_fingerprint() -> None:
    shipped = [newest(name) for name in RECORDS]
    assert len({full_name(schema) for schema in shipped}) == len(RECORDS)
    assert len({fingerprint(schema) for schema in shipped}) == len(RECORDS)


def test_a_record_without_a_schema_is_an_error_that_names_it() -> None:
    with pytest.raises(LookupError, match="no_such_record"):
        versions("no_such_record")
