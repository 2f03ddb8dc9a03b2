"""What lies on `policies`: raw records in, the versions, their files and which is in force out."""

import logging
from typing import Any, Final

from streams.adapters.lists import Unreadable
from streams.adapters.packed import unpacked
from streams.adapters.sources import InHand
from streams.adapters.wire import Reader, Rejected
from streams.core.policy import PolicyRef
from streams.core.published import FilePart, InForce, ListFile, PolicyVersion, PublishedRecord, RuleReleased

LIMIT: Final = 1 << 21  # bytes of a record: twice what a broker takes unless it is told otherwise

log = logging.getLogger(__name__)


class Published:
    """All policies that were published. A record that cannot be read is left out, with a line in the log."""

    def __init__(self) -> None:
        self.in_force: dict[str, InForce] = {}  # by policy id
        self.versions: dict[PolicyRef, PolicyVersion] = {}
        self.parts: dict[tuple[str, int], str] = {}  # (SHA-256 of the file, number) -> base64
        self.released: dict[tuple[str, str, str], RuleReleased] = {}  # by policy id, engine, rule
        self._keys: dict[bytes, object] = {}  # key of a record -> its place here
        self._reader: Reader[PublishedRecord] = Reader(PublishedRecord, limit=LIMIT)

    def take(self, key: bytes, value: bytes | None) -> None:
        """Take a record, or a tombstone, the later one in place of the earlier one."""
        if value is None:
            self._drop(key)
            return
        try:
            record = self._reader.read(value)
        except Rejected as rejected:
            log.error("policies: a record cannot be read: %s", rejected)  # noqa: TRY400  its text may be content
            return
        self._keys[key] = self._put(record)

    def file(self, digest: str) -> ListFile | None:
        """Return a file that lies here whole and undamaged; other machines may have compressed it otherwise."""
        for version in self.versions.values():
            for file in version.files:
                if file.sha256 == digest:
                    try:
                        self._bytes(file)
                    except Unreadable:
                        continue
                    return file
        return None

    def source(self, ref: PolicyRef) -> InHand:
        """Return a version with its files; raise Unreadable, naming what is missing or damaged."""
        version = self.versions.get(ref)
        if version is None:
            raise Unreadable(f"{ref.id} {ref.version} is not on the topic of policies: apply it again")
        files = {file.path: self._bytes(file) for file in version.files}
        return InHand(f"{ref.id}@{ref.version}", version.document, files)

    @property
    def refs(self) -> tuple[PolicyRef, ...]:
        """Return the versions in force, by policy id."""
        return tuple(PolicyRef(name, self.in_force[name].version) for name in sorted(self.in_force))

    def _bytes(self, file: ListFile) -> bytes:
        parts = [self.parts.get((file.sha256, number)) for number in range(file.parts)]
        there = [part for part in parts if part is not None]
        if len(there) < len(parts):
            raise Unreadable(f"a part of {file.path} is missing: apply the policy again")
        return unpacked(file, there)

    def _put(self, record: PublishedRecord) -> object:
        match record:
            case PolicyVersion():
                ref = PolicyRef(record.policy_id, record.version)
                self.versions[ref] = record
                return ref
            case FilePart():
                self.parts[record.sha256, record.number] = record.data
                return record.sha256, record.number
            case InForce():
                self.in_force[record.policy_id] = record
                return record.policy_id
            case RuleReleased():
                self.released[record.policy_id, record.engine, record.rule] = record
                return record.policy_id, record.engine, record.rule

    def _drop(self, key: bytes) -> None:
        place = self._keys.pop(key, None)
        every: tuple[dict[Any, Any], ...] = (self.in_force, self.versions, self.parts, self.released)
        for held in every:  # a place of one kind is none of another
            held.pop(place, None)


def key_of(record: PublishedRecord) -> bytes:
    """Return the key of a record (core/published.py)."""
    match record:
        case PolicyVersion():
            return version_key(PolicyRef(record.policy_id, record.version))
        case FilePart():
            return part_key(record.sha256, record.number)
        case InForce():
            return record.policy_id.encode()
        case RuleReleased():
            return f"{record.policy_id}!{record.engine}/{record.rule}".encode()


def version_key(ref: PolicyRef) -> bytes:
    """Return the key of a version."""
    return f"{ref.id}@{ref.version}".encode()


def part_key(digest: str, number: int) -> bytes:
    """Return the key of a part of a file."""
    return f"file/{digest}/{number}".encode()
