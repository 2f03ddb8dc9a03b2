"""Acts on many items at once: a selection, how many it holds shown first, then the same act on each of them."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from streams.core.action import Action
from streams.store.acting import Wish
from streams.store.bulk import MOST, Done, Like, Preview, Selection, bulk, bulk_preview
from streams.web.api_acts import Reason
from streams.web.asked import LARGEST, ActId, Body
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import documented
from streams.web.signed import SignedIn

router = APIRouter(tags=["acts"], responses=documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503))

Number = Annotated[int, Field(ge=1, le=LARGEST)]


class Selected(Body):
    """Items by their ids; or all open ones that are like an item, itself included."""

    ids: Annotated[tuple[Number, ...], Field(max_length=MOST)] = ()
    like: Like | None = None
    item_id: Number | None = Field(None, description="of `like`")


class Wished(Body):
    """What is to be done to each."""

    act: Literal["approve", "override", "undo", "escalate", "deescalate"]
    action: Action | None = Field(None, description="of `override`")
    priority: int = Field(0, ge=0, le=3, description="of `escalate`")
    reason: Reason = None

    def wish(self) -> Wish:
        """Return it as the store takes it."""
        if self.act == "undo":
            return Wish("override", "allow", reason=self.reason)
        return Wish(self.act, self.action, self.priority, self.reason)


class Previewed(Body):
    """An act on a selection."""

    selection: Selected
    wish: Wished


class BulkOrdered(Previewed):
    """An act on a selection, with the number that was shown for it."""

    expected: int = Field(ge=1, le=LARGEST, description="`number` of the preview; nothing is done where it is another")


@router.post("/api/bulk/preview", operation_id="previewBulk", responses=answers(Preview))
def preview(body: Previewed, given: Given, signed: SignedIn) -> Response:
    """Return how many items an act would reach, and some of them; nothing is changed."""
    with given.database.reading() as connection:
        return told(bulk_preview(connection, signed.actor, _selection(body.selection), body.wish.wish()))


@router.post("/api/bulk", operation_id="bulk", responses=answers(Done))
def bulk_act(body: BulkOrdered, bulk_id: ActId, given: Given, signed: SignedIn) -> Response:
    """Do the same to every item of a selection, or to none."""
    with given.database.writing() as connection:
        done = bulk(
            connection,
            signed.actor,
            _selection(body.selection),
            body.wish.wish(),
            bulk_id=bulk_id,
            expected=body.expected,
            rules=given.review_rules,
            now=given.clock(),
        )
    given.wake()
    return told(done)


def _selection(selected: Selected) -> Selection:
    return Selection(selected.ids, selected.like, selected.item_id)
