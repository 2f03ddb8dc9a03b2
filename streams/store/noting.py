"""Notes on an item: who and what in, the note and its audit record written."""

from sqlalchemy import Connection, insert, update

from streams.core.audit import Event
from streams.store.actor import Acted, Actor
from streams.store.auditing import append, kept
from streams.store.locking import done, locked, unchanged
from streams.store.not_done import Wrong
from streams.store.tables import item
from streams.store.tables import note as notes
from streams.store.written import NOTE, identifier, written


def note(
    connection: Connection,
    actor: Actor,
    item_id: int,
    *,
    text: str,
    note_id: str | None = None,
    version: int | None = None,
    now: int,
) -> Acted:
    """Attach a note of at most 4,000 characters; raise NotThere, Forbidden, Changed or Wrong.

    The same `note_id` twice is one note.
    """
    text_ = written(text, "note", NOTE)
    if text_ is None:
        raise Wrong("a note says something")
    if note_id is not None:
        identifier(note_id, "note")
    row = locked(connection, actor, item_id, "note")
    if note_id is not None and (before := done(connection, row, note_id)) is not None:
        return Acted(row.id, before.version or row.version)
    unchanged(connection, row, version)
    if row.erased_at is not None:
        raise Wrong("the content was erased: there is nothing left to note")
    connection.execute(insert(notes), {"item_id": row.id, "by": actor.account, "at": now, "text": text_})
    connection.execute(update(item).where(item.c.id == row.id).values(version=row.version + 1, touched_at=now))
    event = Event(
        act="note",
        by=actor.account,
        content_id=row.content_id,
        item_id=row.id,
        user_id=row.user_id,
        version=row.version + 1,
        id=note_id,
        note=kept(connection, text_, row.user_id),
    )
    append(connection, "acts", event, now)
    return Acted(row.id, row.version + 1)
