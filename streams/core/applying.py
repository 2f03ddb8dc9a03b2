"""Applying policies: what was published in, which versions are in force next out. Pure; time and who are arguments."""

from collections.abc import Iterable, Mapping
from typing import Final

from streams.core.policy import PolicyRef
from streams.core.published import Applied, InForce

MOST_HISTORY: Final = 50  # versions of a policy that can be gone back to


class Impossible(ValueError):
    """What is asked for cannot be done; one line that says why and what to do."""

    exit_code: Final = 1


def in_force(before: InForce | None, ref: PolicyRef, *, by: str, note: str | None, now: int) -> InForce:
    """Return that a version is in force from now on, with what was in force before it."""
    history = () if before is None else (Applied(before.version, before.at, before.by, before.note), *before.history)
    return InForce(ref.id, ref.version, now, by, note, history[:MOST_HISTORY])


def version_before(current: InForce) -> str:
    """Return the version that was in force before; raise Impossible where there was no other."""
    for applied in current.history:
        if applied.version != current.version:
            return applied.version
    raise Impossible(f"{current.policy_id} has had no other version: apply a file")


def version_named(current: InForce, text: str) -> str:
    """Return the version in force or in the history that begins with a text; raise Impossible for none or several."""
    found = list(
        dict.fromkeys(v for v in (current.version, *(a.version for a in current.history)) if v.startswith(text))
    )
    if len(found) == 1 and text:
        return found[0]
    if not found or not text:
        raise Impossible(f"{current.policy_id} has no version {text}: see `moderation policy history`")
    raise Impossible(f"{text} may be {' or '.join(found)}: write more of it")


def kept(every: Iterable[InForce]) -> frozenset[PolicyRef]:
    """Return the versions that are in force or can be gone back to."""
    return frozenset(
        PolicyRef(one.policy_id, version)
        for one in every
        for version in (one.version, *(applied.version for applied in one.history))
    )


def policy_named(policies: Mapping[str, InForce], policy_id: str) -> InForce:
    """Return the policy in force of an id; raise Impossible, naming those that are."""
    try:
        return policies[policy_id]
    except KeyError:
        known = ", ".join(sorted(policies)) or "none"
        raise Impossible(f"no policy {policy_id} is in force (in force: {known})") from None
