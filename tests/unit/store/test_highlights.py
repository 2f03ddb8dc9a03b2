from streams.core.finding import Evidence
from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.highlights import highlights
from streams.store.taking import take
from tests.unit.store.records import DECIDED, decision, message, read, triggered, upload


def test_a_highlight_tells_where_in_the_text_something_was_found_and_by_which_rules(database: Database) -> None:
    first = triggered("terms", evidence=(Evidence(span=(5, 7)), Evidence(span=(0, 3), attachment=0)))
    second = triggered("links", "pattern", evidence=(Evidence(span=(8, 13)),))
    made = [decision("m1", triggered=(first, second)), decision("m2"), decision("i1", kind="image")]
    batch = Batch(
        decisions=read(*made),
        messages=read(message("m1", "Send me money"), topic="messages"),
        uploads=read(upload("i1"), topic="uploads"),
    )
    with database.writing() as connection:
        take(connection, batch, DECIDED)
        found = highlights(connection, [1, 2, 3, 4])
    assert sorted(found) == [1, 2, 3]
    told = {one.text: one for one in found.values() if one.text}["Send me money"]
    assert (told.spans, told.rule, told.rules, told.policy_id) == (((5, 7), (8, 13)), "blocklist.terms", 2, "default")
    assert {(one.text, one.spans) for one in found.values()} >= {(None, ())}


def test_no_ids_are_no_highlights(database: Database) -> None:
    with database.reading() as connection:
        assert highlights(connection, []) == {}
