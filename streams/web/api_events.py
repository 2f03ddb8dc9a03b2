"""Server-sent events: what is new and what changed, as it happens."""

from collections.abc import AsyncIterator
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from streams.store import sessions
from streams.store.failure import Unavailable
from streams.web.live import Live
from streams.web.parts import Given, Parts
from streams.web.problems import documented
from streams.web.signed import Signed, SignedIn

EVENTS: Final = "text/event-stream"
_NAME: Final = {"type": "string", "enum": ["items", "counts"]}
_DATA: Final = {"type": "string", "contentMediaType": "application/json"}
_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events `items` (what changed) and `counts` (open items by severity), each one line of JSON",
        "content": {EVENTS: {"schema": {"type": "object", "properties": {"event": _NAME, "data": _DATA}}}},
    }
}

router = APIRouter(tags=["events"], responses=documented(401, 403, 429, 503))


@router.get("/api/events", operation_id="listen", response_class=StreamingResponse, responses=_TEXT)
async def listen(request: Request, given: Given, signed: SignedIn) -> Response:
    """Tell what changes among the items that one sees, until the client goes away."""
    live: Live = request.app.state.live

    def still() -> bool:
        return _still(given, signed)

    live.welcome(signed.account)

    async def events() -> AsyncIterator[bytes]:
        with live.listening(signed.account, signed.grants) as listener:
            async for event in live.stream(listener, still):
                yield event

    return StreamingResponse(events(), media_type=EVENTS, headers={"X-Accel-Buffering": "no"})


def _still(given: Parts, signed: Signed) -> bool:
    """Say whether a session is still open, with the same rights; what shows a token is asked when it comes again."""
    if not signed.session:
        return True
    try:
        with given.database.reading() as connection:
            found = sessions.open_of(connection, signed.session, given.limits.session_idle, given.clock())
    except Unavailable:
        return True
    return found is not None and found.grants == signed.grants
