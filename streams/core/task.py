"""What an engine that a role of its own runs is asked about a text: one record on `tasks-ENGINE`."""

import msgspec

from streams.core.content import Id, Milliseconds, Short
from streams.core.content import Text as Words
from streams.core.label import Kind
from streams.core.policy import PolicyRef
from streams.core.span import Span
from streams.core.window import Entry


class TextTask(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text, its context and what the policy masks in it. Its topic has narrow access: it holds text."""

    content_id: Id
    kind: Kind
    user_id: Id
    engine: str
    text: Words
    policy: PolicyRef
    deadline_at: Milliseconds
    at: Milliseconds  # time of the content's record in the log
    language: Short | None = None
    conversation_id: str | None = None
    tenant: str | None = None
    context: tuple[Entry, ...] = ()  # the messages before it, at most ten, oldest first
    found: tuple[str, ...] = ()  # labels that inline engines found
    spans: tuple[Span, ...] = ()  # what rules of inline engines mask

    def __repr__(self) -> str:
        """Show ids and the length only: content never reaches a log."""
        return f"TextTask({self.content_id!r}, {self.engine}, {len(self.text)} characters)"
