"""Users of whom something holds, as the roles that judge follow them."""

from collections.abc import Awaitable, Callable

from streams.adapters.wire import Reader
from streams.agents.standings import Standings
from streams.core.restriction import Standing
from streams.roles.parts import Parts
from streams.runtime.follow import Follower
from streams.topology import STANDINGS


def known_users(parts: Parts) -> tuple[Standings, Callable[[], Awaitable[None]]]:
    """Return what is known of users, and the task that follows it."""
    reader = Reader(Standing, limit=parts.settings.record_limit, registry=parts.registry)
    standings = Standings(reader, parts.registry)
    topic = parts.settings.topic_prefix + STANDINGS
    return standings, lambda: standings.follow(Follower(topic, parts.connection, keep=standings.keep))
