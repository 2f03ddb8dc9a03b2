"""`moderation policy status`, `history`, `release`: what is in force where, what was, and rules that are held."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from streams.core.moment import iso

if TYPE_CHECKING:
    from streams.adapters.published import Published
    from streams.adapters.workers import Workers
    from streams.core.published import Applied, InForce
    from streams.core.worker_status import WorkerStatus

EVERY: Final = 1.0  # seconds between two looks with --watch


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--watch", is_flag=True, help="Show it anew every second, until Ctrl-C.")
def status(as_json: bool, watch: bool) -> None:
    """Show the policies in force, and what each worker judges by."""
    from streams.adapters.publishing import published
    from streams.adapters.workers import workers
    from streams.settings import Settings

    settings = Settings()
    while True:
        found, there = published(settings), workers(settings)
        now = int(time.time() * 1000)
        if watch and not as_json:
            click.clear()
        if as_json:
            print(msgspec.json.encode(_object(found, there, now)).decode(), flush=True)
        else:
            _show(found, there, now)
        if not watch:
            return
        time.sleep(EVERY)


@click.command()
@click.argument("policy_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def history(policy_id: str, as_json: bool) -> None:
    """Show which versions of a policy were in force, since when, by whom and why; the newest first."""
    from streams.adapters.publishing import published
    from streams.cli.topics import table
    from streams.core.applying import policy_named
    from streams.settings import Settings

    current = policy_named(published(Settings()).in_force, policy_id)
    every: list[InForce | Applied] = [current, *current.history]
    rows = [{"version": one.version, "since": iso(one.at), "by": one.by, "note": one.note or ""} for one in every]
    if as_json:
        print(msgspec.json.encode(rows).decode())
    else:
        table(rows)


@click.command()
@click.argument("rule", metavar="ENGINE/RULE")
@click.option("--policy", "policy_id", metavar="ID", help="Of which policy; of all in which it is held, without it.")
@click.option("--by", help="Who releases it; you, without it.")
def release(rule: str, policy_id: str | None, by: str | None) -> None:
    """Let a rule act again that is held at `flag` because it suddenly triggered too often."""
    from streams.adapters.publishing import publish
    from streams.adapters.workers import workers
    from streams.cli.policy_apply import who
    from streams.core.applying import Impossible
    from streams.core.published import RuleReleased
    from streams.settings import Settings

    engine, slash, name = rule.partition("/")
    if not slash or not engine or not name:
        raise click.UsageError(f"{rule} names no rule: write ENGINE/RULE")
    settings = Settings()
    now = int(time.time() * 1000)
    held = {
        one.policy_id
        for each in workers(settings).alive(now)
        for one in each.tripped
        if (one.engine, one.rule) == (engine, name)
    }
    names = [policy_id] if policy_id else sorted(held)
    if not names:
        raise Impossible(f"no worker holds {rule}: see `moderation policy status`, or name the policy with --policy")
    said = who(by, None)
    publish(settings, lambda _: [RuleReleased(each, engine, name, said.now, said.by) for each in names])
    print(f"released {rule} of {', '.join(names)}")


def _object(found: "Published", there: "Workers", now: int) -> dict[str, Any]:
    in_force = [msgspec.structs.replace(found.in_force[name], history=()) for name in sorted(found.in_force)]
    return {"policies": in_force, "workers": there.alive(now), "silent": there.lost(now)}


def _show(found: "Published", there: "Workers", now: int) -> None:
    from streams.cli.topics import table

    if found.in_force:
        table(
            [
                {
                    "policy": one.policy_id,
                    "version": one.version,
                    "since": iso(one.at),
                    "by": one.by,
                    "note": one.note or "",
                }
                for _, one in sorted(found.in_force.items())
            ]
        )
    else:
        print("no policy is published: workers judge by the file of MODERATION_POLICY, or the shipped default")
    live = there.alive(now)
    if live:
        print()
        table([_row(each, now) for each in live])
    else:
        print("no worker is running")
    for line in _alarms(live, there.lost(now), now):
        click.secho(line, fg="red")


def _row(each: "WorkerStatus", now: int) -> dict[str, Any]:
    return {
        "worker": each.worker_id,
        "judges by": ", ".join(f"{ref.id} {ref.version}" for ref in each.policies),
        "lag": each.lag,
        "last word": f"{max(0, now - each.at) / 1000:.0f} s ago",
        "held rules": len(each.tripped),
        "not loaded": len(each.unloaded),
    }


def _alarms(live: "Sequence[WorkerStatus]", lost: "Sequence[WorkerStatus]", now: int) -> Iterator[str]:
    for each in live:
        for bad in each.unloaded:
            yield f"{each.worker_id}: {bad.policy.id} {bad.policy.version} is not loaded: {bad.reason}"
        for one in each.tripped:
            yield (
                f"{each.worker_id}: {one.engine}/{one.rule} of {one.policy_id} is held at flag since {iso(one.since)}: "
                f"{one.share:.1%} instead of {one.baseline:.1%}"
            )
    for each in lost:
        yield f"{each.worker_id}: no word for {(now - each.at) / 1000:.0f} s: it crashed, or cannot reach Kafka"
