from streams.store.database import Database
from streams.store.near import remember
from streams.store.scope import EVERYTHING, Scope
from streams.store.similar import similar
from tests.unit.store.stored import put

PDQ = "0" * 64
NEAR = "0" * 56 + "7fffffff"  # 31 bits away
FAR = "0" * 56 + "ffffffff"


def test_what_is_alike_is_counted_and_shown_without_the_item(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1, user_id="a", text_hash="t", hashes=[("s", PDQ)])
        put(connection, 2, user_id="a", text_hash="t", open=0)
        put(connection, 3, user_id="a", text_hash=None, hashes=[("s", NEAR), ("s", NEAR)])
        put(connection, 4, user_id="b", text_hash="t", hashes=[(None, FAR)])
        put(connection, 5, user_id="b", text_hash="u", hashes=[("s", None)], open=0)
        remember(connection, (PDQ, NEAR, FAR))
    with database.reading() as connection:
        found = similar(connection, EVERYTHING, 1)
    assert found is not None
    for alike, number_open, number, ids in (
        (found.author, 1, 2, [3, 2]),
        (found.text, 1, 2, [4, 2]),
        (found.image, 1, 2, [3, 5]),
        (found.near, 1, 1, [3]),
    ):
        assert (alike.open, alike.all, [row.id for row in alike.samples]) == (number_open, number, ids)


def test_an_item_without_text_and_pictures_is_like_others_by_its_author_only(database: Database) -> None:
    with database.writing() as connection:
        for number in (1, 2):
            put(connection, number, text_hash=None, hashes=[(None, None)])
    with database.reading() as connection:
        found = similar(connection, EVERYTHING, 1)
    assert found is not None
    assert [each.all for each in (found.author, found.text, found.image, found.near)] == [1, 0, 0, 0]


def test_samples_are_twenty_the_newest_open_ones_first(database: Database) -> None:
    with database.writing() as connection:
        for number in range(1, 30):
            put(connection, number, open=int(number != 29))
    with database.reading() as connection:
        found = similar(connection, EVERYTHING, 5)
    assert found is not None
    assert (found.author.open, found.author.all) == (27, 28)
    assert [row.id for row in found.author.samples] == [*range(28, 8, -1)]


def test_what_is_out_of_scope_is_not_like_anything(database: Database) -> None:
    with database.writing() as connection:
        put(connection, 1, tenant="a")
        put(connection, 2, tenant="b")
    with database.reading() as connection:
        found = similar(connection, Scope(("a",), None), 1)
        assert found is not None
        assert found.author.all == 0
        assert similar(connection, Scope(("a",), None), 2) is None
