"""What lies on `policies`: versions of policies, the files that they name, which version is in force.

All records lie in one partition, so that every reader sees the same policies at the same offset.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from streams.core.content import Count, Id, Milliseconds, Short

PUBLISHED_TAG: Final = "type"
PARTITION: Final = 0  # of all records

Digest = Annotated[str, Meta(min_length=64, max_length=64)]  # SHA-256, lower-case hexadecimal


class ListFile(msgspec.Struct, frozen=True, gc=False):
    """A file that a policy names."""

    path: Annotated[str, Meta(max_length=1024)]  # as the document writes it
    sha256: Digest
    parts: Count  # records that hold it


class PolicyVersion(msgspec.Struct, frozen=True, omit_defaults=True, tag="policy_version", tag_field=PUBLISHED_TAG):
    """One version of a policy, key `ID@VERSION`: the document as it was written, and what it names."""

    policy_id: Id
    version: Short
    document: str  # YAML
    files: tuple[ListFile, ...] = ()


class FilePart(msgspec.Struct, frozen=True, tag="policy_file", tag_field=PUBLISHED_TAG):
    """A part of a file that policies name, key `file/SHA256/NUMBER`."""

    sha256: Digest
    number: Count
    data: str  # of the whole file compressed with zlib, as base64


class Applied(msgspec.Struct, frozen=True, omit_defaults=True):
    """A version that was in force."""

    version: Short
    at: Milliseconds
    by: Short
    note: Short | None = None


class InForce(msgspec.Struct, frozen=True, omit_defaults=True, tag="policy_in_force", tag_field=PUBLISHED_TAG):
    """Which version of a policy is in force, key `ID`; a tombstone retires the policy."""

    policy_id: Id
    version: Short
    at: Milliseconds
    by: Short
    note: Short | None = None
    history: tuple[Applied, ...] = ()  # those before it, newest first


class RuleReleased(msgspec.Struct, frozen=True, tag="rule_released", tag_field=PUBLISHED_TAG):
    """A rule whose breaker fell is to act again, key `ID!ENGINE/RULE`."""

    policy_id: Id
    engine: Short
    rule: Short
    at: Milliseconds
    by: Short


PublishedRecord = PolicyVersion | FilePart | InForce | RuleReleased
