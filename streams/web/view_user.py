"""A user as pages show one: what the store knows of him in, a card out."""

from urllib.parse import quote

from msgspec import Struct

from streams.core.moment import iso
from streams.core.restriction import Restriction, Strike
from streams.core.shown import named
from streams.store.rows import UserCard
from streams.web.view_words import words


class Past(Struct, frozen=True):
    """A violation, and how it ended."""

    label: str
    action: str
    ended: str
    at: int
    href: str  # of its item; empty: none in sight


class UserView(Struct, frozen=True):
    """The card of a user."""

    raw: str  # the id, for requests
    name: str
    href: str
    role: str
    created_at: int | None
    trust: str
    strikes: int
    strike_lines: tuple[str, ...]
    restrictions: tuple[str, ...]
    violations: int
    past: tuple[Past, ...]
    items: str


def user_href(user_id: str) -> str:
    """Return the address of a user's page."""
    return f"/users/{quote(user_id, safe='')}"


def user_view(card: UserCard) -> UserView:
    """Return how a user is shown."""
    items = {one.content_id: one for one in card.items}
    past = []
    for one in card.past:
        item = items.get(one.content_id)
        href = "" if item is None else f"/items/{item.item_id}"
        past.append(Past(named(one.label), one.action, one.ended, one.at, href))
    return UserView(
        raw=card.user_id,
        name=named(card.user_id),
        href=user_href(card.user_id),
        role=named(card.role or ""),
        created_at=card.created_at,
        trust={None: "not told", True: "trusted", False: "not trusted"}[card.trusted],
        strikes=card.strikes,
        strike_lines=tuple(_strike(one) for one in card.struck),
        restrictions=tuple(_restriction(one) for one in card.restrictions),
        violations=card.violations,
        past=tuple(past),
        items=f"{card.open} open, {card.closed} closed",
    )


def _strike(one: Strike) -> str:
    until = "for ever" if one.until is None else f"until {iso(one.until)[:10]}"
    return f"{words(named(one.label))}, {until}" + (f", counts {one.weight}" if one.weight != 1 else "")


def _restriction(one: Restriction) -> str:
    until = "until released" if one.until is None else f"until {iso(one.until)[:16].replace('T', ' ')} UTC"
    return f"{one.kind} {until}, by {named(one.by)}" + (f": {named(one.why)}" if one.why else "")
