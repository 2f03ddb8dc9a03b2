import pytest

from streams.core.audit import body_read
from streams.store.database import Database
from streams.store.not_done import Changed, Forbidden, NotThere, Wrong
from streams.store.noting import note
from streams.store.tables import audit, audit_text
from streams.store.tables import note as notes
from tests.unit.store.acts import AUDITOR, MODERATOR, NOW, SENIOR, STRANGER, opened, row_of, rows


def test_a_note_is_kept_and_the_log_holds_its_digest(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        note(connection, MODERATOR, one, text=" a canary sang \n", now=NOW)

    (kept,) = rows(database, notes)
    assert (kept.item_id, kept.by, kept.at, kept.text) == (one, "mona", NOW, "a canary sang")
    assert row_of(database, one).version == 2
    (record,) = rows(database, audit)
    (text,) = rows(database, audit_text)
    assert "canary" not in record.body
    assert body_read(record.body).note == text.digest
    assert (text.text, text.user_id) == ("a canary sang", "u1")


def test_the_same_note_twice_is_one(database: Database) -> None:
    (one,) = opened(database)

    for _ in range(2):
        with database.writing() as connection:
            acted = note(connection, MODERATOR, one, text="seen", note_id="n1", version=1, now=NOW)
        assert acted.version == 2

    assert len(rows(database, notes)) == 1


@pytest.mark.parametrize("text", ["", "  ", "x" * 4001, "x" * 10_000_000, "a\0", "\udfff"])
def test_what_cannot_be_kept_is_refused(database: Database, text: str) -> None:
    (one,) = opened(database)

    with pytest.raises(Wrong), database.writing() as connection:
        note(connection, MODERATOR, one, text=text, now=NOW)


def test_a_note_of_4000_characters_of_any_script_is_kept(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        note(connection, MODERATOR, one, text="😀" * 4000, now=NOW)

    assert rows(database, notes)[0].text == "😀" * 4000


def test_who_may_not_note_does_not(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        with pytest.raises(Forbidden):
            note(connection, AUDITOR, one, text="seen", now=NOW)
        with pytest.raises(NotThere):
            note(connection, STRANGER, one, text="seen", now=NOW)
        note(connection, SENIOR, one, text="seen", now=NOW)
        with pytest.raises(Changed) as late:
            note(connection, SENIOR, one, text="seen", version=1, now=NOW)

    assert [change.act for change in late.value.what] == ["note"]
