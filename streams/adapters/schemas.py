"""The records of the wire and their Avro schemas: files in, checked schemas with names and fingerprints out.

The files are the contract (`schemas/` in the repository, `streams/schemas` in an installed package); every version of a
record that lies there can be read, the newest is written.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import fastavro
import msgspec
from fastavro.schema import fingerprint as _fingerprint
from fastavro.schema import to_parsing_canonical_form

from streams.core.case import CaseExpired, CaseOpened, Task
from streams.core.content import Message, Upload
from streams.core.decision import Decision
from streams.core.effect import Effect, EffectsDue, Outcome
from streams.core.finding import Report
from streams.core.judged_media import JudgedMedia
from streams.core.picture_task import Part, PictureTask
from streams.core.published import FilePart, InForce, PolicyVersion, RuleReleased
from streams.core.restriction import Standing
from streams.core.ruling import Ruling
from streams.core.task import TextTask
from streams.core.verdict import StandingOrder, Verdict
from streams.core.video_task import JobEnded, JobsDue, VideoTask
from streams.core.worker_status import WorkerStatus

Schema = dict[str, Any]

RECORDS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "message": Message,
    "upload": Upload,
    "task": Task,
    "text_task": TextTask,
    "picture_task": PictureTask,
    "video_task": VideoTask,
    "job_ended": JobEnded,
    "jobs_due": JobsDue,
    "case_opened": CaseOpened,
    "report": Report,
    "part": Part,
    "case_expired": CaseExpired,
    "decision": Decision,
    "judged_media": JudgedMedia,
    "verdict": Verdict,
    "standing_order": StandingOrder,
    "ruling": Ruling,
    "standing": Standing,
    "effect": Effect,
    "effects_due": EffectsDue,
    "outcome": Outcome,
    "policy_version": PolicyVersion,
    "policy_file": FilePart,
    "policy_in_force": InForce,
    "rule_released": RuleReleased,
    "worker_status": WorkerStatus,
}

TEXT_LIMIT: Final = 262_144  # characters of a schema; ours have at most 25,000
NODE_LIMIT: Final = 2_000  # types of a schema with every name written out; ours have at most 150
_FILE: Final = re.compile(r"([a-z][a-z0-9_]*)\.v([1-9][0-9]*)\.avsc")
_PRIMITIVE: Final = frozenset({"boolean", "int", "long", "float", "double", "bytes", "string"})
# Logical types that change what a value means; all others would only change the Python type of it.
_KEPT: Final = frozenset({"timestamp-millis", "timestamp-micros"})


class SchemaRefused(ValueError):
    """A schema that must not be used to decode; the text says why and holds no more than names of types."""


def folder() -> Path:
    """Return where the schema files lie; raise FileNotFoundError with one line when they are not installed."""
    package = Path(__file__).resolve().parents[1]
    for place in (package / "schemas", package.parent / "schemas"):
        if any(place.glob("*.avsc")):
            return place
    raise FileNotFoundError("no Avro schemas beside the package: install moderation-streams again")


def versions(record: str, place: Path | None = None) -> dict[int, Schema]:
    """Return every schema of a record by its version, oldest first; raise LookupError when there is none."""
    found: dict[int, Schema] = {}
    for path in (place or folder()).glob("*.avsc"):
        name = _FILE.fullmatch(path.name)
        if name and name.group(1) == record:
            found[int(name.group(2))] = checked(json.loads(path.read_text(encoding="utf-8")))
    if not found:
        raise LookupError(f"no schema for record {record}")
    return dict(sorted(found.items()))


@cache
def shipped(record: str) -> dict[int, Schema]:
    """Return the shipped schemas of a record by version; read once."""
    return versions(record)


def newest(record: str) -> Schema:
    """Return the shipped schema that a record is written with."""
    return list(shipped(record).values())[-1]


def published(record: str) -> str:
    """Return the text of the shipped schema that a record is written with, as a registry should show it."""
    return (folder() / f"{record}.v{max(shipped(record))}.avsc").read_text(encoding="utf-8")


def full_name(schema: Schema) -> str:
    """Return a record schema's name with its namespace, such as `moderation.Message`."""
    name = str(schema.get("name", ""))
    space = schema.get("namespace")
    return f"{space}.{name}" if space and "." not in name else name


def fingerprint(schema: Schema) -> bytes:
    """Return the 8 bytes, little-endian CRC-64-AVRO, by which single-object encoding names a schema."""
    # fastavro writes the bytes in the order of the wire
    return bytes.fromhex(_fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def checked(schema: Any) -> Schema:
    """Return a record schema ready for fastavro; raise SchemaRefused for one that could harm the decoder.

    Refused: no record, a recursive type, items that take no bytes, more than NODE_LIMIT types, invalid Avro.
    """
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise SchemaRefused("the schema is not a record")
    try:
        _Lint().check(schema)
        parsed: Schema = fastavro.parse_schema(_without_logical_types(schema), named_schemas={})
    except SchemaRefused:
        raise
    except RecursionError:
        raise SchemaRefused("the schema is too deep") from None
    except Exception as error:  # noqa: BLE001 - a stranger's schema makes the parser raise anything
        raise SchemaRefused(f"the schema is not valid Avro: {type(error).__name__}") from None
    return parsed


def _without_logical_types(node: Any) -> Any:
    """Return a copy of a schema without the logical types that only change the Python type of a value."""
    match node:
        case list():
            return [_without_logical_types(item) for item in node]
        case dict():
            kept = {
                key: _without_logical_types(value) if key in {"type", "items", "values", "fields"} else value
                for key, value in node.items()
                if not key.startswith("__fastavro")
            }
            if kept.get("logicalType") not in _KEPT:
                kept.pop("logicalType", None)
            return kept
        case _:
            return node


class _Lint:
    """Walks a schema as the decoder would, with every name written out, and counts the steps."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self.open: list[str] = []
        self.nodes = 0

    def check(self, schema: Schema) -> None:
        """Raise SchemaRefused for a record schema that could harm the decoder."""
        if len(json.dumps(schema)) > TEXT_LIMIT:
            raise SchemaRefused("the schema is too long")
        self.minimum(schema, "")

    def minimum(self, node: Any, space: str) -> int:
        """Return the fewest bytes a value takes, 0 or more; raise SchemaRefused."""
        self.nodes += 1
        if self.nodes > NODE_LIMIT:
            raise SchemaRefused("the schema has too many types")
        if isinstance(node, str):
            return self._reference(node, space)
        if isinstance(node, list):
            for branch in node:
                self.minimum(branch, space)
            return 1  # the number of the branch
        if not isinstance(node, dict):
            raise SchemaRefused("the schema has a part that is no type")
        return self._composed(node, space)

    def _composed(self, node: Schema, space: str) -> int:
        match node:
            case {"type": "array", "items": items} | {"type": "map", "values": items}:
                if self.minimum(items, space) == 0:
                    raise SchemaRefused("the schema has items that take no bytes")
                return 1
            case {"type": "record", "fields": list()}:
                return self._record(node, space)
            case {"type": "fixed" | "enum"}:
                self.named[self._name(node, space)] = node
                return max(int(node.get("size", 1)), 0)
            case {"type": inner}:
                return self.minimum(inner, space)
            case _:
                raise SchemaRefused("the schema has a part that is no type")

    def _name(self, node: Schema, space: str) -> str:
        return full_name({"namespace": space, **node})

    def _record(self, node: Schema, space: str) -> int:
        name = self._name(node, space)
        if name in self.open:
            raise SchemaRefused(f"the schema is recursive at {name}")
        self.named[name] = node
        self.open.append(name)
        inner = name.rpartition(".")[0]
        total = sum(self.minimum(field["type"], inner) for field in node["fields"])
        self.open.pop()
        return total

    def _reference(self, name: str, space: str) -> int:
        if name == "null":
            return 0
        full = full_name({"namespace": space, "name": name})
        known = full if full in self.named else name
        if known in self.open:
            raise SchemaRefused(f"the schema is recursive at {known}")
        if known in _PRIMITIVE:
            return 1  # a fixed number of bytes, or a length or number of at least one
        if known not in self.named:
            raise SchemaRefused("the schema names a type that it does not define")
        node = self.named[known]
        return self.minimum(node, known.rpartition(".")[0])
