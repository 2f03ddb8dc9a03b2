"""An item as its page shows it: all that the store knows of it in, what the template shows out."""

from collections.abc import Iterator
from urllib.parse import urlencode

from msgspec import Struct

from streams.core.acting import approved
from streams.core.action import action_named
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.shown import Segment, named, segments
from streams.store.highlights import Highlight, text_spans
from streams.store.rows import Alike, Conversation, Item, Ruled, Similar
from streams.web.view_evidence import LONG, ReportView, RuleView, report_views, rule_views
from streams.web.view_media import MediaView, media_views
from streams.web.view_rows import Line, Rules, line
from streams.web.view_talk import TalkLine, talk_lines
from streams.web.view_user import UserView, user_view
from streams.web.view_words import counted, moment_of, words

ACTS = {"approve": "Approved", "override": "Overridden", "escalate": "Escalated", "deescalate": "De-escalated"}
VERSION = 12  # digits of a policy's version


class Event(Struct, frozen=True):
    """Something that happened to an item."""

    at: int
    title: str
    action: str
    by: str
    person: bool
    lines: tuple[str, ...]


class OutcomeView(Struct, frozen=True):
    """What became of an effect."""

    name: str
    status: str
    mood: str
    reason: str
    revision: int
    at: int


class NoteView(Struct, frozen=True):
    """A note."""

    by: str
    at: int
    text: tuple[Segment, ...]


class Group(Struct, frozen=True):
    """Items that are like this one."""

    key: str  # as acts on many say it; empty: none acts on these
    open: int
    name: str
    href: str  # a queue of them; empty: none
    samples: tuple[tuple[int, str], ...]  # id, action


class ItemView(Struct, frozen=True):
    """The page of an item."""

    row: Line
    mine: bool
    claimed_until: int
    text: tuple[Segment, ...]
    text_length: int
    masked: tuple[Segment, ...]
    erased: int | None
    media: tuple[MediaView, ...]
    talk: tuple[TalkLine, ...]
    conversation_href: str
    reports: tuple[ReportView, ...]
    partial: bool
    history: tuple[Event, ...]
    received_at: int
    first_action: str
    pending: bool  # a ruling whose decision is on its way
    reason: str
    rules: tuple[RuleView, ...]
    policy: str
    revision: int
    user: UserView
    similar: tuple[Group, ...]
    outcomes: tuple[OutcomeView, ...]
    notes: tuple[NoteView, ...]
    approving: str  # what approving does


def item_view(
    item: Item,
    talk: Conversation | None,
    similar: Similar,
    rules: Rules,
    account: str,
    now: int,
) -> ItemView:
    """Return what the page of an item shows."""
    decision = item.decision
    spans = tuple(span for each in decision.triggered for span in text_spans(each.evidence))
    number = item.media[0].number if item.media else None
    highlight = Highlight(item.text, spans, None, number, len(decision.triggered), item.policy_id)
    row = line(item.row, highlight, rules, account, now)
    return ItemView(
        row=row,
        mine=row.claimed_by == "you",
        claimed_until=item.row.claimed_until,
        text=segments(item.text, spans) if item.text else (),
        text_length=len(item.text or ""),
        masked=segments(decision.masked_text) if decision.masked_text else (),
        erased=item.erased_at,
        media=media_views(item),
        talk=() if talk is None else talk_lines(talk, item.row.user_id),
        conversation_href=f"/conversations/{item.row.id}" if item.row.conversation_id else "",
        reports=report_views(decision),
        partial=decision.partial,
        history=history(item),
        received_at=item.received_at,
        first_action=item.first_action,
        pending=item.ruling_id is not None and decision.ruling_id != item.ruling_id,
        reason=named(decision.reason, LONG),
        rules=rule_views(decision),
        policy=f"{named(decision.policy.id)} {named(decision.policy.version, VERSION)}",
        revision=item.revision,
        user=user_view(item.user),
        similar=tuple(_groups(item, similar)),
        outcomes=tuple(_outcome(one) for one in reversed(item.outcomes)),
        notes=tuple(NoteView(one.by, one.at, segments(one.text)) for one in item.notes),
        approving=_approving(item),
    )


def history(item: Item) -> tuple[Event, ...]:
    """Return all revisions of the decision and all rulings, the newest first."""
    events = [_ruling(one) for one in item.rulings]
    events += [_revision(one, item.received_at) for one in item.decisions]
    return tuple(sorted(events, key=lambda event: event.at, reverse=True))


def _approving(item: Item) -> str:
    """Return what approving does, for the item as it is."""
    now = action_named(item.row.action)
    then = approved(now)
    return f"Approving makes it {words(then)}." if then != now else f"Approving lets {words(now)} stand."


def _ruling(one: Ruled) -> Event:
    lines = [] if one.reason is None else [named(one.reason, LONG)]
    if one.confirmed is not None:
        lines.append("The rules were right." if one.confirmed else "The rules were overruled.")
    if one.bulk_id is not None:
        lines.append("With others at once.")
    changed = one.to_action != one.from_action
    return Event(
        at=one.at,
        title=ACTS.get(one.act, words(one.act)),
        action=one.to_action if changed else "",
        by=one.by,
        person=True,
        lines=tuple(lines),
    )


def _revision(one: Decision, otherwise: int) -> Event:
    by_person = one.source == "moderator"
    title = f"Revision {one.revision}" + (" in force" if by_person else ", automatic")
    return Event(
        at=moment_of(one.decided_at, otherwise),
        title=title,
        action=one.action,
        by="",
        person=False,
        lines=(named(one.reason, LONG),),
    )


def _outcome(one: Outcome) -> OutcomeView:
    mood = {"done": "good", "failed": "bad", "waiting": "waiting"}.get(one.status, "")
    name = f"{named(one.name)}: {words(one.work)}"
    return OutcomeView(name, one.status, mood, words(named(one.reason or "")), one.revision, one.at)


def _groups(item: Item, similar: Similar) -> Iterator[Group]:
    author = f"/?{urlencode({'user': item.row.user_id})}"
    kinds: tuple[tuple[str, Alike, str, str], ...] = (
        ("author", similar.author, "of the same author", author),
        ("text", similar.text, "with the same text", ""),
        ("image", similar.image, "with the same picture", ""),
        ("", similar.near, "with a picture that looks the same", ""),
    )
    for key, alike, name, href in kinds:
        if alike.all:
            told = f"{counted(alike.open, 'open item')} {name}, {alike.all} in all"
            samples = tuple((one.id, one.action) for one in alike.samples)
            yield Group(key, alike.open, told, href, samples)
