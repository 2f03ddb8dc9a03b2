"""Who acts, and what came of it."""

import msgspec

from streams.core.rights import Grant


class Actor(msgspec.Struct, frozen=True):
    """An account that is signed in."""

    account: str
    grants: tuple[Grant, ...]


class Acted(msgspec.Struct, frozen=True, gc=False):
    """An act that is done: the item's version after it."""

    item_id: int
    version: int
    ruling_id: str | None = None  # of acts that change a decision
