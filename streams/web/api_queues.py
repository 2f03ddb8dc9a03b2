"""Saved queues: filters under names, one's own and everybody's."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path
from pydantic import Field
from starlette.responses import Response

from streams.store import saved
from streams.store.rows import SavedQueue
from streams.web.asked import LARGEST, Asked, Body, Clean
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import Problem, documented
from streams.web.signed import Signed, SignedIn

router = APIRouter(tags=["queues"], responses=documented(401, 403, 422, 503))
CHANGING = (401, 403, 408, 413, 415, 422, 503)


class Queues(msgspec.Struct, frozen=True):
    """Everybody's queues, then one's own, each by name."""

    queues: tuple[SavedQueue, ...]


class Saved(msgspec.Struct, frozen=True):
    """A queue that was saved."""

    id: int


class NewQueue(Body):
    """A filter to be kept."""

    name: Annotated[Clean, Field(min_length=1, max_length=saved.LONGEST)]
    query: Asked
    shared: bool = Field(default=False, description="everybody's; it takes the right `share`")


@router.get("/api/queues", operation_id="listQueues", responses=answers(Queues))
def list_queues(given: Given, signed: SignedIn) -> Response:
    """Return the queues that one sees."""
    with given.database.reading() as connection:
        return told(Queues(saved.queues(connection, signed.account)))


@router.post("/api/queues", operation_id="saveQueue", responses=answers(Saved) | documented(*CHANGING))
def save_queue(body: NewQueue, given: Given, signed: SignedIn) -> Response:
    """Keep a filter under a name, in place of the one that was there."""
    name = body.name.strip()
    if not name:
        raise Problem(422, "A queue has a name.")
    with given.database.writing() as connection:
        return told(Saved(saved.save(connection, _owner(signed, shared=body.shared), name, body.query.filter())))


@router.delete(
    "/api/queues/{queue_id:int}", operation_id="removeQueue", status_code=204, responses=documented(404, *CHANGING)
)
def remove_queue(queue_id: Annotated[int, Path(ge=1, le=LARGEST)], given: Given, signed: SignedIn) -> None:
    """Remove a queue of one's own; one of everybody's with the right `share`."""
    owners = [signed.account, *([saved.EVERYBODY] if signed.may("share") else [])]
    with given.database.writing() as connection:
        gone = any(saved.remove(connection, owner, queue_id) for owner in owners)
    if not gone:
        raise Problem(404, "There is no such queue.")


def _owner(signed: Signed, *, shared: bool) -> str:
    if shared and not signed.may("share"):
        raise Problem(403, "Your account does not have the right to share queues.")
    return saved.EVERYBODY if shared else signed.account
