from sqlalchemy import Executable, delete, insert, update

from streams.core.audit import GENESIS, Event, Head, body_read
from streams.core.chain_check import Mark
from streams.store.auditing import about, append, append_all, head_of, kept, newest, records, texts
from streams.store.checking import checked, length
from streams.store.database import Database
from streams.store.tables import audit, audit_head, audit_text
from tests.unit.store.acts import NOW


def filled(database: Database, number: int = 7) -> None:
    with database.writing() as connection:
        for at in range(1, number + 1):
            reason = kept(connection, f"text {at}", "u1") if at % 2 else None
            append(connection, "acts", Event(act="approve", by="mona", content_id=f"m{at % 3}", reason=reason), at)


def broken(database: Database, *marks: Mark) -> tuple[str, int, int] | None:
    with database.reading() as connection:
        found = checked(connection, "acts", marks).broken
    return None if found is None else (found.kind, found.first, found.last)


def test_chains_are_numbered_from_one_without_gaps_each_by_itself(database: Database) -> None:
    with database.writing() as connection:
        first = append(connection, "acts", Event(act="approve", by="mona"), NOW)
        more = append_all(connection, "acts", [Event(act="note", by="mona"), Event(act="claim", by="mona")], NOW)
        other = append(connection, "accounts", Event(act="sign_in", by="mona", more={"address": "::1"}), NOW)
        assert append_all(connection, "accounts", [], NOW) == []

    assert [one.seq for one in (first, *more, other)] == [1, 2, 3, 1]
    with database.reading() as connection:
        assert head_of(connection, "acts") == Head(3, more[-1].hash)
        assert [one for batch in records(connection, "acts", batch=2) for one in batch] == [first, *more]
        assert list(records(connection, "acts", 2, 2)) == [[more[0]]]
        assert newest(connection, "acts", 2) == [more[1], more[0]]
        assert newest(connection, "acts", 2, before=2) == [first]
        assert body_read(other.body).more == {"address": "::1"}
        assert (length(connection, "acts"), length(connection, "accounts")) == (3, 1)


def test_a_chain_begins_with_nothing(database: Database) -> None:
    with database.reading() as connection:
        assert head_of(connection, "acts") == Head(0, GENESIS)
        assert list(records(connection, "acts")) == []
        assert newest(connection, "acts", 5) == []
        assert checked(connection, "acts", ()) == ("acts", 0, 0, 0, 0, None)


def test_what_is_rolled_back_leaves_no_gap(database: Database) -> None:
    with database.writing() as connection:
        nested = connection.begin_nested()
        append(connection, "acts", Event(act="approve", by="mona"), NOW)
        nested.rollback()

    filled(database, 2)
    assert broken(database) is None


def test_what_was_done_about_a_content_is_found_newest_first(database: Database) -> None:
    filled(database)

    with database.reading() as connection:
        assert [body.seq for body in about(connection, "m1", 2)] == [7, 4]
        assert about(connection, "m9", 2) == []


def test_texts_are_found_by_their_digests_and_count(database: Database) -> None:
    filled(database)
    done: list[int] = []

    with database.reading() as connection:
        (batch,) = records(connection, "acts")
        digests = [body_read(record.body).reason for record in batch]
        found = texts(connection, [digest for digest in digests if digest is not None])
        assert sorted(text for _, text in found.values()) == ["text 1", "text 3", "text 5", "text 7"]
        assert texts(connection, []) == {}
        assert checked(connection, "acts", (), done.append) == ("acts", 7, 4, 0, 0, None)
    assert done == [7]


def test_whoever_changes_the_tables_is_found(database: Database) -> None:
    filled(database)
    with database.reading() as connection:
        whole = next(iter(records(connection, "acts")))
        end = head_of(connection, "acts")
    row = audit.c.chain == "acts"
    cases: list[tuple[Executable, tuple[str, int, int]]] = [
        (update(audit).where(audit.c.seq == 3).values(body=whole[2].body.replace("mona", "otto")), ("edited", 1, 3)),
        (update(audit).where(audit.c.seq == 3).values(content_id="m9"), ("edited", 3, 3)),
        (delete(audit).where(row, audit.c.seq == 3), ("missing", 3, 3)),
        (delete(audit).where(row, audit.c.seq > 5), ("cut", 6, 7)),
        (delete(audit).where(row), ("cut", 1, 7)),
        (delete(audit_head), ("added", 1, 7)),
        (update(audit_head).values(hash=GENESIS), ("forked", 1, 7)),
        (update(audit).where(audit.c.seq == 3).values(seq=0), ("added", 0, 0)),
        (update(audit_text).where(audit_text.c.text == "text 3").values(text="text x"), ("text", 3, 3)),
        (delete(audit_text).where(audit_text.c.text == "text 3"), ("text", 3, 3)),
    ]
    with database.writing() as connection:
        for statement, expected in cases:
            nested = connection.begin_nested()
            connection.execute(statement)
            found = checked(connection, "acts", ()).broken
            nested.rollback()
            assert found is not None
            assert (found.kind, found.first, found.last) == expected
    assert broken(database) is None

    with database.writing() as connection:
        connection.execute(delete(audit).where(row, audit.c.seq > 4))
        connection.execute(update(audit_head).values(seq=4, hash=whole[3].hash))
    assert broken(database) is None
    assert broken(database, Mark(6, whole[5].hash)) == ("cut", 5, 6)
    filled(database, 3)
    assert broken(database, Mark(2, whole[1].hash), Mark(6, whole[5].hash)) == ("forked", 3, 6)
    assert end.seq == 7


def test_a_text_that_is_no_text_is_an_edit(database: Database) -> None:
    filled(database)
    if database.dialect != "sqlite":
        return
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE audit SET body = x'ff' WHERE seq = 2")

    assert broken(database) == ("edited", 2, 2)


def test_a_damaged_record_does_not_keep_people_from_acting(database: Database) -> None:
    filled(database)
    with database.writing() as connection:
        connection.execute(update(audit).where(audit.c.seq == 4).values(body="{"))
        assert [body.seq for body in about(connection, "m1", 5)] == [7, 1]
        connection.execute(
            insert(audit), {"chain": "accounts", "seq": 1, "hash": "", "body": "", "at": 9, "content_id": "m1"}
        )
        assert [body.seq for body in about(connection, "m1", 5)] == [7, 1]
