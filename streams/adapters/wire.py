"""Bytes of a topic in, records out, and back: JSON, Avro single-object encoding, Confluent framing, by the first byte.

Reading is the validation: a record that breaks the contract is `Rejected` with reason and field. Nothing else is
raised, but `UnknownSchema` when a registry must be asked first.
"""

from collections.abc import Callable, Sequence
from types import UnionType
from typing import Final, Generic, Literal, TypeVar, get_args
from uuid import UUID

import msgspec

from streams.adapters.avro import AvroDecoder, AvroRecord
from streams.adapters.registry import Registry
from streams.adapters.rejected import Rejected, UnknownSchema, rejected
from streams.adapters.schemas import RECORDS, Schema, fingerprint, newest, shipped

__all__ = ["Form", "Reader", "Rejected", "UnknownSchema", "Writer"]

Form = Literal["json", "avro", "confluent"]
T = TypeVar("T")

SCHEMA_HEADER: Final = "__value_schema_id"  # of confluent-kafka: the value then has no prefix
_CONFLUENT: Final = b"\x00"
_SINGLE_OBJECT: Final = b"\xc3\x01"
_OBJECT: Final = ord("{")
_SPACE: Final = frozenset(b" \t\r\n")


class Reader(Generic[T]):
    """Reads the values of one topic. `record_type` is a record or a union of records, `limit` the most bytes.

    `schemas` are the writer schemas of single-object encoding by record name, the shipped ones without it.
    """

    def __init__(
        self,
        record_type: type[T] | UnionType,
        *,
        limit: int,
        registry: Registry | None = None,
        schemas: dict[str, Sequence[Schema]] | None = None,
    ) -> None:
        self._limit = limit
        self._registry = registry
        self._json: Callable[[bytes], T] = msgspec.json.Decoder(record_type).decode
        types = get_args(record_type) or (record_type,)
        names = [name for name, each in RECORDS.items() if each in types]
        known = schemas or {name: list(shipped(name).values()) for name in names}
        self._records = {name: AvroRecord(RECORDS[name], known[name][-1]) for name in names}
        self._by_fingerprint: dict[bytes, AvroDecoder[msgspec.Struct]] = {
            fingerprint(schema): self._records[name].decoder(schema) for name in names for schema in known[name]
        }
        self._by_id: dict[int | str, AvroDecoder[msgspec.Struct]] = {}

    def read(self, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] | None = ()) -> T:
        """Return the record; raise Rejected, or UnknownSchema when the registry must be asked for its id first."""
        # the common case first: this runs for every record
        if not (value and value[0] == _OBJECT and self._registry is None and len(value) <= self._limit):
            if not value:
                raise Rejected("tombstone" if value is None else "empty")
            if len(value) > self._limit:
                raise Rejected("too_large")
            if headers and self._registry is not None:
                for name, mark in headers:
                    if name == SCHEMA_HEADER:
                        return self._registered(value, _schema_id(mark or b""), 0)
            if value[0] != _OBJECT and value[0] not in _SPACE:
                return self._avro(value)
        try:
            return self._json(value)
        except Exception as error:  # noqa: BLE001 - whatever a decoder of hostile bytes raises is a rejection
            raise rejected(error) from None

    def _avro(self, value: bytes) -> T:
        if value[:2] == _SINGLE_OBJECT:
            decode = self._by_fingerprint.get(value[2:10])
            if decode is None:
                raise Rejected(self._foreign(value[2:10]))
            return decode(value, 10)  # type: ignore[return-value]  # the union's types are the decoders' types
        if value[:1] == _CONFLUENT:
            if len(value) < 5:  # noqa: PLR2004 - one byte 00, four of the id
                raise Rejected("truncated")
            return self._registered(value, int.from_bytes(value[1:5], "big"), 5)
        raise Rejected("unknown_format")

    @staticmethod
    def _foreign(mark: bytes) -> Literal["truncated", "wrong_schema", "unknown_schema"]:
        """Tell the schema of another record of ours from one that nobody knows."""
        if len(mark) < 8:  # noqa: PLR2004 - bytes of a fingerprint
            return "truncated"
        ours = any(fingerprint(schema) == mark for name in RECORDS for schema in shipped(name).values())
        return "wrong_schema" if ours else "unknown_schema"

    def _registered(self, value: bytes, schema_id: int | str, start: int) -> T:
        decode = self._by_id.get(schema_id)
        if decode is None:
            decode = self._by_id[schema_id] = self._decoder(schema_id)
        return decode(value, start)  # type: ignore[return-value]  # the union's types are the decoders' types

    def _decoder(self, schema_id: int | str) -> AvroDecoder[msgspec.Struct]:
        if self._registry is None:
            raise Rejected("no_registry")
        found = self._registry.schema(schema_id)
        record = self._records.get(found.record)
        if record is None:
            raise Rejected("wrong_schema")
        return record.decoder(found.schema)


def _schema_id(mark: bytes) -> int | str:
    """Return the schema id of a header: 01 and a GUID of 16 bytes, or 00 and a number of 4 bytes."""
    match mark[:1], len(mark):
        case b"\x01", 17:
            return str(UUID(bytes=mark[1:]))
        case b"\x00", 5:
            return int.from_bytes(mark[1:], "big")
        case _:
            raise Rejected("unknown_schema")


class Writer:
    """Writes one record type in the form that is set. Confluent framing needs `await registry.prepare([record])` first.

    Raises LookupError when no such record exists or the registry has not been prepared for it.
    """

    def __init__(self, form: Form, record: str, registry: Registry | None = None) -> None:
        self.write: Callable[[msgspec.Struct], bytes]  # the record's bytes
        if form == "json":
            self.write = msgspec.json.Encoder().encode
            return
        schema = newest(record)
        if form == "avro":
            prefix = _SINGLE_OBJECT + fingerprint(schema)
        elif registry is None:
            raise LookupError("wire form confluent needs a schema registry: set MODERATION_REGISTRY_URL")
        else:
            prefix = _CONFLUENT + registry.written(record).to_bytes(4, "big")
        encode = AvroRecord(RECORDS[record], schema).encode
        self.write = lambda value: encode(value, prefix)
