"""Items as a queue shows them: rows of the store and what was found of them in, what the template shows out."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec import Struct

from streams.core.review_rules import ReviewRules
from streams.core.shown import Segment, excerpt, named
from streams.store.highlights import Highlight
from streams.store.rows import Row
from streams.web.view_words import band

THUMB: Final = 160  # pixels of the longer side
CARD: Final = 320
UNKNOWN: Final = Highlight(None, (), None, None, 0, "")
Rules = Callable[[str], ReviewRules]  # what a policy says of review, by its id


class Line(Struct, frozen=True):
    """An item in a list."""

    id: int
    version: int
    open: bool
    kind: str
    language: str
    tenant: str
    severity: str  # empty: none
    confidence: float | None
    band: str
    escalated: bool
    priority: int
    labels: tuple[str, ...]
    action: str
    excerpt: tuple[Segment, ...]
    thumb: str  # address of a small blurred picture; empty: none
    media: str  # address of the picture
    more_media: int
    user: str
    rule: str
    more_rules: int
    opened_at: int
    claimed_by: str  # while the claim lasts; empty: nobody
    assigned_to: str
    reasons: str  # acts for which its policy wants a reason
    shown_as: str  # changes with whatever of it may change beside its version


def line(row: Row, highlight: Highlight, rules: Rules, account: str, now: int, side: int = THUMB) -> Line:
    """Return how an item is shown in a list; `side` in pixels of its picture."""
    claimed = row.claimed_by if row.claimed_by and now < row.claimed_until else None
    picture = address(row.id, highlight.number) if row.media and highlight.number is not None else ""
    text = highlight.text if highlight.text is not None else row.text
    return Line(
        id=row.id,
        version=row.version,
        open=row.open,
        kind=row.kind,
        language=named(row.language, 20),
        tenant=named(row.tenant, 40),
        severity=row.severity or "",
        confidence=row.confidence,
        band=band(row.confidence),
        escalated=row.escalated,
        priority=row.priority,
        labels=tuple(named(label) for label in row.labels),
        action=row.action,
        excerpt=excerpt(text, highlight.spans) if text else (),
        thumb=f"{picture}?blur=1&side={side}" if picture else "",
        media=f"{picture}?side={side}" if picture else "",
        more_media=max(0, row.media - 1),
        user=named(row.user_id, 40),
        rule=named(highlight.rule or "", 60),
        more_rules=max(0, highlight.rules - 1),
        opened_at=row.opened_at,
        claimed_by="" if claimed is None else "you" if claimed == account else claimed,
        assigned_to=row.assigned_to or "",
        reasons=" ".join(sorted(rules(highlight.policy_id).require_reason)),
        shown_as=f"{claimed or ''} {row.assigned_to or ''} {row.open} {'' if text is None else len(text)}",
    )


def lines(
    rows: Iterable[Row],
    highlights: Mapping[int, Highlight],
    rules: Rules,
    account: str,
    now: int,
    side: int = THUMB,
) -> tuple[Line, ...]:
    """Return how items are shown in a list, in their order."""
    return tuple(line(row, highlights.get(row.id, UNKNOWN), rules, account, now, side) for row in rows)


def address(item_id: int, number: int) -> str:
    """Return where a picture of an item is served; it may send browsers on."""
    return f"/media/{item_id}/{number}"
