"""What a restriction of the author does to a content: its facts in, the triggered line out."""

from collections.abc import Mapping
from typing import Final

from streams.core.action import Action
from streams.core.decision import Triggered
from streams.core.facts import Facts
from streams.core.restriction import ENGINE, RestrictionKind, restriction_at

RULE_NAMES: Final = {"mute": "muted", "restrict": "restricted"}


def restriction_line(facts: Facts, actions: Mapping[RestrictionKind, Action]) -> Triggered | None:
    """Return the line of the restriction that lies upon the author when the content comes, None without one."""
    restriction = None if facts.standing is None else restriction_at(facts.standing, facts.received_at)
    if restriction is None:
        return None
    name = RULE_NAMES[restriction.kind]
    return Triggered(name, "enforce", ENGINE, name, actions[restriction.kind], why=restriction.why)
