"""The roles that policies need: policies and settings in, roles out."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from streams.topology import Role, needed

if TYPE_CHECKING:
    from streams.core.policy import Policy
    from streams.settings import Settings


def roles_for(policies: "Iterable[Policy]", settings: "Settings") -> tuple[Role, ...]:
    """Return the roles that must run for these policies to judge and act, in the order of the list of roles."""
    policies = list(policies)
    apart = [
        engine
        for policy in policies
        for engine in (*policy.apart_engines, *policy.picture_engines, *policy.video_engines)
    ]
    effects = any(policy.effects for policy in policies)
    return needed(apart, queue=settings.sqs_queue is not None, effects=effects)
