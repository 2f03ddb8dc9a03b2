from functools import partial

import pytest

from streams.core.content import Location
from streams.core.judged_object import JudgedObject
from streams.core.rights import Grant
from streams.core.ruling import Ruling
from streams.store.acting import Wish
from streams.store.actor import Acted, Actor
from streams.store.bulk import Done, Preview, Selection, bulk, bulk_preview
from streams.store.database import Database
from streams.store.not_done import Changed, Forbidden, NotThere, Wrong
from streams.store.tables import audit, item, ruling
from tests.unit.store.acts import MODERATOR, NOW, SENIOR, STRANGER, opened, row_of, rows, sent
from tests.unit.store.records import decision

BLOCK = Wish("override", "block", reason="spam wave")
SAME = JudgedObject("image", Location(bucket="b", key="k"), sha256="ab" * 32)


def test_all_open_items_of_an_author_are_ruled_on_at_once(database: Database) -> None:
    one, two, other, closed = opened(
        database,
        decision("m1"),
        decision("m2", severity="critical"),
        decision("m3", user_id="u2"),
        decision("m4"),
    )
    with database.writing() as connection:
        bulk(connection, SENIOR, Selection((closed,)), Wish("approve"), bulk_id="b0", expected=1, now=NOW)
    selection = Selection(like="author", item_id=one)

    with database.reading() as connection:
        preview = bulk_preview(connection, SENIOR, selection, BLOCK)
    with database.writing() as connection:
        done = bulk(connection, SENIOR, selection, BLOCK, bulk_id="b1", expected=2, now=NOW)

    assert preview == Preview(2, (two, one))
    assert done == Done("b1", (Acted(one, 2, "b1"), Acted(two, 2, "b1:1")), 0)
    assert [row_of(database, each).action for each in (one, two, other, closed)] == ["block", "block", "flag", "allow"]
    assert {(row.id, row.bulk_id) for row in rows(database, ruling)} == {("b0", "b0"), ("b1", "b1"), ("b1:1", "b1")}
    assert [one.ruling_id for one in sent(database) if isinstance(one, Ruling)] == ["b0", "b1", "b1:1"]
    assert len(rows(database, audit)) == 3


def test_items_with_the_same_text_or_picture_are_siblings(database: Database) -> None:
    one, two, three, four = opened(
        database,
        decision("m1"),
        decision("m2", user_id="u2"),
        decision("i1", kind="image", objects=(SAME,)),
        decision("i2", kind="image", user_id="u2", objects=(SAME,)),
    )

    with database.reading() as connection:
        texts = bulk_preview(connection, SENIOR, Selection(like="text", item_id=one), BLOCK)
        images = bulk_preview(connection, SENIOR, Selection(like="image", item_id=three), BLOCK)
        alone = bulk_preview(connection, SENIOR, Selection(like="image", item_id=one), BLOCK)

    assert (texts.number, set(texts.samples)) == (2, {one, two})
    assert (images.number, set(images.samples)) == (2, {three, four})
    assert alone == Preview(1, (one,))


def test_nothing_is_done_when_the_number_is_not_what_was_shown(database: Database) -> None:
    (one, _) = opened(database, decision("m1"), decision("m2"))

    for expected in (1, 3):
        with pytest.raises(Changed, match="holds 2 items"), database.writing() as connection:
            bulk(
                connection,
                SENIOR,
                Selection(like="author", item_id=one),
                BLOCK,
                bulk_id="b",
                expected=expected,
                now=NOW,
            )
    assert rows(database, ruling) == []


def test_one_item_that_cannot_be_ruled_on_keeps_all_as_they_are(database: Database) -> None:
    one, two = opened(database, decision("m1", action="mask_flag", masked_text="****"), decision("m2"))
    wish = Wish("override", "mask", reason="so")

    with pytest.raises(Wrong, match=f"item {two}: nothing to mask"), database.writing() as connection:
        bulk(connection, SENIOR, Selection((one, two)), wish, bulk_id="b", expected=2, now=NOW)

    assert [row.version for row in rows(database, item)] == [1, 1]


def test_the_same_bulk_twice_is_one(database: Database) -> None:
    one, two = opened(database, decision("m1"), decision("m2"))
    selection = Selection(like="author", item_id=one)
    again = partial(bulk, selection=selection, wish=BLOCK, bulk_id="b1", expected=2, now=NOW)
    with database.writing() as connection:
        first = again(connection, SENIOR)

    with database.writing() as connection:
        assert again(connection, SENIOR) == first
    with pytest.raises(Wrong), database.writing() as connection:
        again(connection, Actor("another", (Grant("senior"),)))

    assert {row.item_id for row in rows(database, ruling)} == {one, two}
    assert len(rows(database, audit)) == 2


def test_what_is_out_of_reach_is_not_selected_or_refused(database: Database) -> None:
    one, two = opened(database, decision("m1"), decision("m2", tenant="t2"))
    mixed = Actor("mia", (Grant("moderator"), Grant("senior", tenants=("t1",))))
    preview = partial(bulk_preview, wish=BLOCK)

    with database.reading() as connection:
        assert preview(connection, mixed, Selection(like="author", item_id=two)).samples == (one,)
        assert preview(connection, STRANGER, Selection((one, two))).number == 0
        with pytest.raises(NotThere):
            preview(connection, STRANGER, Selection(like="author", item_id=one))
        with pytest.raises(Forbidden):
            preview(connection, mixed, Selection((one, two)))
        with pytest.raises(Forbidden):
            preview(connection, MODERATOR, Selection((one,)))
        for none in (Selection(), Selection((one,), like="text", item_id=one), Selection(like="text")):
            with pytest.raises(Wrong):
                preview(connection, SENIOR, none)


def test_a_long_selection_is_reached_in_several_calls(database: Database) -> None:
    one, *_ = opened(database, *(decision(f"m{number}") for number in range(1005)))
    selection, wish = Selection(like="author", item_id=one), Wish("escalate", reason="so")

    left = 1005
    reached: list[int] = []
    while left:
        with database.writing() as connection:
            done = bulk(connection, SENIOR, selection, wish, bulk_id=f"b{left}", expected=left, now=NOW)
        left, reached = done.left, [*reached, len(done.acted)]

    assert reached == [1000, 5]
    assert {(row.version, row.escalated) for row in rows(database, item)} == {(2, 1)}
