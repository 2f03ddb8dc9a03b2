"""What the preview of one picture or video needs: a scope, an item and a number in, where its bytes may lie out."""

from typing import Final

import msgspec
from sqlalchemy import Connection, select

from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.sighting import Sighting, sightings
from streams.store.scope import Scope, within
from streams.store.tables import item, media, outcome

_LOCATION: Final = msgspec.json.Decoder(Location)
_DECISION: Final = msgspec.json.Decoder(Decision)
_OUTCOME: Final = msgspec.json.Decoder(Outcome)


class Preview(msgspec.Struct, frozen=True):
    """One object of an item."""

    kind: str  # image or video, as announced
    sha256: str | None  # of the bytes that were judged; None where nobody could read them
    places: tuple[Location, ...]  # where they may lie, the likeliest first; none where they were deleted
    sightings: tuple[Sighting, ...] = ()


def preview(connection: Connection, scope: Scope, item_id: int, number: int) -> Preview | None:
    """Return what is known of an object; None where there is none in scope, or its content was erased.

    Executors move objects: where the last outcome says that they put it comes first, where it was judged next.
    """
    asked = (
        select(item.c.content_id, item.c.erased_at, item.c.decision, media.c.kind, media.c.location, media.c.sha256)
        .join(media, media.c.item_id == item.c.id)
        .where(item.c.id == item_id, media.c.number == number, within(scope))
    )
    row = connection.execute(asked).one_or_none()
    if row is None or row.erased_at is not None:
        return None
    decision = _DECISION.decode(row.decision)
    judged = _LOCATION.decode(row.location)
    records = connection.execute(
        select(outcome.c.record)
        .where(outcome.c.content_id == row.content_id, outcome.c.sink == "s3", outcome.c.status != "waiting")
        .order_by(outcome.c.at.desc())
    ).scalars()
    done = [_OUTCOME.decode(record) for record in records]
    last = max(done, key=lambda each: (each.revision, each.at), default=None)
    places: tuple[Location, ...] = (judged,)
    if last is not None and last.status == "done" and last.work == "delete":
        places = ()
    elif last is not None:
        moved = _moved(last, row.sha256, number, len(decision.objects))
        places = (judged,) if moved is None or moved == judged else (moved, judged)
    return Preview(row.kind, row.sha256, places, sightings(decision, number))


def _moved(last: Outcome, sha256: str | None, number: int, count: int) -> Location | None:
    """Return where an outcome says that an object lies now; None where it does not say."""
    if len(last.objects) == count:
        return last.objects[number].location if number < count else None
    same = (each.location for each in last.objects if sha256 is not None and each.sha256 == sha256)
    return next(same, None)
