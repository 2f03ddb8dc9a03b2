"""Proposals: policy files in, what publishing them would change out; refused where it would break what is in force."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from streams.adapters.packed import packed
from streams.adapters.policies import Loaded, load_from
from streams.adapters.published import Published
from streams.adapters.publishing import Plan, outdated
from streams.adapters.sources import OnDisk
from streams.adapters.strict_yaml import NotStrict, parsed
from streams.core.applies import AppliesTo
from streams.core.applying import Impossible, in_force, policy_named
from streams.core.label import KINDS
from streams.core.panel import Conflict, conflicts
from streams.core.policy import Policy, PolicyRef
from streams.core.published import FilePart, InForce, ListFile, PolicyVersion, PublishedRecord

UNCLAIMED = "content that no policy claims is allowed: apply a policy without tenants and conversations for the rest"


class Proposal(NamedTuple):
    """A policy that holds, with what it was read from."""

    loaded: Loaded
    document: str
    files: Mapping[str, bytes]  # by the name in the document

    @property
    def ref(self) -> PolicyRef:
        """Return id and version."""
        return self.loaded.policy.ref


class Who(NamedTuple):
    """Who puts something in force, when, and what is said of it."""

    by: str
    note: str | None
    now: int  # milliseconds since 1970


def proposed(files: Iterable[Path]) -> list[Proposal]:
    """Return the policies of files; raise PolicyErrors with all that is wrong, Impossible for two of one id."""
    found: dict[str, Proposal] = {}
    for file in files:
        source = OnDisk(file)
        loaded = load_from(source)
        name = loaded.policy.ref.id
        if name in found:
            raise Impossible(f"two files call themselves {name}: give one of them another id")
        found[name] = Proposal(loaded, source.text(), dict(source.read))
    return list(found.values())


def applying(proposals: Sequence[Proposal], who: Who) -> Plan:
    """Return what puts policies in force; it raises Conflict. It is nothing where all of it is there already."""

    def plan(found: Published) -> list[PublishedRecord | bytes]:
        refuse(claims(found, proposals))
        made = [record for proposal in proposals for record in _version(proposal, found)]
        forces = [_force(found, proposal.ref, who) for proposal in proposals if proposal.ref not in found.refs]
        unique = {(record.sha256, record.number) if isinstance(record, FilePart) else record: record for record in made}
        added: list[PublishedRecord] = [*unique.values(), *forces]  # what judges comes last, together
        return [*outdated(found, added), *added] if added else []

    return plan


def returning(ref: PolicyRef, who: Who) -> Plan:
    """Return what puts a version that was published in force again; it raises Conflict, Impossible, Unreadable."""

    def plan(found: Published) -> list[PublishedRecord | bytes]:
        policy_named(found.in_force, ref.id)
        found.source(ref)  # whole, and undamaged
        refuse([*(claim for claim in claims(found, ()) if claim.ref.id != ref.id), *_claim(found, ref)])
        return [] if ref in found.refs else [_force(found, ref, who)]

    return plan


def retiring(policy_id: str) -> Plan:
    """Return what takes a policy out of force; it raises Impossible."""

    def plan(found: Published) -> list[PublishedRecord | bytes]:
        policy_named(found.in_force, policy_id)
        return [policy_id.encode()]

    return plan


def claims(found: Published, proposals: Sequence[Proposal]) -> list[Policy]:
    """Return what each policy would claim: proposals in place of what is in force, engines left out."""
    new = {proposal.ref.id for proposal in proposals}
    others = [claim for ref in found.refs if ref.id not in new for claim in _claim(found, ref)]
    return [*others, *(proposal.loaded.policy for proposal in proposals)]


def refuse(policies: Sequence[Policy]) -> None:
    """Raise Conflict where two policies claim the same content."""
    if lines := conflicts(policies):
        raise Conflict(lines)


def uncovered(policies: Iterable[Policy]) -> bool:
    """Say whether some content is claimed by no policy."""
    kinds = [policy.kinds for policy in policies if policy.claim.specificity == 0]
    return not frozenset(KINDS) <= frozenset().union(*kinds)


def _claim(found: Published, ref: PolicyRef) -> Iterator[Policy]:
    """Yield what a published version claims; nothing where it cannot be read: no worker judges by it either."""
    version = found.versions.get(ref)
    if version is None:
        return
    try:
        raw = parsed(version.document)
        applies = AppliesTo.model_validate(raw.get("applies_to", {}))
    except (AttributeError, NotStrict, ValidationError):
        return
    yield Policy(
        ref=ref,
        kinds=frozenset(applies.kinds),
        rules={},
        text_engines=(),
        media_engines=(),
        exempt=(),
        failure={},
        failure_action="flag",
        deadline_ms=0,
        claim=applies.claim(),
    )


def _version(proposal: Proposal, found: Published) -> Iterator[PolicyVersion | FilePart]:
    """Yield the records of a version that are not there already: what is missing or damaged is mended."""
    named: list[ListFile] = []
    for path, data in sorted(proposal.files.items()):
        file, parts = packed(path, data)
        there = found.file(file.sha256)
        named.append(ListFile(path, file.sha256, there.parts if there else file.parts))
        if there is None:
            yield from parts
    version = PolicyVersion(proposal.ref.id, proposal.ref.version, proposal.document, tuple(named))
    if proposal.ref not in found.refs or found.versions.get(proposal.ref) is None:
        yield version


def _force(found: Published, ref: PolicyRef, who: Who) -> InForce:
    return in_force(found.in_force.get(ref.id), ref, by=who.by, note=who.note, now=who.now)
