"""What is read from the store, as values: rows of a queue, an item with all that its page shows, and what is like it.

Times are milliseconds since 1970. None of these is logged: they hold content.
"""

import msgspec

from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.label import Severity
from streams.core.queue_filter import Filter
from streams.core.restriction import Restriction, Strike, Violation


class Row(msgspec.Struct, frozen=True):
    """An item as a queue shows it."""

    id: int
    content_id: str
    kind: str
    tenant: str  # empty: none
    user_id: str
    conversation_id: str  # empty: none
    language: str  # empty: not known
    version: int  # the ETag
    open: bool
    action: str
    severity: Severity | None
    confidence: float | None  # 0..100
    found_by: int  # engines
    escalated: bool
    priority: int
    opened_at: int
    closed_at: int | None
    claimed_by: str | None  # while `claimed_until` is not over
    claimed_until: int
    assigned_to: str | None
    text: str | None  # its beginning, EXCERPT characters at most
    labels: tuple[str, ...]  # each once
    media: int  # pictures and videos


class Page(msgspec.Struct, frozen=True):
    """Some rows of a queue, and how to go on."""

    rows: tuple[Row, ...]
    next: str | None  # cursor; None at the end


class Found(msgspec.Struct, frozen=True):
    """An enforced rule that triggered."""

    engine: str
    rule: str
    label: str


class Medium(msgspec.Struct, frozen=True):
    """A picture or video of an item."""

    number: int  # in the order of the content
    kind: str
    location: Location
    sha256: str | None
    pdq: str | None


class Ruled(msgspec.Struct, frozen=True):
    """An act of a person that changed the decision on an item."""

    id: str
    act: str
    by: str
    at: int
    from_action: str
    to_action: str
    reason: str | None
    confirmed: bool | None  # whether the rules were right; None: nothing was said of it
    bulk_id: str | None


class Noted(msgspec.Struct, frozen=True):
    """A note on an item."""

    id: int
    by: str
    at: int
    text: str


class Ended(msgspec.Struct, frozen=True):
    """An item of a user's past, and how it ended."""

    item_id: int
    content_id: str
    labels: tuple[str, ...]
    first_action: str  # of the automatic decision
    action: str  # in force
    open: bool
    opened_at: int
    ruled_by: str | None  # who ruled last
    confirmed: bool | None  # what that ruling said of the rules


class UserCard(msgspec.Struct, frozen=True):
    """What is known of a user, as far as the reader's scope goes.

    Numbers of the standing are the user's own and count everything; contents and labels are named where an item in
    scope has them.
    """

    user_id: str
    role: str | None  # newest known
    created_at: int | None  # of the account
    trusted: bool | None  # as a person ordered, else the platform's word
    violations: int  # of all time
    strikes: int  # weight of those that count now
    struck: tuple[Strike, ...]  # that count now, in scope
    restrictions: tuple[Restriction, ...]  # in force now
    past: tuple[Violation, ...]  # of the standing, in scope, newest first
    items: tuple[Ended, ...]  # the newest in scope
    open: int  # items in scope
    closed: int


class Item(msgspec.Struct, frozen=True):
    """An item with all that its page shows."""

    row: Row
    text: str | None  # whole
    text_hash: str | None
    first_action: str
    revision: int
    ruling_id: str | None
    policy_id: str
    received_at: int
    touched_at: int
    erased_at: int | None
    decision: Decision  # the newest
    found: tuple[Found, ...]
    media: tuple[Medium, ...]
    decisions: tuple[Decision, ...]  # oldest first
    outcomes: tuple[Outcome, ...]  # oldest first
    rulings: tuple[Ruled, ...]  # oldest first
    notes: tuple[Noted, ...]  # oldest first
    user: UserCard


class Alike(msgspec.Struct, frozen=True):
    """Items that have something in common with one, itself left out."""

    open: int
    all: int
    samples: tuple[Row, ...]  # open ones, the worst first; then closed ones


class Similar(msgspec.Struct, frozen=True):
    """What is like an item, in scope."""

    author: Alike
    text: Alike
    image: Alike  # the same bytes
    near: Alike  # pictures that look the same


class Said(msgspec.Struct, frozen=True):
    """A message of a conversation."""

    content_id: str
    kind: str
    user_id: str
    user_role: str | None
    at: int
    place: int
    text: str
    language: str
    item_id: int | None  # where it is an item in scope; so the next three
    action: str | None
    open: bool | None
    labels: tuple[str, ...]
    here: bool  # the item's own message


class Conversation(msgspec.Struct, frozen=True):
    """Messages of a conversation, in its order."""

    conversation_id: str
    messages: tuple[Said, ...]
    earlier: str | None  # cursor; None: there are none
    later: str | None


class SavedQueue(msgspec.Struct, frozen=True):
    """A filter under a name."""

    id: int
    name: str
    owner: str  # empty: everybody's
    query: Filter


class Waiting(msgspec.Struct, frozen=True):
    """The open items of one severity."""

    severity: Severity | None
    open: int
    oldest: int | None  # when it was opened; None where there is none
