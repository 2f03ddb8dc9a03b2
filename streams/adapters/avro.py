"""Avro bytes in, records out, and back: the schema file and the record's type, tied together once at the start.

A datum of fastavro and a record differ in a few places, which the schema and the type together tell: times
(milliseconds since 1970 in Avro; moments, numbers or ISO texts in the records), free-form `custom` (JSON text in Avro),
pairs (Avro has records only), numbers that are none.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any, Final, Generic, TypeVar

import fastavro
import msgspec
from fastavro.schema import SchemaParseException
from msgspec import inspect

from streams.adapters.rejected import Rejected, rejected
from streams.adapters.schemas import Schema
from streams.core.moment import iso, milliseconds

T = TypeVar("T", bound=msgspec.Struct)
Change = Callable[[Any], Any]  # of one value
Both = tuple[Change | None, Change | None]  # when it is read, when it is written; None where it stays as it is
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class AvroRecord(Generic[T]):
    """One record type with the schema that is written; makes a decoder for each schema that is read."""

    def __init__(self, record_type: type[T], schema: Schema) -> None:
        self.type = record_type
        self.schema = schema
        self._read, self._write = _changes(schema, inspect.type_info(record_type), {}, "")

    def decoder(self, writer: Schema) -> "AvroDecoder[T]":
        """Return a decoder for bytes that were written with a checked schema, of this or another version."""
        return AvroDecoder(self, writer)

    def record(self, datum: Any) -> T:
        """Return what fastavro read as a record; raise Rejected when the record's type does not allow it."""
        return msgspec.convert(datum if self._read is None else self._read(datum), self.type)

    def datum(self, record: T) -> Any:
        """Return a record as fastavro writes it."""
        plain = msgspec.to_builtins(record, builtin_types=(datetime,))
        return plain if self._write is None else self._write(plain)

    def encode(self, record: T, prefix: bytes = b"") -> bytes:
        """Return the prefix and the record's Avro bytes without a header."""
        target = BytesIO()
        target.write(prefix)
        # without the notation a tuple is an array, not a name and a value of a union
        fastavro.schemaless_writer(target, self.schema, self.datum(record), disable_tuple_notation=True)
        return target.getvalue()


class AvroDecoder(Generic[T]):
    """Decodes records that were written with one schema."""

    def __init__(self, record: AvroRecord[T], writer: Schema) -> None:
        self._record = record
        self._writer = writer
        self._reader = None if writer == record.schema else record.schema

    def __call__(self, value: bytes, start: int = 0) -> T:
        """Return the record whose Avro bytes begin at `start` and fill the rest of the value; raise Rejected."""
        source = BytesIO(value)
        source.seek(start)
        try:
            datum = fastavro.schemaless_reader(source, self._writer, self._reader)
            if source.tell() == len(value):
                return self._record.record(datum)
        except (fastavro.read.SchemaResolutionError, SchemaParseException):
            raise Rejected("wrong_schema") from None
        except IndexError:  # at the end of the input a number that is not there, before it an index that is none
            raise Rejected("truncated" if source.tell() == len(value) else "invalid_avro") from None
        except Exception as error:  # noqa: BLE001 - decoders of hostile bytes raise anything
            raise rejected(error) from None
        raise Rejected("trailing_bytes")


def _changes(schema: Any, kind: inspect.Type, names: dict[str, Any], path: str) -> Both:
    """Return how one value changes."""
    if isinstance(schema, str):
        schema = names.get(schema, schema)
    elif isinstance(schema, dict) and "name" in schema:
        names[schema["name"]] = schema
    if isinstance(kind, inspect.UnionType):
        schema = next(branch for branch in schema if branch != "null")
        inner = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
        return _within(_optional, _changes(schema, inner, names, path))
    match schema, kind:
        case {"fields": fields}, inspect.StructType():
            return _fields(fields, kind, names, path)
        case {"fields": fields}, inspect.TupleType():
            return _pair(fields, kind, names, path)
        case {"type": "array", "items": items}, inspect.VarTupleType(item_type=item):
            return _within(_each, _changes(items, item, names, f"{path}[...]"))
        case {"type": "map", "values": values}, inspect.DictType(value_type=value):
            return _within(_values, _changes(values, value, names, f"{path}[...]"))
        case _:
            return _leaf(schema, kind, path)


def _leaf(schema: Any, kind: inspect.Type, path: str) -> Both:
    match schema, kind:
        case {"logicalType": "timestamp-millis"}, _:
            return _time(kind)
        case "string", inspect.DictType():
            return lambda text: _free_form(text, path), lambda value: msgspec.json.encode(value).decode()
        case "double", _:
            return lambda number: _finite(number, path), None
        case _:
            return None, None


def _within(wrap: Callable[[Change], Change], inner: Both) -> Both:
    read, write = inner
    return read and wrap(read), write and wrap(write)


def _fields(fields: list[Schema], kind: inspect.StructType, names: dict[str, Any], path: str) -> Both:
    types = {each.encode_name: each.type for each in kind.fields}
    reads: list[tuple[str, Change]] = []
    writes: list[tuple[str, Change]] = []
    for field in fields:
        name = field["name"]
        read, write = _changes(field["type"], types[name], names, f"{path}.{name}" if path else name)
        if read is not None:
            reads.append((name, read))
        if write is not None:
            writes.append((name, write))
    return _at(reads), _at(writes)


def _pair(fields: list[Schema], kind: inspect.TupleType, names: dict[str, Any], path: str) -> Both:
    """Return the changes between an Avro record and a tuple of as many different things."""
    keys = [field["name"] for field in fields]
    inner = [_changes(f["type"], t, names, f"{path}.{f['name']}") for f, t in zip(fields, kind.item_types, strict=True)]
    reads = [read or _same for read, _ in inner]
    writes = [write or _same for _, write in inner]
    return (
        lambda datum: [read(datum[key]) for key, read in zip(keys, reads, strict=True)],
        lambda items: {key: write(item) for key, write, item in zip(keys, writes, items, strict=True)},
    )


def _time(kind: inspect.Type) -> Both:
    match kind:
        case inspect.DateTimeType():
            return _moment, None
        case inspect.IntType():
            return _milliseconds, None
        case _:
            return lambda value: iso(_milliseconds(value)), lambda text: milliseconds(datetime.fromisoformat(text))


def _moment(value: Any) -> Any:
    """Return a time as a moment; a writer without the logical type leaves milliseconds."""
    return _EPOCH + timedelta(milliseconds=value) if isinstance(value, int) else value


def _milliseconds(value: Any) -> Any:
    return milliseconds(value) if isinstance(value, datetime) else value


def _free_form(text: Any, path: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except Exception:  # noqa: BLE001 - any text may stand here; what the decoder says quotes it
        raise Rejected("invalid_json", path) from None


def _finite(number: Any, path: str) -> Any:
    if isinstance(number, float) and not math.isfinite(number):
        raise Rejected("out_of_range", path)
    return number


def _same(value: Any) -> Any:
    return value


def _optional(change: Change) -> Change:
    return lambda value: None if value is None else change(value)


def _each(change: Change) -> Change:
    return lambda values: [change(value) for value in values]


def _values(change: Change) -> Change:
    return lambda values: {key: change(value) for key, value in values.items()}


def _at(changes: list[tuple[str, Change]]) -> Change | None:
    if not changes:
        return None

    def changed(datum: dict[str, Any]) -> dict[str, Any]:
        for name, change in changes:
            if name in datum:
                datum[name] = change(datum[name])
        return datum

    return changed
