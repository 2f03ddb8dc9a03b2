"""Users of the platform: what is known of one, orders about him, the erasure of what he wrote."""

from typing import Final

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from streams.core.restriction import RestrictionKind
from streams.store.erasing import Erased, erase_user
from streams.store.ordering import Ordered, order_user
from streams.store.rows import UserCard
from streams.store.user_card import user_card
from streams.web.api_acts import Reason
from streams.web.asked import ActId, Body, Id, Milliseconds, UserId
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import Problem, documented
from streams.web.signed import SignedIn

router = APIRouter(tags=["users"], responses=documented(401, 403, 404, 422, 503))
CHANGING: Final = (400, 408, 413, 415)


class Restricted(Body):
    """What keeps a user from being heard."""

    restriction: RestrictionKind = Field(
        "restrict", description="mute: what he sends is blocked; restrict: he alone sees it"
    )
    until: Milliseconds | None = Field(None, description="without it until released")
    reason: Reason = None


class Released(Body):
    """Why all restrictions are lifted."""

    reason: Reason = None


class ToErase(Body):
    """Whose content is erased, said once more: it cannot be taken back."""

    user_id: Id


@router.get("/api/users/{user_id:path}", operation_id="getUser", responses=answers(UserCard))
def get_user(user_id: UserId, given: Given, signed: SignedIn) -> Response:
    """Return what is known of a user of whom there is an item for who asks."""
    with given.database.reading() as connection:
        found = user_card(connection, signed.scope, user_id, given.clock())
    if found is None:
        raise Problem(404, "There is no such user.")
    return told(found)


@router.post(
    "/api/users/{user_id:path}/restrict",
    operation_id="restrictUser",
    responses=answers(Ordered) | documented(*CHANGING),
)
def restrict_user(user_id: UserId, order_id: ActId, body: Restricted, given: Given, signed: SignedIn) -> Response:
    """Order that a user is not heard; it takes effect when the stream has it, a moment later."""
    with given.database.writing() as connection:
        done = order_user(
            connection,
            signed.actor,
            user_id,
            "restrict",
            order_id=order_id,
            restriction=body.restriction,
            until=body.until,
            why=body.reason,
            now=given.clock(),
        )
    given.wake()
    return told(done)


@router.post(
    "/api/users/{user_id:path}/release", operation_id="releaseUser", responses=answers(Ordered) | documented(*CHANGING)
)
def release_user(user_id: UserId, order_id: ActId, body: Released, given: Given, signed: SignedIn) -> Response:
    """Order that all restrictions of a user are lifted."""
    with given.database.writing() as connection:
        done = order_user(
            connection, signed.actor, user_id, "release", order_id=order_id, why=body.reason, now=given.clock()
        )
    given.wake()
    return told(done)


@router.post(
    "/api/users/{user_id:path}/erase", operation_id="eraseUser", responses=answers(Erased) | documented(*CHANGING)
)
def erase(user_id: UserId, body: ToErase, given: Given, signed: SignedIn) -> Response:
    """Erase what a user wrote and what was written about it; ids and the audit chain stay."""
    if body.user_id != user_id:
        raise Problem(422, "The body names another user.")
    with given.database.writing() as connection:
        done = erase_user(connection, signed.actor, user_id, given.clock())
    given.database.swept()
    given.wake()
    return told(done)
