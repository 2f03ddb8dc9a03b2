"""The schema files, their examples and the record types say the same; a new version reads what old ones wrote."""

import copy
import json
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import msgspec
import pytest
from msgspec import NODEFAULT, inspect

from streams.adapters.avro import AvroRecord
from streams.adapters.schemas import RECORDS, Schema, checked, fingerprint, folder, versions
from streams.adapters.wire import Reader, Writer
from streams.core.content import Message

FOLDER = folder()
FILES = sorted(path.name for path in FOLDER.glob("*.avsc"))
EXAMPLES = sorted(FOLDER.glob("examples/*/*.json"))
LIMIT = 262_144


def raw(record: str, version: int = 1) -> Schema:
    """Return a schema file as it is written."""
    schema: Schema = json.loads((FOLDER / f"{record}.v{version}.avsc").read_text("utf-8"))
    return schema


def named_types(node: Any) -> list[Schema]:
    """Return every record and enum that a schema defines, itself first."""
    match node:
        case list():
            return [found for item in node for found in named_types(item)]
        case {"type": "record", "fields": fields}:
            return [node, *(found for field in fields for found in named_types(field["type"]))]
        case {"type": "enum"}:
            return [node]
        case {"type": inner} if not isinstance(inner, str):
            return named_types(inner)
        case {"items": inner} | {"values": inner}:
            return named_types(inner)
        case _:
            return []


def disagreements(schema: Any, kind: inspect.Type, names: dict[str, Any], path: str) -> list[str]:
    """Return where a schema and a record type say different things."""
    if isinstance(schema, str):
        schema = names.get(schema, schema)
    if isinstance(schema, dict) and "name" in schema:
        names[schema["name"]] = schema
    if isinstance(schema, dict) and "fields" in schema and isinstance(kind, inspect.StructType):
        return struct_disagreements(schema["fields"], kind, names, path)
    inner = parts(schema, kind)
    if inner is not None:
        return [found for part, each in inner for found in disagreements(part, each, names, f"{path}[]")]
    return [] if leaf_agrees(schema, kind) else [f"{path}: {schema} and {type(kind).__name__}"]


def parts(schema: Any, kind: inspect.Type) -> list[tuple[Any, inspect.Type]] | None:
    """Return what a composed type is made of, in the schema and in the record; None for a type without parts."""
    match schema, kind:
        case ["null", branch], inspect.UnionType(types=types):
            return [(branch, each) for each in types if not isinstance(each, inspect.NoneType)]
        case {"fields": fields}, inspect.TupleType(item_types=items) if len(fields) == len(items):
            return [(field["type"], item) for field, item in zip(fields, items, strict=True)]
        case {"type": "array", "items": items}, inspect.VarTupleType(item_type=item):
            return [(items, item)]
        case {"type": "array", "items": items}, inspect.TupleType(item_types=each):
            return [(items, item) for item in each]
        case {"type": "map", "values": values}, inspect.DictType(value_type=value):
            return [(values, value)]
        case _:
            return None


def leaf_agrees(schema: Any, kind: inspect.Type) -> bool:
    match schema:
        case {"type": "enum", "symbols": symbols}:
            return isinstance(kind, inspect.LiteralType) and set(symbols) == set(kind.values)
        case {"type": "long", "logicalType": "timestamp-millis"}:  # a text is ISO 8601
            return isinstance(kind, inspect.IntType | inspect.DateTimeType | inspect.StrType)
        case "string":  # a closed set stands in a pair only; a dictionary is free-form JSON
            free = isinstance(kind, inspect.DictType) and isinstance(kind.value_type, inspect.AnyType)
            return free or isinstance(kind, inspect.StrType | inspect.LiteralType)
        case "long" | "double" | "boolean":
            plain = {"long": inspect.IntType, "double": inspect.FloatType, "boolean": inspect.BoolType}
            return isinstance(kind, plain[schema])
        case _:
            return False


def struct_disagreements(fields: list[Schema], kind: inspect.StructType, names: dict[str, Any], path: str) -> list[str]:
    ours = {field.encode_name: field for field in kind.fields}
    if [field["name"] for field in fields] != list(ours):
        return [f"{path}: fields {[field['name'] for field in fields]} and {list(ours)}"]
    found = []
    for field in fields:
        here, name = ours[field["name"]], f"{path}.{field['name']}"
        if ("default" in field) == here.required:
            found.append(f"{name}: required or not")
        elif "default" in field and field["default"] != avro_default(here):
            found.append(f"{name}: default {field['default']!r} and {avro_default(here)!r}")
        found += disagreements(field["type"], here.type, names, name)
    return found


def avro_default(field: inspect.Field) -> Any:
    """Return a field's default as an Avro schema writes it."""
    if field.default_factory is not NODEFAULT:
        return "{}" if field.default_factory is dict else field.default_factory()
    return list(field.default) if isinstance(field.default, tuple) else field.default


@pytest.mark.parametrize("record", RECORDS)
def test_schema_and_record_type_agree(record: str) -> None:
    newest = max(versions(record))
    assert disagreements(raw(record, newest), inspect.type_info(RECORDS[record]), {}, record) == []


@pytest.mark.parametrize(
    "drift",
    [
        lambda schema: schema["fields"].pop(),
        lambda schema: schema["fields"].reverse(),
        lambda schema: schema["fields"][3].update(type="bytes"),
        lambda schema: schema["fields"][3].update(default=""),
        lambda schema: schema["fields"][5].pop("default"),
        lambda schema: schema["fields"][7].update(default=None),
        lambda schema: schema["fields"][1]["type"]["symbols"].append("story"),
        lambda schema: schema["fields"][2]["type"]["fields"][1].update(name="rank"),
    ],
)
def test_a_schema_that_drifts_from_its_record_type_is_noticed(drift: Any) -> None:
    schema = raw("message")
    drift(schema)
    assert disagreements(schema, inspect.type_info(Message), {}, "message")


def test_every_file_is_a_record_that_is_used() -> None:
    assert {name.partition(".")[0] for name in FILES} == set(RECORDS)
    assert {path.relative_to(FOLDER).parts[1] for path in EXAMPLES} == {name.removesuffix(".avsc") for name in FILES}
    others = {path for path in FOLDER.rglob("*") if path.is_file()} - set(EXAMPLES)
    assert {path.name for path in others} == {"README.md", *FILES}


@pytest.mark.parametrize("name", FILES)
def test_every_record_enum_and_field_is_explained_and_every_option_has_a_default(name: str) -> None:
    schema = json.loads((FOLDER / name).read_text("utf-8"))
    assert schema["namespace"] == "moderation"
    for each in named_types(schema):
        assert each["doc"].endswith("."), each["name"]
        if each["type"] == "enum":
            assert each["default"] in each["symbols"], each["name"]
            continue
        for field in each["fields"]:
            assert field["doc"].endswith("."), (each["name"], field["name"])
            if isinstance(field["type"], list):
                assert field["type"][0] == "null", field["name"]
                assert field["default"] is None, field["name"]


def test_a_type_that_several_schemas_define_is_the_same_in_all() -> None:
    seen: dict[str, Schema] = {}
    for record in RECORDS:
        for each in named_types(raw(record, max(versions(record)))):
            plain = written_out(
                each, {found["name"]: found for found in named_types(raw(record, max(versions(record))))}
            )
            assert seen.setdefault(each["name"], plain) == plain, each["name"]


def written_out(node: Any, names: dict[str, Any]) -> Any:
    """Return a schema with every name replaced by what it names."""
    match node:
        case str():
            return written_out(names[node], names) if node in names else node
        case list():
            return [written_out(item, names) for item in node]
        case dict():
            return {
                key: written_out(value, names) if key in {"type", "items", "values", "fields"} else value
                for key, value in node.items()
                if key != "namespace"
            }
        case _:
            return node


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_an_example_is_read_and_is_the_same_in_every_form(path: Path) -> None:
    record, _, version = path.parent.name.partition(".v")
    reader: Reader[Any] = Reader(RECORDS[record], limit=LIMIT)
    value = reader.read(path.read_bytes())
    # nothing of the example was ignored
    plain = msgspec.json.decode(Writer("json", record).write(value))
    assert same(plain, msgspec.json.decode(path.read_bytes()))
    shape: AvroRecord[Any] = AvroRecord(RECORDS[record], checked(raw(record, int(version))))
    assert fastavro.validate(shape.datum(value), shape.schema, disable_tuple_notation=True)
    assert reader.read(Writer("avro", record).write(value)) == value


def same(written: Any, example: Any) -> bool:
    """Compare two JSON values, times by their moment."""
    match written, example:
        case dict(), dict():
            return written.keys() == example.keys() and all(same(written[key], example[key]) for key in written)
        case list(), list():
            return len(written) == len(example) and all(map(same, written, example))
        case str(), str() if written != example:
            return datetime.fromisoformat(written) == datetime.fromisoformat(example)
        case _:
            return bool(written == example)


@pytest.mark.parametrize("record", RECORDS)
def test_every_version_reads_what_older_versions_wrote(record: str) -> None:
    known = versions(record)
    reader: Reader[Any] = Reader(RECORDS[record], limit=LIMIT)
    for version, schema in known.items():
        for path in sorted((FOLDER / "examples" / f"{record}.v{version}").glob("*.json")):
            value = reader.read(path.read_bytes())
            for newer in (each for number, each in known.items() if number >= version):
                assert readable(value, schema, newer), path


def readable(value: msgspec.Struct, writer: Schema, reader: Schema) -> bool:
    """Say whether bytes written with one schema are read with another."""
    try:
        fastavro.schemaless_reader(BytesIO(AvroRecord(type(value), writer).encode(value)), writer, reader)
    except fastavro.read.SchemaResolutionError:
        return False
    return True


class MessageWithMood(Message, frozen=True, omit_defaults=True):
    """A message of a later release."""

    mood: str | None = None


def later() -> Schema:
    """Return the message schema of a later release: one more field at the end."""
    schema = raw("message")
    mood = {"name": "mood", "doc": "How it sounds.", "type": ["null", "string"], "default": None}
    schema["fields"].append(mood)
    return schema


MESSAGE = Reader(Message, limit=LIMIT).read((FOLDER / "examples/message.v1/in_a_conversation.json").read_bytes())
FULL = MessageWithMood(**msgspec.structs.asdict(MESSAGE), mood="calm")


def test_a_later_release_reads_older_bytes() -> None:
    old, new = checked(raw("message")), checked(later())
    found = AvroRecord(MessageWithMood, new).decoder(old)(AvroRecord(Message, old).encode(MESSAGE))
    assert found.text == MESSAGE.text
    assert found.mood is None


def test_this_release_reads_the_bytes_of_a_later_one() -> None:
    old, new = checked(raw("message")), checked(later())
    data = b"\xc3\x01" + fingerprint(new) + AvroRecord(MessageWithMood, new).encode(FULL)
    reader = Reader(Message, limit=LIMIT, schemas={"message": [new, old]})
    assert reader.read(data) == MESSAGE


def test_a_symbol_that_this_release_does_not_know_reads_as_the_careful_one() -> None:
    old, new = checked(raw("case_opened", 2)), raw("case_opened", 2)
    text = json.dumps(new).replace('"not_evaluated"', '"not_evaluated", "asleep"')
    path = FOLDER / "examples/case_opened.v1/comment_with_answers_already.json"
    value = Reader(RECORDS["case_opened"], limit=LIMIT).read(path.read_bytes())
    datum = AvroRecord(RECORDS["case_opened"], old).datum(value)
    datum["reports"][0]["status"] = "asleep"
    writer = checked(json.loads(text))
    record: AvroRecord[Any] = AvroRecord(RECORDS["case_opened"], old)
    found = record.decoder(writer)(written(writer, datum))
    assert [report.status for report in found.reports] == ["error", "ok"]


def written(schema: Schema, datum: Any) -> bytes:
    target = BytesIO()
    fastavro.schemaless_writer(target, schema, datum, disable_tuple_notation=True)
    return target.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields.append({"name": "mood", "type": "string"}),  # no default
        lambda fields: fields[3].update(name="words"),  # renamed, and required
        lambda fields: fields[3].update(type="long"),  # another type
        lambda fields: fields[1]["type"].update(symbols=["post"], default="post", name="OtherKind"),  # renamed enum
    ],
)
def test_an_incompatible_change_fails(change: Any) -> None:
    old, new = raw("message"), copy.deepcopy(raw("message"))
    change(new["fields"])
    assert not readable(MESSAGE, checked(old), checked(new))
