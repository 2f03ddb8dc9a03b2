"""What conditions are given to read."""

from datetime import UTC, datetime, timedelta

import pytest

from streams.core.condition import Before, Counts, Found, Late, late_of, of_message, of_upload
from streams.core.content import Attachment, Location, Message, Upload, User
from streams.core.decision import Triggered
from streams.core.finding import Answer
from streams.core.velocity import mark
from streams.core.window import EMPTY, Said, Window, added

NOON = 1_767_268_800_000
CREATED = datetime(2026, 1, 1, 12, tzinfo=UTC)
ALL = frozenset({"counts", "context", "scores", "text"}) | {
    f"counts.{name}" for name in ("messages_1m", "messages_10m", "messages_1h", "links_10m", "same_10m")
}


def _message(text: str = "hello", **fields: object) -> Message:
    user = User("u1", "guest", CREATED - timedelta(hours=36), custom={"tier": "gold"})
    return Message("c1", "message", user, text, CREATED, "room", **fields)  # type: ignore[arg-type]


def test_a_text_is_read_with_its_author_and_its_own_fields() -> None:
    message = _message(language="de", tenant="t1", resubmits="c0", attachments=(Attachment("image", url="https://x"),))
    early = of_message(message, NOON, EMPTY, b"", frozenset(), trusted=True)
    assert (early.text, early.user_id, early.user_role, early.user_age_days) == ("hello", "u1", "guest", 1.5)
    assert (early.user_trusted, early.user_custom, early.content_custom) == (True, {"tier": "gold"}, {})
    assert (early.content_kind, early.content_tenant, early.content_language) == ("message", "t1", "de")
    assert (early.content_conversation_id, early.content_length, early.content_attachments) == ("room", 5, 1)
    assert early.content_resubmission is True


def test_an_upload_is_read_with_its_caption() -> None:
    upload = Upload("c1", "image", User("u1"), Location(url="https://x"), CREATED, caption="look")
    early = of_upload(upload, trusted=False)
    assert (early.text, early.content_kind, early.content_length, early.user_age_days) == ("look", "image", 4, None)


def test_an_account_that_is_younger_than_its_content_is_of_age_0() -> None:
    message = _message()
    late_account = User("u1", created_at=CREATED + timedelta(days=1))
    early = of_message(
        Message("c1", "message", late_account, message.text, CREATED), NOON, EMPTY, b"", frozenset(), trusted=False
    )
    assert early.user_age_days == 0.0


def test_the_context_is_read_with_its_age_in_seconds() -> None:
    window = added(EMPTY, "c0", Said("u2", "first", NOON - 61_500, "block"), b"12345678", 10, NOON)
    early = of_message(_message(), NOON, window, b"", ALL, trusted=False)
    assert early.context == (Before("u2", "first", "block", 61),)


def test_what_nobody_reads_is_not_worked_out() -> None:
    window = added(EMPTY, "c0", Said("u2", "first", NOON), b"12345678", 10, NOON, mark("x", "u1", NOON))
    early = of_message(_message(), NOON, window, mark("x", "u1", NOON), frozenset({"text"}), trusted=False)
    assert (early.context, early.counts) == ((), Counts())


def test_the_counters_count_this_text_and_those_of_its_author_before_it() -> None:
    before = b"".join(
        [
            mark("see http://a.example", "u1", NOON - 50 * 60_000),
            mark("see http://a.example", "u1", NOON - 5 * 60_000),
            mark("Hello", "u1", NOON - 30_000),
            mark("hello", "u2", NOON - 10_000),
        ]
    )
    early = of_message(_message(), NOON, Window(marks=before), mark("hello", "u1", NOON), ALL, trusted=False)
    assert early.counts == Counts(messages_1m=2, messages_10m=3, messages_1h=4, links_10m=1, same_10m=2)


@pytest.mark.parametrize("own", [mark("http://a.example", "u1", NOON), b""])
def test_the_first_text_of_an_author_counts_itself(own: bytes) -> None:
    message = _message("http://a.example")
    early = of_message(message, NOON, Window(marks=mark("x", "u2", NOON)), own, ALL, trusted=False)
    assert early.counts == Counts(1, 1, 1, 1, 1)


def _line(rule: str, engine: str, label: str, **fields: object) -> Triggered:
    return Triggered(rule, "enforce", engine, label, "flag", **fields)  # type: ignore[arg-type]


def test_rules_that_triggered_are_gathered_by_label() -> None:
    lines = [
        _line("offers", "semantic", "scam", severity="high"),
        _line("scam", "text_llm", "scam", severity="low", confidence=80.0),
        _line("nude", "image_model", "explicit", confidence=97.0),
        _line("offers", "semantic", "scam"),
    ]
    answers = [("a", Answer(scores={"scam": 0.4, "pii": 0.0})), ("b", Answer(scores={"scam": 0.9})), ("c", Answer())]
    assert late_of(lines, answers, ALL, strikes=2, restricted=True) == Late(
        labels={
            "scam": Found(3, 80.0, ("offers", "scam"), ("semantic", "text_llm")),
            "explicit": Found(0, 97.0, ("nude",), ("image_model",)),
        },
        severity=3,
        confidence=97.0,
        scores={"scam": 0.9, "pii": 0.0},
        strikes=2,
        restricted=True,
    )


@pytest.mark.parametrize(
    "value",
    [
        of_upload(Upload("c", "image", User("u"), Location(url="https://x"), CREATED, caption="secret"), trusted=False),
        Before("u", "secret", None, 1),
    ],
)
def test_no_text_is_shown_where_values_are_printed(value: object) -> None:
    assert "secret" not in repr(value)
