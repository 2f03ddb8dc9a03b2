from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from streams.core.audit import Body, body_read
from streams.core.finding import Evidence
from streams.core.harm import harm
from streams.core.review_rules import ReviewRules
from streams.core.rights import Grant
from streams.core.ruling import Ruling
from streams.store.actor import Acted, Actor
from streams.store.auditing import texts
from streams.store.batch import Batch
from streams.store.database import Database
from streams.store.not_done import Change, Changed, Forbidden, NotDone, NotThere, Wrong
from streams.store.tables import audit, audit_head, audit_text, found, item, outbox, ruling, said
from streams.store.taking import take
from tests.unit.store.acts import (
    AUDITOR,
    MODERATOR,
    NOW,
    SENIOR,
    STRANGER,
    approve,
    deescalate,
    escalate,
    opened,
    override,
    row_of,
    rows,
    sent,
    undo,
)
from tests.unit.store.records import decision, read, triggered


def bodies(database: Database) -> list[Body]:
    return [body_read(row.body) for row in sorted(rows(database, audit), key=lambda row: row.seq)]


def refused(database: Database, error: type[NotDone], act: Callable[[Any], object]) -> NotDone:
    """Return why an act was refused, and see that it changed nothing."""
    tables = (item, found, ruling, said, outbox, audit, audit_head, audit_text)
    before = [rows(database, table) for table in tables]
    with pytest.raises(error) as raised, database.writing() as connection:
        act(connection)
    assert [rows(database, table) for table in tables] == before
    return raised.value


def test_approving_what_was_flagged_lets_it_pass_and_says_that_the_rules_were_wrong(database: Database) -> None:
    (one,) = opened(database, decision("m1", action="flag"))

    with database.writing() as connection:
        acted = approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW)

    assert acted == Acted(one, 2, "r1")
    row = row_of(database, one)
    assert (row.version, row.open, row.action, row.closed_at, row.ruling_id) == (2, 0, "allow", NOW, "r1")
    (ruled,) = rows(database, ruling)
    assert (ruled.act, ruled.by, ruled.from_action, ruled.to_action, ruled.confirmed) == (
        *("approve", "mona", "flag", "allow"),
        0,
    )
    (rule,) = rows(database, said)
    assert (rule.policy_id, rule.engine, rule.rule, rule.label, rule.confirmed) == (
        *("default", "blocklist", "terms", "scam"),
        0,
    )
    (sent_,) = sent(database)
    assert isinstance(sent_, Ruling)
    assert (sent_.ruling_id, sent_.act, sent_.by, sent_.at) == ("r1", "approve", "mona", NOW)
    assert sent_.decision == decision("m1", action="flag")
    (body,) = bodies(database)
    assert (body.chain, body.seq, body.at, body.act, body.by) == ("acts", 1, NOW, "approve", "mona")
    assert (body.content_id, body.item_id, body.user_id, body.version) == ("m1", one, "u1", 2)
    assert (body.from_action, body.to_action, body.id) == ("flag", "allow", "r1")
    assert [row.open for row in rows(database, found)] == [0]


@pytest.mark.parametrize(
    ("action", "ends", "confirmed"), [("mask_flag", "mask", 1), ("block", "block", 1), ("shadow_block",) * 2 + (1,)]
)
def test_approving_anything_else_says_that_the_rules_were_right(
    database: Database, action: str, ends: str, confirmed: int
) -> None:
    (one,) = opened(database, decision("m1", action=action, masked_text="****" if action == "mask_flag" else None))

    with database.writing() as connection:
        approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW)

    assert row_of(database, one).action == ends
    assert [row.confirmed for row in rows(database, said)] == [confirmed]


def test_undo_is_an_override_to_allow(database: Database) -> None:
    (one,) = opened(database, decision("m1", action="block"))

    with database.writing() as connection:
        undo(connection, SENIOR, one, version=1, ruling_id="r1", reason="a quotation", now=NOW)

    (sent_,) = sent(database)
    assert isinstance(sent_, Ruling)
    assert (sent_.act, sent_.action, sent_.reason) == ("override", "allow", "a quotation")
    assert row_of(database, one).action == "allow"
    assert [row.confirmed for row in rows(database, said)] == [0]


def test_the_last_ruling_on_an_item_counts_for_its_rules(database: Database) -> None:
    lines = (triggered("a", confidence=40.0), triggered("b"), triggered("a", confidence=90.0, label="spam"))
    (one,) = opened(database, decision("m1", action="block", triggered=lines))

    with database.writing() as connection:
        undo(connection, SENIOR, one, version=1, ruling_id="r1", reason="wrong", now=NOW)
    with database.writing() as connection:
        override(connection, SENIOR, one, version=2, ruling_id="r2", action="bounce", reason="no", now=NOW + 1)

    assert {(row.rule, row.label, row.confidence, row.confirmed, row.at) for row in rows(database, said)} == {
        ("a", "scam", 90.0, 1, NOW + 1),
        ("b", "scam", None, 1, NOW + 1),
    }
    assert [one.ruling_id for one in sent(database) if isinstance(one, Ruling)] == ["r1", "r2"]


def test_what_is_returned_the_first_time_ends_as_a_bounce(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        override(connection, SENIOR, one, version=1, ruling_id="r1", action="bounce_block", reason="so", now=NOW)

    assert row_of(database, one).action == "bounce"


def test_a_mask_hides_what_the_rules_found_where_the_decision_does_not_say_what(database: Database) -> None:
    places = (Evidence(span=(5, 7)), Evidence(span=(0, 3), attachment=0), Evidence(span=(8, 13)))
    (one,) = opened(database, decision("m1", triggered=(triggered(evidence=places),)), text="Send me money")

    with database.writing() as connection:
        override(connection, SENIOR, one, version=1, ruling_id="r1", action="mask", reason="so", now=NOW)

    (sent_,) = sent(database)
    assert isinstance(sent_, Ruling)
    assert sent_.masked_text == "Send **** ****"


def test_a_mask_stays_as_the_decision_has_it(database: Database) -> None:
    (one,) = opened(database, decision("m1", action="mask_flag", masked_text="call ****"))

    with database.writing() as connection:
        override(connection, SENIOR, one, version=1, ruling_id="r1", action="mask", reason="so", now=NOW)

    (sent_,) = sent(database)
    assert isinstance(sent_, Ruling)
    assert (sent_.masked_text, sent_.decision.masked_text) == (None, "call ****")


@pytest.mark.parametrize("kind", ["message", "image"])
def test_nothing_is_masked_where_nobody_knows_what(database: Database, kind: str) -> None:
    places = (Evidence(span=(0, 4)),) if kind == "image" else (Evidence(),)
    (one,) = opened(database, decision("m1", kind=kind, triggered=(triggered(evidence=places),)))

    refused(
        database,
        Wrong,
        lambda c: override(c, SENIOR, one, version=1, ruling_id="r", action="mask_flag", reason="so", now=NOW),
    )


def test_an_escalated_item_stays_open_and_comes_first(database: Database) -> None:
    (one,) = opened(database, decision("m1", severity="high", confidence=80.0))

    with database.writing() as connection:
        escalate(connection, MODERATOR, one, version=1, ruling_id="r1", priority=2, reason="unsure", now=NOW)

    row = row_of(database, one)
    assert (row.open, row.action, row.escalated, row.priority) == (1, "flag", 1, 2)
    assert row.harm == harm("high", 80.0, 1, escalated=True, priority=2)
    assert [line.harm for line in rows(database, found)] == [row.harm]
    assert rows(database, said) == []
    (sent_,) = sent(database)
    assert isinstance(sent_, Ruling)
    assert (sent_.act, sent_.priority) == ("escalate", 2)

    with database.writing() as connection:
        deescalate(connection, SENIOR, one, version=2, ruling_id="r2", now=NOW)
    row = row_of(database, one)
    assert (row.open, row.escalated, row.priority, row.harm) == (1, 0, 0, harm("high", 80.0, 1))


def test_an_item_that_is_not_escalated_is_not_taken_back(database: Database) -> None:
    (one,) = opened(database)

    refused(database, Wrong, lambda c: deescalate(c, SENIOR, one, version=1, ruling_id="r", now=NOW))


def test_escalating_a_closed_item_opens_it_again(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW)
        escalate(connection, MODERATOR, one, version=2, ruling_id="r2", reason="second look", now=NOW + 1)

    row = row_of(database, one)
    assert (row.open, row.closed_at, row.escalated, row.action) == (1, None, 1, "allow")
    assert [line.open for line in rows(database, found)] == [1]


def test_the_same_ruling_twice_is_one_and_brings_the_same_result(database: Database) -> None:
    (one,) = opened(database)
    with database.writing() as connection:
        first = approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW)
    with database.writing() as connection:
        escalate(connection, SENIOR, one, version=2, ruling_id="r2", reason="so", now=NOW)

    with database.writing() as connection:
        again = approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW + 5)

    assert again == first == Acted(one, 2, "r1")
    assert (len(rows(database, ruling)), len(sent(database)), len(rows(database, audit))) == (2, 2, 2)


def test_the_id_of_another_ruling_is_refused(database: Database) -> None:
    one, two = opened(database, decision("m1"), decision("m2"))
    with database.writing() as connection:
        approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW)

    for who, which in ((MODERATOR, two), (SENIOR, one)):
        refused(database, Wrong, partial(approve, actor=who, item_id=which, version=None, ruling_id="r1", now=NOW))
    refused(database, Wrong, lambda c: escalate(c, MODERATOR, one, version=None, ruling_id="r1", reason="so", now=NOW))


def test_who_comes_late_is_told_what_changed(database: Database) -> None:
    (one,) = opened(database)
    with database.writing() as connection:
        escalate(connection, SENIOR, one, version=1, ruling_id="r1", reason="so", now=NOW)
        approve(connection, SENIOR, one, version=2, ruling_id="r2", now=NOW + 1)

    late = refused(database, Changed, lambda c: approve(c, MODERATOR, one, version=1, ruling_id="r3", now=NOW + 2))

    assert isinstance(late, Changed)
    assert late.version == 3
    assert late.what == (Change("sven", "escalate", NOW), Change("sven", "approve", NOW + 1))


def test_a_newer_decision_counts_as_a_change(database: Database) -> None:
    (one,) = opened(database)
    with database.writing() as connection:
        take(connection, Batch(decisions=read(decision("m1", 1, source="automatic", action="block"))), NOW)

    late = refused(database, Changed, lambda c: approve(c, MODERATOR, one, version=1, ruling_id="r", now=NOW + 2))

    assert isinstance(late, Changed)
    assert late.what == (Change("", "decision", NOW),)


def test_an_item_out_of_scope_does_not_exist(database: Database) -> None:
    (one,) = opened(database)
    labelled = Actor("lara", (Grant("senior", labels=("spam",)),))

    for who in (STRANGER, labelled, Actor("nobody", ())):
        refused(database, NotThere, partial(approve, actor=who, item_id=one, version=1, ruling_id="r", now=NOW))
    refused(database, NotThere, lambda c: approve(c, SENIOR, one + 1, version=1, ruling_id="r", now=NOW))


def test_who_may_see_an_item_and_lacks_the_right_is_told_so(database: Database) -> None:
    (one,) = opened(database, decision("m1", action="block"))
    mixed = Actor("mia", (Grant("moderator", tenants=("t1",)), Grant("senior", tenants=("t2",))))

    refused(database, Forbidden, lambda c: approve(c, AUDITOR, one, version=1, ruling_id="r", now=NOW))
    for who in (MODERATOR, mixed):
        refused(
            database, Forbidden, partial(undo, actor=who, item_id=one, version=1, ruling_id="r", reason="so", now=NOW)
        )


def test_the_policy_says_which_acts_want_a_reason(database: Database) -> None:
    (one,) = opened(database)
    strict: Callable[[str], ReviewRules] = {"default": ReviewRules(frozenset({"approve"}))}.__getitem__

    for reason in (None, "", " \n "):
        refused(
            database,
            Wrong,
            partial(
                override, actor=SENIOR, item_id=one, version=1, ruling_id="r", action="block", reason=reason, now=NOW
            ),
        )
    refused(database, Wrong, lambda c: approve(c, MODERATOR, one, version=1, ruling_id="r", rules=strict, now=NOW))
    with database.writing() as connection:
        override(connection, SENIOR, one, version=1, ruling_id="r", action="block", rules=strict, now=NOW)
    assert row_of(database, one).action == "block"


@pytest.mark.parametrize("reason", ["x" * 257, "x" * 10_000_000, "a\0b", "\ud800"])
def test_a_reason_that_cannot_be_kept_is_refused(database: Database, reason: str) -> None:
    (one,) = opened(database)

    refused(database, Wrong, lambda c: approve(c, MODERATOR, one, version=1, ruling_id="r", reason=reason, now=NOW))


def test_a_reason_lies_beside_the_chain_which_holds_its_digest(database: Database) -> None:
    (one,) = opened(database)

    with database.writing() as connection:
        approve(connection, MODERATOR, one, version=1, ruling_id="r1", reason="  satire of the canary  ", now=NOW)

    (row,) = rows(database, audit)
    assert "canary" not in row.body
    digest = body_read(row.body).reason
    assert digest is not None
    with database.reading() as connection:
        assert texts(connection, [digest])[digest][1] == "satire of the canary"
        kept = connection.execute(select(audit_text.c.user_id)).scalar_one()
    assert kept == "u1"


def test_a_ruling_ends_the_claim(database: Database) -> None:
    (one,) = opened(database)
    with database.writing() as connection:
        connection.execute(item.update().values(claimed_by="mona", claimed_until=NOW + 1000))
        approve(connection, MODERATOR, one, version=1, ruling_id="r1", now=NOW)

    assert (row_of(database, one).claimed_by, row_of(database, one).claimed_until) == (None, 0)


def test_a_ruling_fits_into_a_record_however_much_evidence_its_decision_has(database: Database) -> None:
    places = tuple(Evidence(span=(at, at + 1), snippet="\x01" * 250) for at in range(400))
    (one,) = opened(
        database, decision("m1", action="flag", triggered=(triggered(evidence=places),)), text="\x02" * 20_000
    )

    with database.writing() as connection:
        override(connection, SENIOR, one, action="mask", version=1, ruling_id="r1", reason="seen", now=NOW)
        value = connection.execute(select(outbox.c.value)).scalar_one()

    (record,) = sent(database)
    assert isinstance(record, Ruling)
    assert len(value) < 262_144
    assert len(record.decision.triggered[0].evidence) == 10
