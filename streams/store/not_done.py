"""Why an act was refused: nothing was changed, and who asked can be told."""

from collections.abc import Iterable

import msgspec


class Change(msgspec.Struct, frozen=True, gc=False):
    """What happened to an item since somebody looked at it."""

    by: str  # the account; empty: the machine
    act: str  # as in the audit log; `decision` of the machine
    at: int  # milliseconds since 1970


class NotDone(Exception):
    """An act that was not done; its text is a sentence for who asked and holds no content."""


class NotThere(NotDone):
    """There is no such item or account for who asks."""

    def __init__(self, what: str = "item") -> None:
        super().__init__(f"there is no such {what}")


class Forbidden(NotDone):
    """Who asks may see the item, and may not do this."""

    def __init__(self, right: str) -> None:
        super().__init__(f"the right {right} is not granted")
        self.right = right


class Changed(NotDone):
    """What was acted upon is not as it was when somebody looked at it."""

    def __init__(self, message: str, *, version: int | None = None, what: Iterable[Change] = ()) -> None:
        super().__init__(message)
        self.version = version  # of the item now
        self.what = tuple(what)  # oldest first


class Wrong(NotDone):
    """What was asked for cannot be done, whoever asks."""
