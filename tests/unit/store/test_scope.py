from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from streams.core.queue_filter import Filter
from streams.core.rights import ROLES, Grant, Right, may
from streams.store import tables
from streams.store.conversation import conversation
from streams.store.database import Database
from streams.store.queue import counts, next_item, page
from streams.store.reading import item_of
from streams.store.scope import EVERYTHING, NOTHING, scope_of, within
from streams.store.similar import similar
from streams.store.user_card import user_card
from tests.unit.store.stored import LABELS, NOW, TENANTS, USERS, Row, drawn

GRANTS = st.lists(
    st.builds(
        Grant,
        st.sampled_from(ROLES),
        st.one_of(st.none(), st.lists(st.sampled_from((*TENANTS, "other")), max_size=2).map(tuple)),
        st.one_of(st.none(), st.lists(st.sampled_from(LABELS), max_size=2).map(tuple)),
    ),
    max_size=3,
)


def labels(row: Row) -> set[str]:
    return {label for _, _, label in row["found"]}


def test_no_reading_ever_gives_what_is_outside_of_the_grants(database: Database) -> None:
    with database.writing() as connection:
        rows = drawn(connection, 10, Random(3))
        connection.execute(
            tables.message.insert(),
            [
                {
                    **{name: row[name] for name in ("content_id", "conversation_id", "tenant", "user_id")},
                    "kind": "message",
                    "place": row["id"],
                    "at": NOW - 5000 + row["id"],
                    "text": row["content_id"],
                }
                for row in rows
                if row["conversation_id"] and row["kind"] == "message"
            ],
        )

    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(grants=GRANTS, right=st.sampled_from(("see", "override", "audit")))
    def holds(grants: list[Grant], right: Right) -> None:
        scope = scope_of(grants, right)
        inside = {row["id"]: row for row in rows if may(grants, right, row["tenant"], labels(row))}
        contents = {row["content_id"] for row in inside.values()}
        with database.reading() as connection:
            assert set(connection.scalars(select(tables.item.c.id).where(within(scope)))) == set(inside)
            shown = page(connection, scope, Filter(status="all"), None, 200, "ann", NOW)
            assert {row.id for row in shown.rows} == set(inside)
            assert sum(each.open for each in counts(connection, scope)) == sum(row["open"] for row in inside.values())
            for row in rows:
                one = item_of(connection, scope, row["id"], NOW)
                alike = similar(connection, scope, row["id"])
                talk = conversation(connection, scope, row["id"])
                assert (one is not None) == (alike is not None) == (talk is not None) == (row["id"] in inside)
                if alike is not None and talk is not None:
                    for some in (alike.author, alike.text, alike.image, alike.near):
                        assert {each.id for each in some.samples} <= set(inside)
                    assert {said.item_id for said in talk.messages} <= {*inside, None}
                    assert {said.text for said in talk.messages if said.item_id is None}.isdisjoint(contents)
                    theirs = {each["content_id"] for each in rows if each["tenant"] != row["tenant"]}
                    assert {said.text for said in talk.messages}.isdisjoint(theirs)
            for user in USERS:
                card = user_card(connection, scope, user, NOW)
                assert card is None or {each.item_id for each in card.items} <= set(inside)
                assert (card is not None) == any(row["user_id"] == user for row in inside.values())
        with database.writing() as connection:
            given_out = next_item(connection, scope, Filter(), "ann", 1000, NOW)
            connection.rollback()
        assert given_out in inside or given_out is None

    holds()


def test_grants_of_all_are_a_scope_of_all_whatever_stands_beside() -> None:
    assert scope_of([Grant("moderator", ("a",)), Grant("auditor")]) == EVERYTHING
    assert scope_of([Grant("moderator", ("a",)), Grant("auditor")], "override") == NOTHING
    assert scope_of([]) == NOTHING
