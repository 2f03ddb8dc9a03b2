"""`moderation policy apply`, `rollback`, `retire`: what is in force changes, and every worker says that it knows."""

import getpass
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
import msgspec

from streams.cli.failure import CONFIGURATION, FAILED, Failure

if TYPE_CHECKING:
    from streams.adapters.publishing import Plan

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

PATIENCE: Final = 30.0  # seconds


def waiting(command: F) -> F:
    """Add the options of every command that changes what is in force."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="One JSON object; does not ask."),
        click.option(
            "--wait",
            type=click.FloatRange(0, 3600),
            default=PATIENCE,
            show_default=True,
            help="Seconds until every live worker must have it; 0 does not wait.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask."),
    ):
        command = option(command)
    return command


def saying(command: F) -> F:
    """Add the options of every command that is kept in the history."""
    for option in (
        click.option("--by", help="Who changes it; you, without it."),
        click.option("--note", help="Why; kept in the history."),
    ):
        command = option(command)
    return waiting(command)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path(path_type=Path), required=True)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@saying
def apply(
    files: tuple[Path, ...], dry_run: bool, note: str | None, by: str | None, yes: bool, wait: float, as_json: bool
) -> None:
    """Put the policies of files in force in every worker, without a restart.

    All of them together, or none. Refused are policies that `moderation policy check` refuses, and such as claim the
    same content. Exit code 1 when a live worker has not taken it after --wait seconds.
    """
    from streams.adapters.policies import PolicyErrors
    from streams.adapters.proposing import UNCLAIMED, applying, claims, proposed, uncovered
    from streams.adapters.publishing import published
    from streams.cli.needing import roles_for
    from streams.cli.policy_diff import changes
    from streams.settings import Settings

    settings = Settings()
    try:
        proposals = proposed(files)
    except PolicyErrors as errors:
        for error in errors.errors:
            click.secho(f"error  {error}", fg="red", err=True)
        raise Failure("nothing was published: correct the policy", CONFIGURATION) from None
    before = _unless_refused(lambda: published(settings))
    new = _unless_refused(lambda: applying(proposals, who(by, note))(before))
    if not as_json:
        for proposal in proposals:
            print("\n".join(changes(proposal, before)))
            for warning in proposal.loaded.warnings:
                click.secho(f"warning  {warning}", fg="yellow")
        if uncovered(claims(before, proposals)):
            click.secho(f"warning  {UNCLAIMED}", fg="yellow")
    if dry_run or not new:
        if as_json:
            _json([proposal.ref for proposal in proposals if new], [], complete=True)
        elif not dry_run:
            print("in force already")
        return
    _ask(yes=yes or as_json)
    roles = roles_for([proposal.loaded.policy for proposal in proposals], settings)
    _carry_out(settings, applying(proposals, who(by, note)), [each.ref for each in proposals], [], wait, as_json, roles)


@click.command()
@click.argument("policy_id", metavar="ID")
@click.argument("version", required=False)
@saying
def rollback(
    policy_id: str, version: str | None, note: str | None, by: str | None, yes: bool, wait: float, as_json: bool
) -> None:
    """Put a version that was in force again: VERSION, or the one before."""
    from streams.adapters.proposing import returning
    from streams.adapters.publishing import published
    from streams.core.applying import policy_named, version_before, version_named
    from streams.core.policy import PolicyRef
    from streams.settings import Settings

    settings = Settings()
    current = policy_named(published(settings).in_force, policy_id)
    ref = PolicyRef(policy_id, version_named(current, version) if version else version_before(current))
    if not as_json:
        print(f"{policy_id}: {current.version} -> {ref.version}")
    _ask(yes=yes or as_json)
    said = who(by, note or f"back from {current.version}")
    _carry_out(settings, returning(ref, said), [ref], [], wait, as_json)


@click.command()
@click.argument("policy_id", metavar="ID")
@waiting
def retire(policy_id: str, yes: bool, wait: float, as_json: bool) -> None:
    """Take a policy out of force, with its history; where none is left, workers judge by their own default."""
    from streams.adapters.proposing import UNCLAIMED, claims, retiring, uncovered
    from streams.adapters.publishing import published
    from streams.core.applying import policy_named
    from streams.settings import Settings

    settings = Settings()
    found = published(settings)
    current = policy_named(found.in_force, policy_id)
    if not as_json:
        print(f"{policy_id}: {current.version} -> retired")
        left = [claim for claim in claims(found, ()) if claim.ref.id != policy_id]
        if not left:
            line = "no policy is left: workers judge by the file of MODERATION_POLICY, or the shipped default"
            click.secho(f"warning  {line}", fg="yellow")
        elif uncovered(left):
            click.secho(f"warning  {UNCLAIMED}", fg="yellow")
    _ask(yes=yes or as_json)
    gone = [policy_id] if len(found.in_force) > 1 else []  # the default may have the same id
    _carry_out(settings, retiring(policy_id), [], gone, wait, as_json)


def who(by: str | None, note: str | None) -> Any:
    """Return who changes what is in force, now."""
    from streams.adapters.proposing import Who

    if by is None:
        try:
            by = getpass.getuser()
        except (ImportError, KeyError, OSError):  # a container without a user of that number
            by = "unknown"
    return Who(by, note, int(time.time() * 1000))


def _carry_out(
    settings: Any,
    plan: "Plan",
    refs: list[Any],
    gone: list[str],
    wait: float,
    as_json: bool,
    roles: Sequence[str] = (),
) -> None:
    """Publish, wait for the workers, and end with exit code 1 when one is missing; tell of `roles` that nobody has."""
    from streams.adapters.publishing import publish
    from streams.cli.reaching import Awaited, awaited, names

    at = _unless_refused(lambda: publish(settings, plan))
    if not as_json:
        print(f"published {names(refs)}" if refs else "published")
    rows: list[dict[str, Any]] = []
    complete = True
    if wait > 0:
        rows, complete = awaited(settings, Awaited(tuple(refs), tuple(gone), at), wait, quiet=as_json)
    # Where nobody runs at all, the next to start runs what is needed.
    missing = [role for role in roles if all(row["role"] != role for row in rows)] if rows else []
    if as_json:
        _json(refs, rows, missing, complete=complete)
    for role in [] if as_json else missing:
        click.secho(f"warning  no worker has the role {role}: moderation worker --role {role}", fg="yellow")
    if not complete:
        if not as_json:
            click.secho("not in force everywhere: see `moderation policy status`", fg="red", err=True)
        click.get_current_context().exit(FAILED)


def _json(refs: list[Any], workers: list[dict[str, Any]], missing: Sequence[str] = (), *, complete: bool) -> None:
    result = {"published": refs, "workers": workers, "missing_roles": missing, "complete": complete}
    print(msgspec.json.encode(result).decode())


def _unless_refused(work: Callable[[], T]) -> T:
    """Return what the work returns; a refusal is one line."""
    from streams.adapters.lists import Unreadable
    from streams.core.panel import Conflict

    try:
        return work()
    except Conflict as conflict:
        raise Failure("; ".join(conflict.lines), CONFIGURATION) from None
    except Unreadable as error:
        raise Failure(str(error), CONFIGURATION) from None


def _ask(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("nobody is there to be asked: say --yes")
    click.confirm("Put it in force?", abort=True)
