"""What a worker says of itself on `workers`: its role, the policy versions it judges by, its lag, fallen breakers."""

import msgspec

from streams.core.content import Count, Id, Milliseconds, Short
from streams.core.policy import PolicyRef


class Unloaded(msgspec.Struct, frozen=True, gc=False):
    """A published version that this worker could not load: it goes on with the last good one."""

    policy: PolicyRef
    reason: str


class Tripped(msgspec.Struct, frozen=True, gc=False):
    """A rule that suddenly triggered far more often than it used to: it does no more than `flag`."""

    policy_id: Id
    engine: Short
    rule: Short
    since: Milliseconds
    share: float  # of what was judged, 0..1, when it fell
    baseline: float  # 0..1, before


class WorkerStatus(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record on `workers`, keyed by worker; a tombstone says that it stopped."""

    worker_id: Id  # role and a random part; another one after each start
    role: Short
    started_at: Milliseconds
    at: Milliseconds
    app_version: Short
    policies: tuple[PolicyRef, ...]  # in force here
    lag: Count = 0  # records of its source topics that it owns and has not applied
    unloaded: tuple[Unloaded, ...] = ()
    tripped: tuple[Tripped, ...] = ()
