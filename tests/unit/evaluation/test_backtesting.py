"""A back-test over records in the order of time, without Kafka."""

import msgspec
from msgspec import structs

from streams.adapters.log import Record
from streams.adapters.rereading import Reread
from streams.core.comparison import Comparison
from streams.core.content import Message
from streams.core.decision import Decision, Triggered
from streams.core.judge import judged
from streams.core.panel import Panel
from streams.core.policy import PolicyRef
from streams.core.rejudging import Rejudging
from streams.core.restriction import ENGINE as STANDING
from streams.core.screen import Limits
from streams.evaluation.backtest_report import changed, lines, summary
from streams.evaluation.backtesting import ACTIONS, FINDINGS, MESSAGES, Backtest, Change, Scope
from tests.unit.core.given import NOON, REF, Words, WordsConfig, directly, facts, message, policy

WORDS = Words(WordsConfig(words=("bad",), action="block"))
NEW = structs.replace(policy(WORDS.rules), ref=PolicyRef("test", "ffffffffffff"))


def backtest(scope: Scope | None = None, changes: list[Change] | None = None) -> Backtest:
    rejudging = Rejudging(Panel(NEW, (WORDS,)), directly, Limits(500, 200), lambda _ref: frozenset())
    told = [] if changes is None else changes
    return Backtest(
        rejudging,
        Comparison(5),
        scope or Scope(0),
        record_limit=10_000,
        changed=told.append,
        shown=lambda each: each.text,
    )


def reread(number: int, record: msgspec.Struct | bytes, at: int = NOON) -> Reread:
    value = record if isinstance(record, bytes) else msgspec.json.encode(record)
    return Reread(number, Record(b"", value, 0, 0, at))


def decision(content_id: str, *triggered: Triggered, ref: PolicyRef = REF) -> Decision:
    allowed = judged(policy(), facts(content_id=content_id), [], (), NOON)
    action = triggered[0].action if triggered else "allow"
    return structs.replace(allowed, action=action, triggered=triggered, policy=ref)


def texts(*each: str) -> list[Message]:
    return [message(f"m{number}", text) for number, text in enumerate(each)]


def test_a_text_is_compared_with_its_decision() -> None:
    changes: list[Change] = []
    test = backtest(changes=changes)
    records = [reread(ACTIONS, decision("m0")), *(reread(MESSAGES, each) for each in texts("so bad", "bad"))]
    assert test.take(records) == 2
    assert test.comparison.pairs == {("allow", "block"): 1, ("missing", "block"): 1}
    (change,) = changes
    assert (change.past.arrival.message.content_id, change.then.action, change.decision.action) == (
        "m0",
        "allow",
        "block",
    )
    assert len(test.conversations) == len(test.conversations_changed) == 1


def test_texts_before_the_range_fill_conversations_and_are_not_counted() -> None:
    test = backtest(Scope(since=NOON + 1))
    test.take([reread(MESSAGES, each, NOON + number) for number, each in enumerate(texts("bad", "bad", "good"))])
    assert test.comparison.contents == 2


def test_it_stops_at_the_limit() -> None:
    test = backtest(Scope(0, limit=3))
    test.take([reread(MESSAGES, each) for each in texts(*["good"] * 10)])
    assert (test.comparison.contents, test.full) == (3, True)


def test_what_a_restriction_of_the_author_decided_is_not_compared() -> None:
    muted = Triggered("muted", "enforce", STANDING, "muted", "block")
    test = backtest()
    test.take([reread(ACTIONS, decision("m0", muted)), reread(MESSAGES, texts("good")[0])])
    assert (test.restricted, test.comparison.contents) == (1, 0)


def test_only_what_the_named_policy_decided_is_compared() -> None:
    test = backtest(Scope(0, against="test"))
    other = decision("m1", ref=PolicyRef("shop", "000000000000"))
    test.take([reread(ACTIONS, each) for each in (decision("m0"), other)])
    test.take([reread(MESSAGES, each) for each in texts("good", "good")])
    assert (test.others, test.comparison.contents) == (1, 1)


def test_what_no_policy_judged_is_counted() -> None:
    test = backtest()
    none = decision("m0", ref=PolicyRef("none", "none"))
    test.take([reread(ACTIONS, none), reread(MESSAGES, texts("bad")[0])])
    assert (test.nobody, test.comparison.pairs) == (1, {("allow", "block"): 1})


def test_what_cannot_be_read_is_counted() -> None:
    test = backtest()
    test.take([reread(number, b"{") for number in (ACTIONS, MESSAGES, FINDINGS)])
    assert (test.unreadable, test.comparison.contents) == (3, 0)


def test_texts_are_shown_only_where_they_were_asked_for() -> None:
    changes: list[Change] = []
    test = backtest(changes=changes)
    test.take([reread(ACTIONS, decision("m0")), reread(MESSAGES, texts("so bad")[0])])
    assert "text" not in changed(changes[0], None)
    assert changed(changes[0], "so bad")["text"] == "so bad"
    assert changed(changes[0], None)["now"]["triggered"] == ["words/bad"]


def test_the_result_says_all_that_was_counted() -> None:
    test = backtest()
    records = [reread(ACTIONS, decision("m0")), *(reread(MESSAGES, each) for each in texts("so bad", "good"))]
    test.take([*records, records[1]])
    result = summary(test, NEW.ref, NOON, NOON + 1000, 0.5)
    assert (result["contents"], result["changed"], result["without_decision"]) == (2, 1, 1)
    assert result["not_compared"]["repeated"] == 1
    assert result["rules"] == [{"engine": "words", "rule": "bad", "both": 0, "gained": 1, "lost": 0, "share": 0.5}]
    assert result["actions"][-1] == {
        "then": "allow",
        "now": "block",
        "contents": 1,
        "samples": [{"content_id": "m0", "text": "so bad"}],
    }
    shown = "\n".join(lines(result))
    assert "1 change (50.00%), in 1 of 1 conversations" in shown
    assert "not compared: 1 (repeated)" in shown
