"""`moderation policy diff`, `show`: documents as they were published, and what a change is; lists by counts."""

import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from streams.cli.failure import CONFIGURATION, Failure

if TYPE_CHECKING:
    from streams.adapters.proposing import Proposal
    from streams.adapters.published import Published
    from streams.core.policy import PolicyRef

COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.argument("what", metavar="FILE | ID", nargs=1)
@click.argument("versions", metavar="[VERSION VERSION]", nargs=-1)
def diff(what: str, versions: tuple[str, ...]) -> None:
    """Show what a FILE would change of what is in force, or what changed of a policy ID between two versions."""
    from streams.adapters.policies import PolicyErrors
    from streams.adapters.proposing import proposed
    from streams.adapters.publishing import published
    from streams.settings import Settings

    if versions and len(versions) != 2:  # noqa: PLR2004  from and to
        raise click.UsageError("name a FILE, or an ID and two versions")
    if not versions:
        try:
            (proposal,) = proposed([Path(what)])
        except PolicyErrors as errors:
            raise Failure(str(errors), CONFIGURATION) from None
        lines = changes(proposal, published(Settings()), whole=True)
    else:
        found = published(Settings())
        lines = between(found, _ref(found, what, versions[0]), _ref(found, what, versions[1]))
    for line in lines:
        click.secho(line, fg=COLOURS.get(line[:1]))


@click.command()
@click.argument("what", metavar="ID[@VERSION]")
def show(what: str) -> None:
    """Print the document of a policy in force, or of one of its versions."""
    from streams.adapters.publishing import published
    from streams.settings import Settings

    name, _, version = what.partition("@")
    found = published(Settings())
    document, _ = _read(found, _ref(found, name, version))
    sys.stdout.write(document if document.endswith("\n") else document + "\n")


def changes(proposal: "Proposal", found: "Published", *, whole: bool = False) -> Iterator[str]:
    """Yield what a proposal would change, a line of sums first; the lines of the document where it is wanted whole."""
    from streams.core.policy import PolicyRef

    current = found.in_force.get(proposal.ref.id)
    if current is None:
        yield f"{proposal.ref.id}: new -> {proposal.ref.version}, {len(proposal.files)} files"
        return
    if current.version == proposal.ref.version:
        yield f"{proposal.ref.id}: {current.version}, nothing changes"
        return
    document, files = _read(found, PolicyRef(proposal.ref.id, current.version))
    lines = _unified(document, proposal.document, current.version, proposal.ref.version)
    yield f"{proposal.ref.id}: {current.version} -> {proposal.ref.version}, {_sums(lines)}"
    yield from _lists(files, proposal.files)
    if whole:
        yield from lines


def between(found: "Published", before: "PolicyRef", after: "PolicyRef") -> Iterator[str]:
    """Yield what changed between two versions of a policy."""
    (old, old_files), (new, new_files) = _read(found, before), _read(found, after)
    lines = _unified(old, new, before.version, after.version)
    yield f"{before.id}: {before.version} -> {after.version}, {_sums(lines)}"
    yield from _lists(old_files, new_files)
    yield from lines


def _ref(found: "Published", policy_id: str, version: str) -> "PolicyRef":
    from streams.core.applying import policy_named, version_named
    from streams.core.policy import PolicyRef

    current = policy_named(found.in_force, policy_id)
    return PolicyRef(policy_id, version_named(current, version) if version else current.version)


def _read(found: "Published", ref: "PolicyRef") -> tuple[str, Mapping[str, bytes]]:
    """Return a published document and its files; raise Failure where something of it is missing."""
    from streams.adapters.lists import Unreadable

    try:
        source = found.source(ref)
        return source.text(), source.files
    except Unreadable as error:
        raise Failure(str(error), CONFIGURATION) from None


def _unified(before: str, after: str, old: str, new: str) -> list[str]:
    return list(difflib.unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm=""))


def _sums(lines: list[str]) -> str:
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    return f"+{added} -{removed} lines"


def _lists(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[str]:
    """Yield a line for each list file that changed."""
    for name in sorted(before.keys() | after.keys()):
        old, new = (set(files.get(name, b"").splitlines()) for files in (before, after))
        if old != new:
            yield f"  {name}: +{len(new - old)} -{len(old - new)} lines"
