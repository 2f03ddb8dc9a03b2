"""Waiting until a change of policies is in force: what was published in, a line for each worker out."""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import click

from streams.adapters.workers import Reached, reached
from streams.core.policy import PolicyRef
from streams.settings import Settings


class Awaited(NamedTuple):
    """What workers are to judge by."""

    refs: tuple[PolicyRef, ...]
    gone: tuple[str, ...]  # policies that are to judge no more
    since: int  # milliseconds since 1970, when it was published


def awaited(settings: Settings, wanted: Awaited, seconds: float, *, quiet: bool) -> tuple[list[dict[str, Any]], bool]:
    """Return what is to be said of each live worker, and whether all of them are there; print it unless quiet."""
    rows: list[dict[str, Any]] = []
    complete = True
    for each in reached(settings, wanted.refs, wanted.gone, wanted.since, seconds):
        if isinstance(each, Reached):
            rows.append(_row(each.status.worker_id, each.status.role, each.seconds))
            if not quiet:
                print(f"  {each.status.worker_id:<32} in force after {each.seconds:.2f} s")
            continue
        complete = not each
        for status in each:
            why = {one.policy: one.reason for one in status.unloaded}
            reason = next((why[ref] for ref in wanted.refs if ref in why), None)
            rows.append(_row(status.worker_id, status.role, None, reason))
            if not quiet:
                click.secho(
                    f"  {status.worker_id:<32} not yet: {reason or f'silent for {_age(status.at):.0f} s'}", fg="red"
                )
    if not rows and not quiet:
        print("no worker is running: the next one that starts judges by it")
    return rows, complete


def _row(worker: str, role: str, seconds: float | None, reason: str | None = None) -> dict[str, Any]:
    return {"worker": worker, "role": role, "seconds": seconds, "reason": reason}


def _age(at: int) -> float:
    return max(0.0, time.time() - at / 1000)


def names(refs: Iterable[PolicyRef]) -> str:
    """Return versions as a person reads them."""
    return ", ".join(f"{ref.id} {ref.version}" for ref in refs)
