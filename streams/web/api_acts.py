"""Acts on one item, each a ruling, a note or a change of whose it is. An act names the version that was seen."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from streams.core.action import Action
from streams.store import claiming, noting
from streams.store.acting import Wish, act
from streams.store.actor import Acted
from streams.store.written import NOTE, REASON
from streams.web.asked import ActId, Body, Clean, ItemId, SeenVersion
from streams.web.encoding import answers, told
from streams.web.parts import Given, Parts
from streams.web.problems import documented
from streams.web.signed import Signed, SignedIn

router = APIRouter(
    prefix="/api/items/{item_id:int}",
    tags=["acts"],
    responses=answers(Acted) | documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 428, 503),
)

Reason = Annotated[Clean | None, Field(max_length=REASON, description="a policy may ask for one")]


class Reasoned(Body):
    """Why something is done."""

    reason: Reason = None


class Overridden(Reasoned):
    """Another action."""

    action: Action


class Escalated(Reasoned):
    """How pressing it is."""

    priority: int = Field(0, ge=0, le=3, description="3 is looked at first")


class Note(Body):
    """What somebody wants others to know."""

    text: Annotated[Clean, Field(min_length=1, max_length=NOTE)]


class Assigned(Body):
    """Whose it is from now on."""

    to: Annotated[Clean, Field(max_length=128)] | None = Field(description="an account; null: nobody's")


@router.post("/approve", operation_id="approveItem")
def approve(
    item_id: ItemId, version: SeenVersion, ruling_id: ActId, body: Reasoned, given: Given, signed: SignedIn
) -> Response:
    """Let the action stand, or what was flagged pass, and close the item."""
    return _ruled(given, signed, item_id, Wish("approve", reason=body.reason), version, ruling_id)


@router.post("/override", operation_id="overrideItem")
def override(
    item_id: ItemId, version: SeenVersion, ruling_id: ActId, body: Overridden, given: Given, signed: SignedIn
) -> Response:
    """Have another action hold, and close the item."""
    wish = Wish("override", body.action, reason=body.reason)
    return _ruled(given, signed, item_id, wish, version, ruling_id)


@router.post("/undo", operation_id="undoItem")
def undo(
    item_id: ItemId, version: SeenVersion, ruling_id: ActId, body: Reasoned, given: Given, signed: SignedIn
) -> Response:
    """Take back what was done: an override to `allow`, after which quarantine, mask and strike are undone."""
    return _ruled(given, signed, item_id, Wish("override", "allow", reason=body.reason), version, ruling_id)


@router.post("/escalate", operation_id="escalateItem")
def escalate(
    item_id: ItemId, version: SeenVersion, ruling_id: ActId, body: Escalated, given: Given, signed: SignedIn
) -> Response:
    """Put an item before all that is not escalated; opens a closed one."""
    wish = Wish("escalate", priority=body.priority, reason=body.reason)
    return _ruled(given, signed, item_id, wish, version, ruling_id)


@router.post("/deescalate", operation_id="deescalateItem")
def deescalate(
    item_id: ItemId, version: SeenVersion, ruling_id: ActId, body: Reasoned, given: Given, signed: SignedIn
) -> Response:
    """Put an escalated item back where it would be."""
    return _ruled(given, signed, item_id, Wish("deescalate", reason=body.reason), version, ruling_id)


@router.post("/notes", operation_id="noteItem")
def note(item_id: ItemId, note_id: ActId, body: Note, given: Given, signed: SignedIn) -> Response:
    """Attach a note; it stands beside whatever others do."""
    with given.database.writing() as connection:
        done = noting.note(connection, signed.actor, item_id, text=body.text, note_id=note_id, now=given.clock())
    return _told(done)


@router.post("/claim", operation_id="claimItem")
def claim(item_id: ItemId, given: Given, signed: SignedIn) -> Response:
    """Keep an item from others for a while; again, for as long from now on."""
    with given.database.writing() as connection:
        done = claiming.claim(connection, signed.actor, item_id, lease_ms=given.limits.claim, now=given.clock())
    return _told(done)


@router.post("/release", operation_id="releaseItem")
def release(item_id: ItemId, given: Given, signed: SignedIn) -> Response:
    """Give a claimed item back; does nothing where it is not one's own."""
    with given.database.writing() as connection:
        done = claiming.release(connection, signed.actor, item_id, now=given.clock())
    return _told(done)


@router.post("/assign", operation_id="assignItem")
def assign(item_id: ItemId, version: SeenVersion, body: Assigned, given: Given, signed: SignedIn) -> Response:
    """Give an item to an account, or to nobody."""
    with given.database.writing() as connection:
        done = claiming.assign(connection, signed.actor, item_id, to=body.to, version=version, now=given.clock())
    return _told(done)


def _ruled(given: Parts, signed: Signed, item_id: int, wish: Wish, version: int, ruling_id: str) -> Response:
    with given.database.writing() as connection:
        done = act(
            connection,
            signed.actor,
            item_id,
            wish,
            version=version,
            ruling_id=ruling_id,
            rules=given.review_rules,
            now=given.clock(),
        )
    given.wake()
    return _told(done)


def _told(done: Acted) -> Response:
    return told(done, version=done.version)
