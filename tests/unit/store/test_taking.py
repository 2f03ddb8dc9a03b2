import random
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, select, text, update

from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.finding import Evidence
from streams.core.harm import harm
from streams.core.judged_object import JudgedObject
from streams.core.restriction import Standing
from streams.store import tables
from streams.store.batch import Batch, Taken, UserStanding
from streams.store.database import Database
from streams.store.failure import Unavailable
from streams.store.taking import take
from tests.unit.store.records import CREATED, DECIDED, decision, message, outcome, read, triggered, upload
from tests.waiting import until

NOW = DECIDED + 100


def taken(database: Database, *, now: int = NOW, **batch: Any) -> Taken:
    with database.writing() as connection:
        return take(connection, Batch(**batch), now)


def every(database: Database, name: str) -> list[dict[str, Any]]:
    table = tables.metadata.tables[name]
    with database.reading() as connection:
        rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        return [dict(row) for row in rows]


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: every(database, name) for name in tables.metadata.tables}


def only(database: Database, name: str = "item") -> dict[str, Any]:
    (row,) = every(database, name)
    return row


def ruled(database: Database, **changes: Any) -> None:
    """Change an item as an act does, whose decision is on its way."""
    with database.writing() as connection:
        row = connection.execute(select(tables.item.c.version)).scalar_one()
        connection.execute(update(tables.item).values(version=row + 1, **changes))


def test_a_flagged_decision_with_its_message_opens_an_item(database: Database) -> None:
    lines = (triggered(), triggered("links", label="spam"), triggered("threat", "text_model", severity="high"))
    flagged = decision(triggered=lines, severity="high", confidence=80.0)
    assert taken(database, decisions=read(flagged), messages=read(message(), topic="messages")) == Taken(opened=1)
    row = only(database)
    found_by, rank = 2, 3
    assert row == {
        "id": 1,
        "content_id": "m1",
        "tenant": "t1",
        "kind": "message",
        "user_id": "u1",
        "conversation_id": "c1",
        "language": "en",
        "version": 1,
        "open": 1,
        "action": "flag",
        "first_action": "flag",
        "severity": rank,
        "confidence": 80.0,
        "found_by": found_by,
        "escalated": 0,
        "priority": 0,
        "harm": harm("high", 80.0, found_by),
        "revision": 0,
        "ruling_id": None,
        "decision": msgspec.json.encode(flagged).decode(),
        "policy_id": "default",
        "opened_at": DECIDED,
        "received_at": DECIDED - 20,
        "closed_at": None,
        "touched_at": NOW,
        "text": "Send me money",
        "text_hash": sha256(b"send me money").hexdigest(),
        "user_role": "member",
        "user_created_at": int(CREATED.timestamp() * 1000),
        "user_trusted": False,
        "claimed_by": None,
        "claimed_until": 0,
        "assigned_to": None,
        "erased_at": None,
        "pictured": 0,
    }
    shared = {"item_id": 1, "open": 1, "harm": row["harm"], "opened_at": DECIDED}
    assert every(database, "found") == [
        {"engine": "blocklist", "rule": "links", "label": "spam", **shared},
        {"engine": "blocklist", "rule": "terms", "label": "scam", **shared},
        {"engine": "text_model", "rule": "threat", "label": "scam", **shared},
    ]
    assert only(database, "decision") == {
        "content_id": "m1",
        "revision": 0,
        "at": DECIDED,
        "source": "automatic",
        "action": "flag",
        "record": row["decision"],
    }


@pytest.mark.parametrize("action", ["flag", "mask_flag", "bounce_flag", "bounce_block", "shadow_block", "block"])
def test_what_goes_to_review_opens_an_item(database: Database, action: str) -> None:
    taken(database, decisions=read(decision(action=action)))
    assert only(database)["action"] == action


def test_what_is_escalated_opens_an_item_whatever_its_action(database: Database) -> None:
    taken(database, decisions=read(decision(action="mask", escalate=True)))
    row = only(database)
    assert (row["escalated"], row["harm"]) == (1, harm("medium", None, 1, escalated=True))


@pytest.mark.parametrize("action", ["allow", "mask", "bounce"])
def test_other_decisions_leave_nothing(database: Database, action: str) -> None:
    assert taken(database, decisions=read(decision(action=action))) == Taken()
    assert every(database, "item") == every(database, "decision") == every(database, "found") == []


def test_a_message_without_an_item_is_kept_for_context(database: Database) -> None:
    taken(database, messages=read(message(), offset=41, topic="messages", at=DECIDED - 50))
    row = only(database, "message")
    assert (row["text"], row["place"], row["at"]) == ("Send me money", 41, DECIDED - 50)
    assert every(database, "item") == []


def test_a_message_that_came_before_tells_its_item(database: Database) -> None:
    taken(database, messages=read(message(), topic="messages"))
    taken(database, decisions=read(decision()))
    row = only(database)
    assert (row["text"], row["language"], row["user_role"], row["version"]) == ("Send me money", "en", "member", 1)


def test_a_message_that_comes_after_tells_its_item(database: Database) -> None:
    taken(database, decisions=read(decision()))
    assert only(database)["text"] is None
    assert taken(database, now=NOW + 1, messages=read(message(), topic="messages")) == Taken(told=1)
    row = only(database)
    assert (row["text"], row["text_hash"]) == ("Send me money", sha256(b"send me money").hexdigest())
    assert (row["version"], row["touched_at"]) == (2, NOW + 1)


def test_a_message_that_comes_after_erasure_tells_nothing(database: Database) -> None:
    taken(database, decisions=read(decision()))
    ruled(database, erased_at=NOW)
    taken(database, messages=read(message(), topic="messages"))
    assert only(database)["text"] is None


def test_texts_that_read_the_same_have_one_hash(database: Database) -> None:
    texts = ("Send  me MONEY", "send me money\u200b", "send me honey")
    taken(
        database,
        decisions=read(*(decision(f"m{number}") for number in range(3))),
        messages=read(*(message(f"m{number}", text) for number, text in enumerate(texts)), topic="messages"),
    )
    first, second, third = (row["text_hash"] for row in every(database, "item"))
    assert first == second != third


def test_a_caption_is_the_text_of_an_upload(database: Database) -> None:
    ids = ("i1", "i2")
    taken(
        database,
        decisions=read(*(decision(id_, kind="image") for id_ in ids)),
        uploads=read(upload("i1", "My holiday"), upload("i2"), topic="uploads"),
    )
    assert [(row["text"], row["user_role"]) for row in every(database, "item")] == [
        ("My holiday", "member"),
        (None, "member"),
    ]
    assert [row["text"] for row in every(database, "message")] == ["My holiday", ""]
    assert every(database, "item")[1]["text_hash"] is None


def test_pictures_of_an_item_are_kept_with_what_they_are_copies_of(database: Database) -> None:
    listed, nearer, digest = "a" * 64, "b" * 64, "c" * 64
    copies = triggered(
        "known",
        "media_hash",
        evidence=(
            Evidence(hash=listed, distance=20, attachment=1),
            Evidence(hash=nearer, distance=4, attachment=1),
            Evidence(hash=digest, attachment=0),
        ),
    )
    objects = tuple(JudgedObject("image", Location(bucket="b", key=key), sha256=digest) for key in ("x", "y"))
    taken(database, decisions=read(decision(triggered=(copies,), objects=objects)))
    assert every(database, "media") == [
        {
            "item_id": 1,
            "number": 0,
            "kind": "image",
            "location": '{"bucket":"b","key":"x"}',
            "sha256": digest,
            "pdq": None,
        },
        {
            "item_id": 1,
            "number": 1,
            "kind": "image",
            "location": '{"bucket":"b","key":"y"}',
            "sha256": digest,
            "pdq": nearer,
        },
    ]
    assert only(database)["pictured"] == 1


def test_a_moderators_decision_closes_an_item_that_was_ruled_on_elsewhere(database: Database) -> None:
    taken(database, decisions=read(decision()))
    later = decision(revision=1, action="allow", ruling_id="r1", previous_action="flag")
    assert taken(database, decisions=read(later)) == Taken(revised=1)
    row = only(database)
    assert (row["open"], row["closed_at"], row["action"], row["first_action"]) == (0, DECIDED + 1, "allow", "flag")
    assert (row["revision"], row["version"], row["ruling_id"]) == (1, 2, "r1")
    assert row["decision"] == msgspec.json.encode(later).decode()
    assert [row["open"] for row in every(database, "found")] == [0]
    assert [row["revision"] for row in every(database, "decision")] == [0, 1]


def test_an_escalation_keeps_an_item_open_and_raises_it(database: Database) -> None:
    taken(database, decisions=read(decision()))
    taken(database, decisions=read(decision(revision=1, escalate=True, ruling_id="r1")))
    row = only(database)
    assert (row["open"], row["escalated"], row["harm"]) == (1, 1, harm("medium", None, 1, escalated=True))
    assert only(database, "found")["harm"] == row["harm"]


def test_the_decision_of_an_act_leaves_the_item_as_the_act_did(database: Database) -> None:
    taken(database, decisions=read(decision()))
    ruled(database, ruling_id="r1", escalated=1, priority=3)
    taken(database, decisions=read(decision(revision=1, escalate=True, ruling_id="r1")))
    assert only(database)["harm"] == harm("medium", None, 1, escalated=True, priority=3)
    ruled(database, ruling_id="r2", escalated=0, priority=0)  # taken back: open still
    taken(database, decisions=read(decision(revision=2, ruling_id="r2")))
    row = only(database)
    assert (row["open"], row["escalated"], row["revision"]) == (1, 0, 2)


def test_the_decision_of_an_older_act_does_not_undo_a_newer_one(database: Database) -> None:
    taken(database, decisions=read(decision()))
    ruled(database, ruling_id="r2", action="allow", open=0, closed_at=NOW)
    taken(database, decisions=read(decision(revision=1, action="block", ruling_id="r1", escalate=True)))
    row = only(database)
    assert (row["action"], row["open"], row["escalated"], row["ruling_id"]) == ("allow", 0, 0, "r2")
    assert row["revision"] == 1
    taken(database, decisions=read(decision(revision=2, action="allow", ruling_id="r2")))
    row = only(database)
    assert (row["action"], row["open"], row["closed_at"], row["revision"]) == ("allow", 0, NOW, 2)


def test_what_the_stream_makes_of_a_ruling_is_the_action(database: Database) -> None:
    taken(database, decisions=read(decision()))
    ruled(database, ruling_id="r1", action="block", open=0, closed_at=NOW)
    taken(database, decisions=read(decision(revision=1, action="shadow_block", ruling_id="r1")))
    assert only(database)["action"] == "shadow_block"


def test_a_lower_revision_never_replaces_a_higher_one(database: Database) -> None:
    revisions = [decision(), decision(revision=1, action="block", ruling_id="r1"), decision(revision=2, ruling_id="r2")]
    taken(database, decisions=read(*revisions))
    before = only(database)
    assert before["revision"] == 2
    for each in reversed(revisions):
        assert taken(database, now=NOW + 9, decisions=read(each)) == Taken()
    assert only(database) == before


def test_a_moderators_decision_that_comes_first_makes_a_closed_item_and_learns_how_it_began(database: Database) -> None:
    overruled = decision(revision=1, action="allow", ruling_id="r1", previous_action="block")
    taken(database, decisions=read(overruled))
    assert (only(database)["open"], only(database)["first_action"]) == (0, "block")
    taken(database, decisions=read(decision(action="block")))
    row = only(database)
    assert (row["first_action"], row["opened_at"], row["action"], row["revision"]) == ("block", DECIDED, "allow", 1)
    assert only(database, "found")["opened_at"] == DECIDED
    assert row["open"] == 0


def test_decisions_of_one_batch_in_any_order_end_the_same(database: Database) -> None:
    revisions = [decision(), decision(revision=1, action="block", ruling_id="r1"), decision(revision=2, ruling_id="r2")]
    taken(database, decisions=read(*reversed(revisions)))
    row = only(database)
    assert (row["revision"], row["first_action"], row["opened_at"], row["open"]) == (2, "flag", DECIDED, 0)
    assert [row["revision"] for row in every(database, "decision")] == [0, 1, 2]


def test_an_outcome_is_kept_whether_its_item_is_there_or_comes(database: Database) -> None:
    taken(database, outcomes=read(outcome(), topic="outcomes"))
    taken(database, now=NOW + 1, decisions=read(decision()))
    taken(database, now=NOW + 2, outcomes=read(outcome(at=DECIDED + 6, status="failed"), topic="outcomes"))
    assert [(row["status"], row["at"]) for row in every(database, "outcome")] == [("failed", DECIDED + 6)]
    row = only(database)
    assert (row["version"], row["touched_at"]) == (1, NOW + 2)


def test_an_older_outcome_replaces_none(database: Database) -> None:
    taken(database, outcomes=read(outcome(at=9), outcome(at=7, status="waiting"), topic="outcomes"))
    taken(database, outcomes=read(outcome(at=8, status="waiting"), topic="outcomes"))
    assert (only(database, "outcome")["status"], only(database, "outcome")["at"]) == ("done", 9)


def test_a_standing_is_kept_until_its_tombstone(database: Database) -> None:
    def told(*standings: tuple[str, Standing | None]) -> None:
        taken(database, standings=read(*(UserStanding(*each) for each in standings), topic="standings"))

    told(("u1", Standing("u1", 5)), ("u2", Standing("u2", 5, violations=1)), ("u1", Standing("u1", 6, violations=2)))
    assert [(row["user_id"], row["at"]) for row in every(database, "standing")] == [("u1", 6), ("u2", 5)]
    told(("u1", Standing("u1", 5)), ("u2", None))
    assert [(row["user_id"], row["at"]) for row in every(database, "standing")] == [("u1", 6)]


def test_positions_move_forward_only(database: Database) -> None:
    for end in (5, 9, 7):
        taken(database, positions={("actions", 0): end, ("messages", 3): 1})
    assert [(row["topic"], row["partition"], row["next"]) for row in every(database, "position")] == [
        ("actions", 0, 9),
        ("messages", 3, 1),
    ]


def test_a_batch_with_nothing_changes_nothing(database: Database) -> None:
    assert taken(database) == Taken()


def records(seed: int) -> dict[str, list[Any]]:
    """Return records of a few contents, some of them more than once, in the order of their partitions."""
    draw = random.Random(seed)
    ids = [f"m{number}" for number in range(6)]
    flow: dict[str, list[Any]] = {"decisions": [], "messages": [], "uploads": [], "outcomes": [], "standings": []}
    for id_ in ids:
        kind = draw.choice(["message", "image"])
        if kind == "message":
            flow["messages"].append(message(id_, f"text of {id_}"))
        else:
            flow["uploads"].append(upload(id_, draw.choice([None, "caption"])))
        flow["decisions"].append(decision(id_, kind=kind, action=draw.choice(["flag", "block", "allow", "mask"])))
        flow["outcomes"].append(outcome(id_, at=draw.randrange(9), status=draw.choice(["done", "failed"])))
        flow["standings"].append(UserStanding("u1", draw.choice([None, Standing("u1", draw.randrange(9))])))
        for revision in range(1, draw.randrange(1, 4)):
            more = decision(
                id_, revision, kind=kind, action=draw.choice(["allow", "block"]), ruling_id=f"r-{id_}-{revision}"
            )
            flow["decisions"].append(more)
    return flow


def batches(flow: dict[str, list[Any]], draw: random.Random) -> list[dict[str, Any]]:
    """Return the records in batches, each topic cut where it may be, in order."""
    cuts = {name: sorted(draw.randrange(len(found) + 1) for _ in range(3)) for name, found in flow.items()}
    return [
        {
            name: read(*found[start:end], offset=start, topic=name)
            for name, found in flow.items()
            for start, end in [([0, *cuts[name]][part], [*cuts[name], len(found)][part])]
        }
        for part in range(4)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_the_same_records_again_change_nothing(database: Database, seed: int) -> None:
    parts = batches(records(seed), random.Random(seed))
    for part in parts:
        taken(database, **part)
        once = everything(database)
        assert taken(database, now=NOW + 5, **part) == Taken()
        assert everything(database) == once


CHANGING = {"id", "item_id", "version", "touched_at"}


def settled(database: Database) -> dict[str, Any]:
    """Return what does not depend on what came in one batch: ids and counts of changes do."""
    return {
        name: sorted(sorted((key, repr(value)) for key, value in row.items() if key not in CHANGING) for row in rows)
        for name, rows in everything(database).items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_records_end_the_same_however_they_are_cut_into_batches(database: Database, seed: int) -> None:
    flow = records(seed)
    ends = []
    for cut in range(3):
        draw = random.Random(100 * seed + cut)
        with database.writing() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                connection.execute(table.delete())
        for part in batches(flow, draw):
            taken(database, **part)
        ends.append(settled(database))
    assert ends[0] == ends[1] == ends[2]


HOSTILE = ("a\x00b", "\ud800 half", "\U0001f600" * 256, "' OR 1=1 --", "\u202e\u0000\u200d", "{}", "\\u0000", "%s :x")


def hostile(written: str) -> tuple[Decision, Any, Any, Any]:
    id_ = written.replace("\ud800", "")[:256]  # the id of its decision would have no encoding
    lines = (triggered(id_, id_, id_, why=written, evidence=(Evidence(payload=written, snippet=written),)),)
    whole = decision(
        id_, triggered=lines, reason=written, masked_text=written, conversation_id=id_, tenant=id_, user_id=id_
    )
    told = message(id_, written * 60, conversation_id=id_, language=id_, tenant=id_)
    return whole, told, outcome(id_, name=id_), Standing(id_, 5)


@pytest.mark.parametrize("written", HOSTILE)
def test_any_text_is_taken_and_can_be_read(database: Database, written: str) -> None:
    whole, told, ended, standing = hostile(written)
    batch: dict[str, Any] = {
        "decisions": read(whole),
        "messages": read(told, topic="messages"),
        "outcomes": read(ended, topic="outcomes"),
        "standings": read(UserStanding(standing.user_id, standing), topic="standings"),
    }
    assert taken(database, **batch) == Taken(opened=1)
    assert taken(database, **batch) == Taken()
    seen = written.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    row = only(database)
    id_ = written.replace("\ud800", "").replace("\x00", "\ufffd")[:256]
    assert (row["content_id"], row["text"]) == (id_, seen * 60)
    assert msgspec.json.decode(row["decision"])["reason"] == written.replace("\ud800", "\ufffd")
    assert only(database, "found")["rule"] == id_


@pytest.mark.parametrize(
    "odd",
    [
        {"received_at": "yesterday", "decided_at": ""},
        {"received_at": "2024-05-01T00:00:00", "decided_at": "0001-01-01T00:00:00Z"},
        {"confidence": float("nan")},
        {"confidence": 1e300},
        {"confidence": -1.0},
        {"severity": None},
        {"triggered": ()},
        {"triggered": (triggered(),) * 50},
        {
            "triggered": (triggered(engine="media_hash", evidence=(Evidence(hash="f" * 300, distance=0),)),),
            "objects": (JudgedObject("image", Location(url="https://x.example"), sha256="e" * 256),),
        },
    ],
)
def test_an_odd_decision_is_taken(database: Database, odd: dict[str, Any]) -> None:
    taken(database, decisions=read(decision(**odd)))
    row = only(database)
    assert 0 <= row["harm"] < 2**31
    assert row["confidence"] is None or 0 <= row["confidence"] <= 100


def test_the_largest_revision_is_taken(database: Database) -> None:
    taken(database, decisions=read(decision(revision=2**53)))
    assert only(database)["revision"] == 2**53


def test_a_batch_is_taken_whole_or_not_at_all(database: Database) -> None:
    def fail() -> None:
        with database.writing() as connection:
            take(connection, Batch(decisions=read(decision()), positions={("actions", 0): 1}), NOW)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert all(not rows for rows in everything(database).values())


def waiting(database: Database) -> bool:
    """Say whether somebody waits for what another transaction holds; SQLite does not tell."""
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with database.reading() as connection:
        return database.dialect == "sqlite" or connection.execute(asked).scalar_one() > 0


def test_two_that_take_the_same_at_once_open_one_item(database: Database) -> None:
    def late() -> Taken:
        try:
            return taken(database, decisions=read(decision()))
        except Unavailable:
            return taken(database, decisions=read(decision()))

    with ThreadPoolExecutor(1) as pool:
        with database.writing() as connection:
            assert take(connection, Batch(read(decision())), NOW) == Taken(opened=1)
            second = pool.submit(late)
            until(lambda: waiting(database))
        assert second.result(30) == Taken()
    assert only(database)["version"] == 1


def test_the_number_of_statements_does_not_grow_with_the_batch(database: Database) -> None:
    def statements(many: int) -> int:
        seen: list[str] = []
        ids = [f"{many}-{number}" for number in range(many)]
        with database.writing() as connection:
            event.listen(connection, "before_cursor_execute", lambda *given: seen.append(given[2]))
            batch = Batch(
                read(*map(decision, ids)),
                read(*map(message, ids), topic="messages"),
                outcomes=read(*map(outcome, ids), topic="outcomes"),
            )
            take(connection, batch, NOW)
        return len(seen)

    assert statements(3) == statements(300)
