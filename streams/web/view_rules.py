"""What rulings say of rules, as a page shows it."""

from collections.abc import Iterable

from msgspec import Struct

from streams.core.precision import RulePrecision
from streams.core.queue_filter import Filter
from streams.core.shown import named
from streams.web.view_filter import query_of
from streams.web.view_words import words


class RuleLine(Struct, frozen=True):
    """A rule and what was said of it."""

    policy: str
    name: str
    label: str
    href: str  # its items
    confirmed: int
    overruled: int
    precision: str
    between: str
    suggested: str


class RulesView(Struct, frozen=True):
    """All rules of which something was said."""

    rules: tuple[RuleLine, ...]


def rules_view(found: Iterable[RulePrecision]) -> RulesView:
    """Return the rules, those that are right the least often first."""
    ordered = sorted(found, key=lambda one: (one.share.precision if one.share.precision is not None else 2.0, one.rule))
    return RulesView(tuple(_line(one) for one in ordered))


def _line(one: RulePrecision) -> RuleLine:
    name = f"{one.engine}.{one.rule}"
    share = one.share
    suggested = words(one.lacking or "") if one.suggestion is None else f"{one.suggestion.threshold:g}"
    return RuleLine(
        policy=named(one.policy_id),
        name=named(name),
        label=named(one.label),
        href="/" + query_of(Filter(status="all", rules=(name,))),
        confirmed=share.confirmed,
        overruled=share.overruled,
        precision="" if share.precision is None else f"{share.precision * 100:.0f} %",
        between=f"{share.low * 100:.0f} to {share.high * 100:.0f} %",
        suggested=suggested,
    )
