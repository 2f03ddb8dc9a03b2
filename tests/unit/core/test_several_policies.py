"""A batch that several policies judge: each text by its own, all in the order of the log."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from streams.core.applies import Claim
from streams.core.arrival import Arrival, previous
from streams.core.content import Attachment, Location, Message, Upload, User
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import Answer
from streams.core.judge import judged
from streams.core.judged_object import JudgedObject
from streams.core.opening import Case
from streams.core.panel import NOBODY, Panel, Panels
from streams.core.policy import Marks, Policy, PolicyRef
from streams.core.screen import Limits, Outcome, Screening, screened
from streams.core.uploaded import uploaded
from streams.core.velocity import WIDTH
from streams.core.window import EMPTY, Said, Window, added
from tests.unit.core.given import NOON, Words, WordsConfig, directly, message, policy

MILD = Words(WordsConfig(words=("bad",), action="flag"))
STRICT = Words(WordsConfig(words=("bad", "worse"), action="block"))
MINUTE = 60_000


def named(name: str, engine: Words, claim: Claim, **more: object) -> Policy:
    return msgspec.structs.replace(policy(engine.rules), ref=PolicyRef(name, "1"), claim=claim, **more)


ALL = Panel(named("all", MILD, Claim()), (MILD,))
ACME = Panel(named("acme", STRICT, Claim(tenants=frozenset({"acme"}))), (STRICT,))
VIP = Panel(
    named("vip", STRICT, Claim(conversations=("vip-*",)), marks=Marks(3, MINUTE), media_engines=("qr",)), (STRICT,)
)


def screen(panels: Panels, *messages: Message, windows: dict[bytes, Window] | None = None) -> Screening:
    """Screen a batch; each record came a millisecond after the one before."""
    known = windows or {}
    return screened(
        [Arrival(each, NOON + number) for number, each in enumerate(messages)],
        lambda key: known.get(key, EMPTY),
        panels=panels,
        inspect=directly,
        judge=judged,
        limits=Limits(text=500, ids=200),
        now=NOON + 50,
    )


def decisions(outcomes: Sequence[Outcome]) -> list[tuple[str, str, str]]:
    made = [outcome for outcome in outcomes if isinstance(outcome, Decision)]
    assert len(made) == len(outcomes)
    return [(each.content_id, each.policy.id, each.action) for each in made]


def test_each_text_is_judged_by_its_policy_and_outcomes_keep_the_order_of_the_log() -> None:
    found = screen(
        Panels([ALL, ACME, VIP]),
        message("m1", "bad", "c"),
        message("m2", "bad", "c", tenant="acme"),
        message("m3", "worse", "c"),
        message("m4", "worse", "vip-1"),
        message("m5", "bad", "vip-1", tenant="acme"),
        message("m6", "fine", None),
    )
    assert decisions(found.outcomes) == [
        ("m1", "all", "flag"),
        ("m2", "acme", "block"),
        ("m3", "all", "allow"),
        ("m4", "vip", "block"),
        ("m5", "acme", "block"),
        ("m6", "all", "allow"),
    ]


def test_an_engine_sees_only_the_texts_of_its_policy_and_each_with_all_that_was_said_before() -> None:
    seen: dict[int, list[tuple[str, int]]] = {}

    def inspect(engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        seen[id(engine)] = [(each.text, len(each.context)) for each in texts]
        return engine.inspect(texts), 0.0

    texts = [message("m1", "one"), message("m2", "two", tenant="acme"), message("m3", "three")]
    screened(
        [Arrival(each, NOON) for each in texts],
        lambda _: EMPTY,
        panels=Panels([ALL, ACME]),
        inspect=inspect,
        judge=judged,
        limits=Limits(text=500, ids=200),
        now=NOON,
    )
    assert seen == {id(MILD): [("one", 0), ("three", 2)], id(STRICT): [("two", 1)]}


def test_windows_note_what_became_of_each_text_whoever_judged_it() -> None:
    found = screen(Panels([ALL, ACME]), message("m1", "bad"), message("m2", "bad", tenant="acme"), message("m3", "ok"))
    (window,) = found.windows.values()
    assert [entry.action for entry in window.entries] == ["flag", "block", None]


def test_content_that_no_policy_claims_is_allowed_unseen_and_stays_in_its_conversation() -> None:
    found = screen(Panels([ACME]), message("m1", "bad"), message("m2", "bad", tenant="acme"))
    first, second = found.outcomes
    assert isinstance(first, Decision)
    assert (first.action, first.policy, first.reports) == ("allow", NOBODY, ())
    assert first.reason == "no policy judges this content"
    assert isinstance(second, Decision)
    assert second.context == ("m1",)


def test_conversations_keep_marks_where_any_policy_looks_at_them() -> None:
    panels = Panels([ALL, VIP])
    for conversation in ("c", "vip-1"):
        (window,) = screen(panels, message("m1", "hello there", conversation)).windows.values()
        assert len(window.marks) == WIDTH
    (window,) = screen(Panels([ALL]), message("m1", "hello there")).windows.values()
    assert window.marks == b""


CREATED = datetime(2025, 1, 1, tzinfo=UTC)
ANN = User("ann", role="member", created_at=CREATED, trusted=True)


def test_what_is_not_allowed_comes_with_what_the_standing_of_its_author_needs() -> None:
    found = screen(
        Panels([ALL]),
        message("m1", "fine", user=ANN),
        message("m2", "fine"),
        message("m3", "bad", user=ANN, resubmits="m0"),
    )
    ((place, verdict),) = found.verdicts.items()
    assert place == 2
    assert verdict.decision is found.outcomes[2]
    assert (verdict.at, verdict.resubmits, verdict.previous, verdict.trusted) == (NOON + 2, "m0", "m1", True)


def test_what_opens_a_case_carries_what_the_join_cannot_know() -> None:
    picture = Attachment("image", bucket="b", key="k")
    (case,) = screen(
        Panels([VIP]), message("m1", "see", "vip-1", user=ANN, attachments=(picture,), resubmits="m0")
    ).outcomes
    assert isinstance(case, Case)
    opened = case.opened
    assert opened.objects == (JudgedObject("image", Location("b", "k")),)
    assert (opened.trusted, opened.user_created_at) == (True, 1_735_689_600_000)
    assert (opened.resubmits, opened.previous) == ("m0", None)


@pytest.mark.parametrize(
    ("minutes", "author", "expected"),
    [(0, "ann", "m1"), (10, "ann", "m1"), (10.1, "ann", None), (1, "bob", None)],
)
def test_a_text_is_taken_for_the_next_one_of_its_author_within_ten_minutes(
    minutes: float, author: str, expected: str | None
) -> None:
    window = added(EMPTY, "m1", Said("ann", "hi", NOON), b"1" * 8, 10, NOON)
    window = added(window, "m2", Said("eve", "hi", NOON), b"2" * 8, 10, NOON)
    assert previous(window, author, NOON + int(minutes * MINUTE)) == expected


def test_the_last_of_an_authors_texts_is_the_previous_one() -> None:
    window = added(EMPTY, "m1", Said("ann", "hi", NOON), b"1" * 8, 10, NOON)
    window = added(window, "m2", Said("ann", "hi", NOON), b"2" * 8, 10, NOON)
    assert previous(window, "ann", NOON) == "m2"
    assert previous(EMPTY, "ann", NOON) is None


def upload(tenant: str | None = None, conversation_id: str | None = None) -> Upload:
    return Upload(
        "i1",
        "image",
        ANN,
        Location("b", "k", etag="e"),
        CREATED,
        caption="worse",
        tenant=tenant,
        conversation_id=conversation_id,
        size=7,
    )


def test_an_upload_is_judged_by_its_policy() -> None:
    panels = Panels([ACME, VIP])

    def outcome(given: Upload) -> Decision | Case:
        return uploaded(given, NOON, panels=panels, inspect=directly, judge=judged, now=NOON)

    acme, nobody, vip = outcome(upload("acme")), outcome(upload()), outcome(upload(conversation_id="vip-1"))
    assert isinstance(acme, Decision)
    assert isinstance(nobody, Decision)
    assert isinstance(vip, Case)
    assert (acme.policy.id, acme.action) == ("acme", "block")
    assert (nobody.policy, nobody.action, nobody.reason) == (NOBODY, "allow", "no policy judges this content")
    assert vip.opened.policy.id == "vip"
    announced = JudgedObject("image", Location("b", "k", etag="e"))  # what an uploader claims of its size is no fact
    assert (vip.opened.objects, acme.objects) == ((announced,), (announced,))
    assert (vip.opened.trusted, vip.opened.user_created_at) == (True, 1_735_689_600_000)
