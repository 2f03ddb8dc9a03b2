from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from streams.core.arrival import Arrival
from streams.core.asking import AskWhen
from streams.core.content import Attachment, Message, Upload, User
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import NOTHING_FOUND, Answer
from streams.core.judge import judged
from streams.core.opening import CONTEXT, SPANS, Case, asked
from streams.core.policy import Policy
from streams.core.rule import Rule
from streams.core.screen import Limits, Outcome, screened
from streams.core.task import TextTask
from streams.core.uploaded import uploaded
from streams.core.video_task import VideoTask
from streams.core.window import EMPTY, Entry, Window
from streams.settings import Settings
from tests.unit.core.given import NOON, REF, Words, WordsConfig, directly, found, judging, message, policy

WORDS = Words(WordsConfig(words=("bad", "555"), action="mask"))
SHADOW = Rule("words", "bad", "abuse", "flag", mode="shadow")


def put_to(*engines: str, when: dict[str, object] | None = None, media: tuple[str, ...] = ()) -> Policy:
    """Return a policy that puts texts to engines with roles of their own, all under the same condition."""
    asking = {} if when is None else dict.fromkeys(engines, AskWhen.model_validate(when).compiled())
    return policy(WORDS.rules, apart=engines, asking=asking, media=media, deadline_ms=2000)


def screen(
    judge_by: Policy, *messages: Message, text: int = 500, engines: tuple[Engine, ...] = (WORDS,)
) -> list[Outcome]:
    windows: dict[bytes, Window] = {}
    return screened(
        [Arrival(each, NOON + number) for number, each in enumerate(messages)],
        lambda key: windows.get(key, EMPTY),
        panels=judging(judge_by, engines),
        inspect=directly,
        judge=judged,
        limits=Limits(text=text, ids=200),
        now=NOON + 50,
    ).outcomes


def case_of(outcome: object) -> Case:
    assert isinstance(outcome, Case)
    return outcome


def test_what_a_rule_in_shadow_mode_found_is_no_ground() -> None:
    condition = {"always": True, "unless": ["abuse"]}
    enforced = put_to("llm", when=condition)
    shadow = policy([SHADOW], apart=("llm",), asking=enforced.asking)
    assert asked(enforced, [("words", found("abuse", "bad"))]) == ()
    assert asked(shadow, [("words", found("abuse", "bad"))]) == ("llm",)
    assert asked(enforced, [("words", found("abuse", "no_rule"))]) == ("llm",)


def test_each_engine_is_asked_under_its_own_condition() -> None:
    asking = {"llm": AskWhen(scores={"scam": (0.3, 0.7)}).compiled(), "aws": AskWhen(labels=["abuse"]).compiled()}
    mine = policy(WORDS.rules, apart=("llm", "aws", "counts"), asking=asking)
    assert asked(mine, [("words", NOTHING_FOUND)]) == ("counts",)
    assert asked(mine, [("words", Answer(scores={"scam": 0.5}))]) == ("llm", "counts")
    assert asked(mine, [("words", found("abuse", "bad"))]) == ("aws", "counts")


def test_a_text_that_is_put_to_an_engine_opens_a_case_with_a_task_for_each() -> None:
    first = message("m1", "hello", user=User("ann"))
    second = message("m2", "so bad, call 555", user=User("eve", role="member"), language="en", tenant="t")
    _, case = (case_of(each) for each in screen(put_to("llm", "aws"), first, second))
    opened = case.opened
    assert case.task is None
    assert opened.required == ("llm", "aws")
    assert [(report.engine, report.status) for report in opened.reports] == [("words", "ok")]
    assert (opened.masked_text, opened.context, opened.role) == ("so ****, call ****", ("m1",), "member")
    assert case.text_tasks[0] == TextTask(
        content_id="m2",
        kind="message",
        user_id="eve",
        engine="llm",
        text="so bad, call 555",
        policy=REF,
        deadline_at=NOON + 2050,
        at=NOON + 1,
        language="en",
        conversation_id="c",
        tenant="t",
        context=(Entry("m1", "ann", "hello", NOON),),
        found=("abuse",),
        spans=((3, 6), (13, 16)),
    )
    assert [task.engine for task in case.text_tasks] == ["llm", "aws"]


def test_a_text_that_is_put_to_nobody_is_decided_at_once() -> None:
    mine = put_to("llm", when={"labels": ["abuse"]})
    fine, bad = screen(mine, message("m1", "fine"), message("m2", "bad"))
    assert isinstance(fine, Decision)
    assert case_of(bad).opened.required == ("llm",)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_there_is_nothing_to_ask_about_a_blank_text(text: str) -> None:
    (outcome,) = screen(put_to("llm"), message("m1", text))
    assert isinstance(outcome, Decision)


def test_a_kind_that_the_policy_does_not_judge_is_put_to_nobody() -> None:
    mine = policy(WORDS.rules, apart=("llm",), kinds=("post",))
    (outcome,) = screen(mine, message("m1", "bad"))
    assert isinstance(outcome, Decision)


def test_a_text_with_a_picture_waits_for_both_kinds_of_engines() -> None:
    picture = (Attachment("image", bucket="b", key="k"),)
    mine = put_to("llm", media=("qr",), when={"labels": ["abuse"]})
    plain, pictured, both = (
        case_of(each) if isinstance(each, Case) else each
        for each in screen(
            mine,
            message("m1", "fine"),
            message("m2", "fine", attachments=picture),
            message("m3", "bad", attachments=picture),
        )
    )
    assert isinstance(plain, Decision)
    assert (case_of(pictured).opened.required, case_of(pictured).text_tasks) == (("qr",), ())
    assert case_of(both).opened.required == ("qr", "llm")
    assert case_of(both).task is not None
    assert [task.engine for task in case_of(both).text_tasks] == ["llm"]


def test_an_engine_for_stored_videos_is_asked_where_there_is_a_video() -> None:
    mine = policy(video=("films",), media=("qr",), text=(), deadline_ms=2000)
    picture, film = Attachment("image", bucket="b", key="k"), Attachment("video", bucket="b", key="v")
    pictured, filmed = screen(
        mine, message("m1", attachments=(picture,)), message("m2", attachments=(picture, film)), engines=()
    )
    assert (case_of(pictured).opened.required, case_of(pictured).video_tasks) == (("qr",), ())
    assert case_of(filmed).opened.required == ("qr", "films")
    (task,) = case_of(filmed).video_tasks
    assert task == VideoTask(
        "m2", "message", "films", (("image", picture.location()), ("video", film.location())), mine.ref, NOON + 2050
    )


def test_where_only_stored_videos_are_judged_a_picture_is_decided_at_once() -> None:
    mine = policy(video=("films",), text=())
    picture, film = Attachment("image", bucket="b", key="k"), Attachment("video", bucket="b", key="v")
    pictured, filmed = screen(
        mine, message("m1", attachments=(picture,)), message("m2", attachments=(film,)), engines=()
    )
    assert isinstance(pictured, Decision)
    assert (case_of(filmed).opened.required, case_of(filmed).task) == (("films",), None)
    for kind, opens in (("image", False), ("video", True)):
        upload = Upload("u1", kind, User("u"), film.location(), datetime(2026, 1, 1, tzinfo=UTC))  # type: ignore[arg-type]
        outcome = uploaded(upload, NOON, panels=judging(mine), inspect=directly, judge=judged, now=NOON)
        assert isinstance(outcome, Case) == opens


def test_a_policy_without_inline_engines_asks_all_the_same() -> None:
    mine = policy((), text=(), apart=("llm",))
    (outcome,) = screen(mine, message("m1", "hello"), engines=())
    assert case_of(outcome).opened.reports == ()
    assert case_of(outcome).opened.required == ("llm",)


class Everywhere(Words):
    """Finds every second character."""

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return as many places as a text has room for."""
        return [found("abuse", "bad", *((at, at + 1) for at in range(0, len(each.text), 2))) for each in batch]


def test_a_task_is_never_larger_than_what_its_engine_reads() -> None:
    longest = "\x01" * 256  # each character takes six bytes in JSON
    talk = [
        message(
            f"{number:02}{longest[2:]}", "\x01" * 20_000, longest, user=User(longest), language=longest, tenant=longest
        )
        for number in range(11)
    ]
    everywhere = Everywhere(WordsConfig(words=("bad",), action="mask"))
    *_, last = screen(put_to("llm"), *talk, text=20_000, engines=(everywhere,))
    (task,) = case_of(last).text_tasks
    assert [len(entry.text) for entry in task.context] == [CONTEXT] * 10
    assert (len(task.text), len(task.spans)) == (20_000, SPANS)
    assert task.spans[-1] == (1998, 19_999)  # what is left out is hidden, too
    record = msgspec.json.encode(task)
    assert len(record) <= Settings().record_limit
    assert msgspec.json.decode(record, type=TextTask) == task


def upload(caption: str | None) -> Upload:
    created = datetime(2026, 1, 1, 12, tzinfo=UTC)
    location = Attachment("image", bucket="b", key="k").location()
    return Upload("i1", "image", User("u"), location, created, caption=caption)


def opened(judge_by: Policy, caption: str | None) -> Case | Decision:
    return uploaded(
        upload(caption), NOON, panels=judging(judge_by, (WORDS,)), inspect=directly, judge=judged, now=NOON + 5
    )


def test_a_caption_is_put_to_engines_as_a_text_is() -> None:
    case = case_of(opened(put_to("llm", media=("qr",)), "so bad"))
    assert case.opened.required == ("qr", "llm")
    (task,) = case.text_tasks
    assert (task.text, task.kind, task.spans, task.found, task.context) == (
        "so bad",
        "image",
        ((3, 6),),
        ("abuse",),
        (),
    )
    assert case_of(opened(put_to("llm"), "fine")).task is None


@pytest.mark.parametrize("caption", [None, "", "  "])
def test_an_upload_without_words_is_put_to_media_engines_only(caption: str | None) -> None:
    assert case_of(opened(put_to("llm", media=("qr",)), caption)).opened.required == ("qr",)
    assert isinstance(opened(put_to("llm"), caption), Decision)


def test_nothing_shows_the_text_of_a_task() -> None:
    (outcome,) = screen(put_to("llm"), message("m1", "my secret"))
    assert "secret" not in repr(outcome)
    assert "secret" not in repr(Text("my secret"))
