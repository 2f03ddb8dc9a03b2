from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.arrival import Arrival
from streams.core.content import Attachment, Location, Message, Upload, User
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.judge import judged
from streams.core.label import KINDS
from streams.core.opening import Case
from streams.core.policy import Marks, Policy
from streams.core.screen import Limits, Outcome, Repeated, Screening, screened, table_key
from streams.core.uploaded import uploaded
from streams.core.velocity import WIDTH, mark
from streams.core.window import EMPTY, Entry, Window
from tests.unit.core.given import NOON, PileOn, PileOnConfig, Words, WordsConfig, directly, judging, message, policy

WORDS = Words(WordsConfig(words=("bad", "worse"), action="mask_flag"))
PILE_ON = PileOn(PileOnConfig())
ENGINES: tuple[Engine, ...] = (WORDS, PILE_ON)
RULES = (*WORDS.rules, *PILE_ON.rules)
PLAIN = policy(RULES, text=("words", "pile_on"))
LIMITS = Limits(text=500, ids=200)


T = TypeVar("T")


class Stream:
    """Screens batch after batch, with the windows of the batches before."""

    def __init__(
        self, judge_by: Policy = PLAIN, engines: Sequence[Engine] = ENGINES, limits: Limits = LIMITS, now: int = NOON
    ) -> None:
        self.windows: dict[bytes, Window] = {}
        self.policy, self.engines, self.limits, self.now = judge_by, engines, limits, now

    def screen(self, *messages: Message) -> list[Outcome]:
        """Return the outcomes of one batch; each record came a millisecond after the one before."""
        return self.judge([Arrival(message, NOON + number) for number, message in enumerate(messages)])

    def judge(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Return the outcomes of one batch, and keep its windows."""
        screening = self.screening(arrivals)
        self.windows.update(screening.windows)
        return screening.outcomes

    def screening(self, arrivals: Sequence[Arrival]) -> Screening:
        """Return what one batch makes of the windows so far."""
        return screened(
            arrivals,
            lambda key: self.windows.get(key, EMPTY),
            panels=judging(self.policy, self.engines),
            inspect=directly,
            judge=judged,
            limits=self.limits,
            now=self.now,
        )

    def one(self, given_message: Message) -> Decision:
        """Return the decision on one message."""
        (outcome,) = self.screen(given_message)
        assert isinstance(outcome, Decision)
        return outcome


def truth(messages: Sequence[Message], remembered: int) -> Iterator[tuple[str, ...] | None]:
    """Say by hand for each message: the ids of its context, or None for a repeat."""
    accepted: dict[str, list[str]] = {}
    for each in messages:
        if each.conversation_id is None:
            thread = accepted.setdefault(f"alone {each.content_id}", [])
        else:
            thread = accepted.setdefault(f"thread {each.conversation_id}", [])
        if each.content_id in thread[-remembered:]:
            yield None
            continue
        yield tuple(thread[-10:]) if each.conversation_id is not None else ()
        thread.append(each.content_id)


TEXTS = st.sampled_from(["good day", "that is bad", "worse", "bad and worse", ""])
MESSAGES = st.lists(
    st.builds(
        message,
        content_id=st.integers(0, 25).map(lambda number: f"m{number}"),
        text=TEXTS,
        conversation_id=st.sampled_from(["x", "x", "x", "y", None]),
        kind=st.sampled_from(["message", "comment"]),
    ),
    max_size=40,
)


def batches(log: Sequence[T], cuts: Sequence[int]) -> Iterator[Sequence[T]]:
    places = sorted({cut % (len(log) + 1) for cut in cuts} | {0, len(log)})
    for start, end in pairwise(places):
        yield log[start:end]


@settings(max_examples=60)
@given(MESSAGES, st.lists(st.integers(0, 1000), max_size=8), st.sampled_from([10, 12, 200]))
def test_how_a_stream_falls_into_batches_changes_nothing(
    messages: list[Message], cuts: list[int], remembered: int
) -> None:
    arrivals = [Arrival(each, NOON + number) for number, each in enumerate(messages)]
    streams = [Stream(limits=Limits(text=500, ids=remembered)) for _ in range(3)]
    outcomes = [
        [outcome for batch in batches(arrivals, places) for outcome in stream.judge(batch)]
        for stream, places in zip(streams, (range(len(arrivals)), (), cuts), strict=True)
    ]
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert streams[0].windows == streams[1].windows == streams[2].windows


@settings(max_examples=60)
@given(MESSAGES, st.lists(st.integers(0, 1000), max_size=8), st.sampled_from([10, 12, 200]))
def test_contexts_and_repeats_are_the_truth(messages: list[Message], cuts: list[int], remembered: int) -> None:
    stream = Stream(limits=Limits(text=500, ids=remembered))
    outcomes = [outcome for batch in batches(messages, cuts) for outcome in stream.screen(*batch)]
    for each, outcome, context in zip(messages, outcomes, truth(messages, remembered), strict=True):
        if context is None:
            assert outcome == Repeated(each.content_id)
        else:
            assert isinstance(outcome, Decision)
            assert outcome.content_id == each.content_id
            assert outcome.context == context


@given(MESSAGES)
def test_only_windows_that_changed_are_written(messages: list[Message]) -> None:
    stream = Stream()
    stream.screen(*messages)
    assert stream.screening([Arrival(each, NOON) for each in messages]).windows == {}
    assert set(stream.windows) == {table_key(each) for each in messages}


def test_the_twelfth_message_has_the_ten_before_it_as_context() -> None:
    stream = Stream()
    outcomes = stream.screen(*(message(f"m{number}") for number in range(1, 13)))
    assert isinstance(outcomes[11], Decision)
    assert outcomes[11].context == ("m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11")


def test_an_engine_sees_the_context_of_this_batch_and_of_those_before() -> None:
    stream = Stream()
    stream.screen(message("m1", "bad"), message("m2", "bad"))
    outcomes = stream.screen(message("m3", "bad"), message("m4", "fine"))
    assert isinstance(outcomes[1], Decision)
    assert outcomes[1].labels == ("harassment",)
    assert Stream().one(message("m4", "fine")).labels == ()


def test_conversations_do_not_see_each_other() -> None:
    stream = Stream()
    stream.screen(message("m1", conversation_id="x"), message("m2", conversation_id="y"))
    assert stream.one(message("m3", conversation_id="x")).context == ("m1",)


def test_a_message_of_no_conversation_has_no_context_and_is_judged_once() -> None:
    stream = Stream()
    first, second = stream.screen(message("m1", conversation_id=None), message("m1", conversation_id=None))
    assert isinstance(first, Decision)
    assert first.context == ()
    assert second == Repeated("m1")
    assert stream.screen(message("m1", conversation_id=None)) == [Repeated("m1")]
    (window,) = stream.windows.values()
    assert window.entries == ()


def test_a_conversation_and_a_content_of_one_name_do_not_meet() -> None:
    assert table_key(message("x", conversation_id=None)) != table_key(message("y", conversation_id="x"))
    stream = Stream()
    stream.screen(message("x", conversation_id=None))
    assert stream.one(message("x", conversation_id="x")).context == ()


def test_a_repeat_is_not_part_of_the_context() -> None:
    stream = Stream()
    stream.screen(message("m1"), message("m2"), message("m1"))
    assert stream.one(message("m3")).context == ("m1", "m2")


def test_an_id_is_forgotten_after_exactly_so_many_others() -> None:
    stream = Stream(limits=Limits(text=500, ids=10))
    stream.screen(message("first"), *(message(f"m{number}") for number in range(9)))
    assert stream.screen(message("first")) == [Repeated("first")]
    stream.screen(message("m9"))
    assert isinstance(stream.screen(message("first"))[0], Decision)


def test_an_id_is_forgotten_within_a_batch_as_between_two() -> None:
    messages = [message("first"), *(message(f"m{number}") for number in range(10)), message("first")]
    outcomes = Stream(limits=Limits(text=500, ids=10)).screen(*messages)
    assert isinstance(outcomes[-1], Decision)


def test_a_window_keeps_no_more_of_a_text_than_it_may() -> None:
    stream = Stream(limits=Limits(text=5, ids=200))
    stream.screen(message("m1", "🎉" * 9), message("m2", "short"))
    (window,) = stream.windows.values()
    assert [entry.text for entry in window.entries] == ["🎉" * 5, "short"]


def test_a_window_notes_when_and_by_whom() -> None:
    stream = Stream(now=NOON + 7)
    stream.screen(message("m1", "hello", user=User("eve")))
    (window,) = stream.windows.values()
    assert window.entries == (Entry("m1", "eve", "hello", NOON),)
    assert window.at == NOON + 7


def test_what_was_not_allowed_is_marked_and_still_counts() -> None:
    stream = Stream()
    stream.screen(message("m1", "bad"), message("m2", "good"))
    (window,) = stream.windows.values()
    assert [entry.action for entry in window.entries] == ["mask_flag", None]
    assert stream.one(message("m3")).context == ("m1", "m2")


@pytest.mark.parametrize("kind", ["post", "profile"])
def test_a_kind_that_the_policy_does_not_judge_is_allowed_and_asks_no_engine(kind: str) -> None:
    stream = Stream(policy(RULES, kinds=("message",), media=("qr",)))
    picture = Attachment("image", bucket="b", key="k")
    decision = stream.one(message("m1", "bad", kind=kind, attachments=(picture,)))
    assert (decision.action, decision.reports, decision.triggered, decision.partial) == ("allow", (), (), False)
    assert decision.kind == kind


def test_a_kind_that_is_not_judged_is_still_context() -> None:
    stream = Stream(policy(RULES, kinds=("message",)))
    stream.screen(message("m1", kind="comment"))
    assert stream.one(message("m2")).context == ("m1",)


def test_attachments_open_a_case_with_what_the_text_engines_said() -> None:
    stream = Stream(policy(RULES, text=("words", "pile_on"), media=("media_hash", "qr"), deadline_ms=2000))
    stream.screen(message("m0"))
    picture, film = Attachment("image", bucket="b", key="k", version_id="v"), Attachment("video", url="https://h/x")
    (case,) = stream.screen(
        message("m1", "so bad", attachments=(picture, film), tenant="t", user=User("eve", role="member"))
    )
    assert isinstance(case, Case)
    opened, task = case.opened, case.task
    assert task is not None
    assert opened.required == task.engines == ("media_hash", "qr")
    assert [(report.engine, report.status) for report in opened.reports] == [("words", "ok"), ("pile_on", "ok")]
    assert opened.reports[0].findings[0].rule == "bad"
    assert task.objects == (
        ("image", Location(bucket="b", key="k", version_id="v")),
        ("video", Location(url="https://h/x")),
    )
    assert opened.deadline_at == task.deadline_at == NOON + 2000
    assert (opened.context, opened.masked_text, opened.received_at) == (("m0",), "so ****", NOON)
    assert (opened.user_id, opened.role, opened.tenant, opened.kind) == ("eve", "member", "t", "message")
    assert (task.content_id, task.tenant, task.policy, task.kind) == ("m1", "t", opened.policy, "message")


def test_a_text_whose_picture_is_awaited_is_context_and_a_repeat_too() -> None:
    stream = Stream(policy(RULES, media=("qr",)))
    picture = (Attachment("image", bucket="b", key="k"),)
    case, again = stream.screen(message("m1", attachments=picture), message("m1", attachments=picture))
    assert isinstance(case, Case)
    assert again == Repeated("m1")
    assert stream.one(message("m2")).context == ("m1",)


def test_attachments_that_no_engine_looks_at_open_no_case() -> None:
    decision = Stream().one(message("m1", attachments=(Attachment("image", bucket="b", key="k"),)))
    assert decision.action == "allow"


def test_a_policy_without_text_engines_decides_every_text() -> None:
    outcomes = Stream(policy(text=()), engines=()).screen(message("m1", "bad"), message("m2"))
    assert [outcome.action for outcome in outcomes if isinstance(outcome, Decision)] == ["allow", "allow"]


def test_an_empty_batch_asks_nobody() -> None:
    def never(engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        raise AssertionError(engine, texts)

    made = screened(
        [], lambda _: EMPTY, panels=judging(PLAIN, ENGINES), inspect=never, judge=judged, limits=LIMITS, now=NOON
    )
    assert made == Screening([], {}, {})


def test_an_engine_that_forgets_an_answer_ends_the_batch() -> None:
    # Answers must never slip to another text.
    def short(engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        return engine.inspect(texts)[1:], 0.0

    with pytest.raises(ValueError, match="zip"):
        screened(
            [Arrival(message("m1"), NOON), Arrival(message("m2"), NOON)],
            lambda _: EMPTY,
            panels=judging(PLAIN, (WORDS,)),
            inspect=short,
            judge=judged,
            limits=LIMITS,
            now=NOON,
        )


def test_a_failed_engine_is_named_in_the_decision() -> None:
    def failing(engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        if engine is WORDS:
            return [Answer("error", "engine_failed")] * len(texts), 1.0
        return [NOTHING_FOUND] * len(texts), 1.0

    (outcome,) = screened(
        [Arrival(message("m1", "bad"), NOON)],
        lambda _: EMPTY,
        panels=judging(PLAIN, ENGINES),
        inspect=failing,
        judge=judged,
        limits=LIMITS,
        now=NOON,
    ).outcomes
    assert isinstance(outcome, Decision)
    assert (outcome.action, outcome.partial) == ("flag", True)
    assert [(line.engine, line.status) for line in outcome.reports] == [("words", "error"), ("pile_on", "ok")]


def test_windows_are_read_back_as_they_were_stored() -> None:
    stream = Stream()
    stream.screen(*(message(f"m{number}", "bad") for number in range(12)))
    decoder = msgspec.msgpack.Decoder(Window)
    for window in stream.windows.values():
        assert decoder.decode(msgspec.msgpack.encode(window)) == window


def upload(**more: object) -> Upload:
    given_upload = {
        "content_id": "i1",
        "kind": "image",
        "user": User("eve", role="member"),
        "location": Location(bucket="b", key="k"),
        "created_at": message("m").created_at,
        **more,
    }
    return msgspec.convert(given_upload, Upload, from_attributes=True)


def opening(given_upload: Upload, judge_by: Policy, engines: Sequence[Engine] = ENGINES) -> Decision | Case:
    return uploaded(given_upload, NOON, panels=judging(judge_by, engines), inspect=directly, judge=judged, now=NOON + 5)


def test_an_upload_opens_a_case_and_its_caption_is_judged_at_once() -> None:
    case = opening(upload(caption="so bad", tenant="t"), policy(RULES, media=("qr",), deadline_ms=1000))
    assert isinstance(case, Case)
    assert [report.engine for report in case.opened.reports] == ["words", "pile_on"]
    assert case.opened.masked_text == "so ****"
    assert case.opened.required == ("qr",)
    assert case.opened.deadline_at == NOON + 1005
    assert case.task is not None
    assert case.task.objects == (("image", Location(bucket="b", key="k")),)
    assert (case.opened.context, case.opened.received_at, case.task.tenant) == ((), NOON, "t")


@pytest.mark.parametrize("caption", [None, ""])
def test_an_upload_without_a_caption_asks_no_text_engine(caption: str | None) -> None:
    case = opening(upload(caption=caption), policy(RULES, media=("qr",)))
    assert isinstance(case, Case)
    assert (case.opened.reports, case.opened.masked_text) == ((), None)


def test_an_upload_that_no_engine_looks_at_is_decided_at_once() -> None:
    decision = opening(upload(caption="bad"), policy(RULES))
    assert isinstance(decision, Decision)
    assert (decision.action, decision.masked_text, decision.kind) == ("mask_flag", "****", "image")


def test_an_upload_of_a_kind_that_is_not_judged_is_allowed() -> None:
    kinds = [kind for kind in KINDS if kind != "image"]
    decision = opening(upload(caption="bad"), policy(RULES, media=("qr",), kinds=kinds))
    assert isinstance(decision, Decision)
    assert (decision.action, decision.reports, decision.masked_text) == ("allow", (), None)


MARKED = policy(RULES, text=("words", "pile_on"), marks=Marks(most=3, horizon_ms=1000))


def seen_by(stream: Stream, *messages: Message) -> list[bytes]:
    """Return the marks that an engine sees before each text."""
    marks: list[bytes] = []

    class Looking(Words):
        def inspect(self, batch: Sequence[Text]) -> list[Answer]:
            marks.extend(text.before.marks for text in batch)
            return [NOTHING_FOUND] * len(batch)

    stream.engines = (Looking(WordsConfig(words=())),)
    stream.screen(*messages)
    return marks


def test_a_text_is_seen_with_the_marks_of_those_before_it_in_its_conversation() -> None:
    marks = [mark(text, "u", NOON + number) for number, text in enumerate("abcde")]
    texts = [message(f"m{number}", text) for number, text in enumerate("abcde")]
    assert seen_by(Stream(MARKED), *texts) == [b"".join(marks[max(0, end - 3) : end]) for end in range(5)]
    stream = Stream(MARKED)
    assert seen_by(stream, texts[0]) == [b""]
    assert seen_by(stream, texts[1]) == [mark("a", "u", NOON)]


def test_a_text_is_seen_with_its_own_mark_where_its_conversation_keeps_marks() -> None:
    seen: list[bytes] = []

    class Looking(Words):
        def inspect(self, batch: Sequence[Text]) -> list[Answer]:
            seen.extend(text.mark for text in batch)
            return [NOTHING_FOUND] * len(batch)

    for chosen in (MARKED, PLAIN):
        stream = Stream(chosen)
        stream.engines = (Looking(WordsConfig(words=())),)
        stream.screen(message("m1", "a"), message("lone", "a", conversation_id=None))
    assert seen == [mark("a", "u", NOON), b"", b"", b""]


def test_marks_older_than_the_horizon_go() -> None:
    stream = Stream(MARKED)
    stream.judge([Arrival(message("m1", "a"), NOON), Arrival(message("m2", "b"), NOON + 1001)])
    assert stream.windows[b"c:c"].marks == mark("b", "u", NOON + 1001)


def test_repeats_and_texts_without_a_conversation_leave_no_marks() -> None:
    stream = Stream(MARKED)
    stream.screen(message("m1", "a"), message("m1", "a"), message("lone", "a", conversation_id=None))
    assert len(stream.windows[b"c:c"].marks) == WIDTH
    assert stream.windows[b"i:lone"].marks == b""


def test_a_policy_whose_engines_want_no_marks_keeps_none() -> None:
    stream = Stream(MARKED)
    stream.screen(message("m1", "a"))
    stream.policy = PLAIN
    stream.screen(message("m2", "b"))
    assert stream.windows[b"c:c"].marks == b""
