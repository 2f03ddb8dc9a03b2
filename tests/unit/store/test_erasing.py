"""After an erasure a canary is in no column of any table, and in no byte of a SQLite file; the log still verifies."""

from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import structs
from sqlalchemy import insert, make_url, select

from streams.core.action import Action
from streams.core.audit import body_read
from streams.core.content import Location
from streams.core.finding import Evidence
from streams.core.judged_object import JudgedObject
from streams.core.restriction import Standing, Violation
from streams.core.rights import Grant
from streams.core.ruling import Ruling
from streams.core.verdict import StandingOrder
from streams.store.actor import Actor
from streams.store.batch import Batch, UserStanding
from streams.store.checking import checked
from streams.store.database import Database
from streams.store.erasing import Erased, erase_user
from streams.store.not_done import Forbidden, NotThere, Wrong
from streams.store.noting import note
from streams.store.ordering import order_user
from streams.store.retention import old_messages
from streams.store.tables import item, metadata, standing
from streams.store.tables import message as messages
from streams.store.taking import take
from tests.unit.store.acts import ADMIN, NOW, SENIOR, override, row_of, rows, sent
from tests.unit.store.records import DECIDED, decision, message, outcome, read, triggered

CANARY: Final = "kanarienvogel"
TEXT: Final = f"call the {CANARY} " * 300  # longer than a page of SQLite
OBJECT: Final = JudgedObject("image", Location(bucket="b", key=f"{CANARY}.jpg"), sha256="ab" * 32)


def judged(content_id: str, **more: Any) -> Any:
    evidence = (Evidence(span=(0, 4), snippet=CANARY, payload=CANARY, hash=CANARY),)
    return decision(
        content_id,
        triggered=(triggered(evidence=evidence),),
        reason=f"found {CANARY}",
        masked_text=f"**** {CANARY}",
        objects=(OBJECT,),
        action="mask_flag",
        **more,
    )


@pytest.fixture
def canaries(database: Database) -> list[int]:
    """Put a canary wherever words of a content, or about it, can stand; return the ids of its items."""
    texts = read(
        *(message(f"m{number}", TEXT) for number in range(4)),
        message("x1", "call the police", user=message().user.__class__("u2")),
        topic="messages",
    )
    known = Standing("u1", DECIDED, past=(Violation("m1", "scam", "block", DECIDED),))
    batch = Batch(
        decisions=read(judged("m1"), judged("m2"), decision("x1", user_id="u2")),
        messages=texts,
        outcomes=read(outcome("m1", objects=(OBJECT,)), topic="outcomes"),
        standings=read(UserStanding("u1", known), topic="standings"),
    )
    with database.writing() as connection:
        take(connection, batch, DECIDED)
        ids = list(connection.execute(select(item.c.id).order_by(item.c.content_id)).scalars())
        note(connection, SENIOR, ids[0], text=f"says {CANARY}", now=NOW)
        note(connection, SENIOR, ids[2], text="another user's", now=NOW)
        masking: Action = "mask"
        override(connection, SENIOR, ids[1], version=1, ruling_id="r1", action=masking, reason=f"a {CANARY}", now=NOW)
        order_user(connection, SENIOR, "u1", "restrict", order_id="o1", why=f"his {CANARY}", now=NOW)
    return ids


def everything(database: Database) -> str:
    """Return all that lies in any table, also in those of the text index."""
    with database.reading() as connection:
        return repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])


def files(database_url: str) -> bytes:
    path = Path(str(make_url(database_url).database))
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


@pytest.mark.usefixtures("canaries")
def test_no_word_of_an_erased_user_stays(database: Database, database_url: str) -> None:
    with database.writing() as connection:
        assert old_messages(connection, DECIDED + 1) == 0  # beside open items
        assert connection.execute(messages.delete().where(messages.c.content_id == "m3")).rowcount == 1
    assert CANARY in everything(database)

    with database.writing() as connection:
        done = erase_user(connection, ADMIN, "u1", NOW + 1)
    swept = database.swept()

    assert done == Erased(items=2, messages=3, decisions=2, notes=1, texts=3, waiting=2)
    assert CANARY not in everything(database)
    if database.dialect == "sqlite":
        assert swept
        assert CANARY.encode() not in files(database_url)
    with database.reading() as connection:
        found = checked(connection, "acts", ())
    assert (found.broken, found.records, found.texts, found.erased) == (None, 5, 1, 3)


def test_ids_labels_and_acts_stay(database: Database, canaries: list[int]) -> None:
    with database.writing() as connection:
        erase_user(connection, ADMIN, "u1", NOW + 1)

    first, second, other = (row_of(database, each) for each in canaries)
    assert (first.content_id, first.user_id, first.action, first.open, first.erased_at) == (
        *("m1", "u1", "mask_flag", 0),
        NOW + 1,
    )
    assert (first.closed_at, second.closed_at) == (NOW + 1, NOW)
    assert (first.text, first.text_hash, first.user_role, first.user_created_at) == (None,) * 4
    assert (other.text, other.erased_at) == ("call the police", None)
    assert rows(database, standing) == []
    ruling, restrict, forget = sent(database)
    assert isinstance(ruling, Ruling)
    assert (ruling.ruling_id, ruling.action, ruling.decision.masked_text) == ("r1", "mask", "****")
    assert isinstance(restrict, StandingOrder)
    assert (restrict.order_id, restrict.why) == ("o1", None)
    assert isinstance(forget, StandingOrder)
    assert (forget.user_id, forget.order, forget.by) == ("u1", "forget", "ada")


def test_the_log_says_how_much_was_erased(database: Database, canaries: list[int]) -> None:
    assert canaries
    with database.writing() as connection:
        erase_user(connection, ADMIN, "u1", NOW + 1)

    body = body_read(max(rows(database, metadata.tables["audit"]), key=lambda row: row.seq).body)
    assert (body.act, body.by, body.user_id) == ("erase", "ada", "u1")
    assert body.more == {"items": 2, "messages": 4, "decisions": 2, "notes": 1, "texts": 3, "waiting": 2}


def test_what_is_told_of_an_erased_content_later_is_erased_as_it_comes(database: Database, canaries: list[int]) -> None:
    with database.writing() as connection:
        erase_user(connection, ADMIN, "u1", NOW + 1)

    late = Batch(
        decisions=read(
            structs.replace(judged("m1"), revision=1, source="moderator"),
        ),
        outcomes=read(outcome("m2", NOW, objects=(OBJECT,)), topic="outcomes"),
    )
    with database.writing() as connection:
        take(connection, late, NOW + 2)

    assert CANARY not in everything(database)
    row = row_of(database, canaries[0])
    assert (row.revision, row.open, row.text) == (1, 0, None)


def test_an_erased_item_is_not_acted_upon(database: Database, canaries: list[int]) -> None:
    with database.writing() as connection:
        erase_user(connection, ADMIN, "u1", NOW + 1)
        with pytest.raises(Wrong, match="erased"):
            override(connection, ADMIN, canaries[0], version=None, ruling_id="r2", action="allow", reason="x", now=NOW)
        with pytest.raises(Wrong, match="erased"):
            note(connection, ADMIN, canaries[0], text=CANARY, now=NOW)


def test_who_erases_may_do_so_for_all_that_the_user_has(database: Database, canaries: list[int]) -> None:
    assert canaries
    some = Actor("anna", (Grant("admin", tenants=("t1",)),))
    with database.writing() as connection:
        with pytest.raises(Forbidden):
            erase_user(connection, SENIOR, "u1", NOW)
        with pytest.raises(NotThere):
            erase_user(connection, Actor("amy", (Grant("admin", tenants=("t9",)),)), "u1", NOW)
        with pytest.raises(Wrong):
            erase_user(connection, ADMIN, "", NOW)
        row = {"content_id": "e1", "tenant": "t2", "kind": "message", "user_id": "u1", "place": 0, "at": 0, "text": ""}
        connection.execute(insert(messages), row)
        with pytest.raises(Forbidden):
            erase_user(connection, some, "u1", NOW)
        connection.execute(messages.delete().where(messages.c.content_id == "e1"))
        assert erase_user(connection, some, "u1", NOW).items == 2
    with database.writing() as connection:
        assert erase_user(connection, ADMIN, "never seen", NOW).items == 0
