"""Messages of a conversation as pages show them."""

from msgspec import Struct

from streams.core.shown import Segment, named, segments
from streams.store.rows import Conversation
from streams.web.view_user import user_href

LONGEST = 2000  # characters of one message


class TalkLine(Struct, frozen=True):
    """A message."""

    author: str
    author_href: str
    same_author: bool
    this: bool
    text: tuple[Segment, ...]
    at: int
    action: str  # of its item; empty: it is none
    labels: tuple[str, ...]
    item_href: str


def talk_lines(talk: Conversation, user_id: str) -> tuple[TalkLine, ...]:
    """Return the messages of a conversation, oldest first; those of one user are told apart."""
    return tuple(
        TalkLine(
            author=named(one.user_id, 40),
            author_href=user_href(one.user_id),
            same_author=one.user_id == user_id,
            this=one.here,
            text=segments(one.text, limit=LONGEST),
            at=one.at,
            action=one.action or "",
            labels=tuple(named(label) for label in one.labels),
            item_href="" if one.item_id is None else f"/items/{one.item_id}",
        )
        for one in talk.messages
    )
