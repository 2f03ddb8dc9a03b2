"""Judging once more: what was stored serves; what changed is asked again; nobody with a role of its own is."""

from collections.abc import Sequence

from streams.core.arrival import Arrival
from streams.core.case import CaseOpened
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import Answer, Finding, Report
from streams.core.judge import judged, judged_case
from streams.core.opening import Case
from streams.core.panel import Panel, Panels
from streams.core.past import Past, Pasts
from streams.core.policy import Policy
from streams.core.rejudging import Once, Rejudging
from streams.core.rule import Rule
from streams.core.screen import Limits, screened
from streams.core.window import EMPTY
from tests.unit.core.given import NOON, PileOn, PileOnConfig, Words, WordsConfig, directly, message, policy

LIMITS = Limits(text=500, ids=200)
WORDS = Words(WordsConfig(words=("bad", "rude"), action="block"))
TEXTS = ("good", "so bad", "rude", "bad and rude", "fine")


def arrivals(texts: Sequence[str] = TEXTS) -> list[Arrival]:
    return [Arrival(message(f"m{number}", text), NOON + number) for number, text in enumerate(texts)]


def decided(judge_by: Policy, engines: Sequence[Engine], texts: Sequence[str] = TEXTS) -> list[Decision | Case]:
    panels = Panels([Panel(judge_by, tuple(engines))])
    screening = screened(
        arrivals(texts), lambda _: EMPTY, panels=panels, inspect=directly, judge=judged, limits=LIMITS, now=NOON
    )
    return [outcome for outcome in screening.outcomes if isinstance(outcome, Decision | Case)]


def past(outcomes: Sequence[Decision | Case], texts: Sequence[str] = TEXTS) -> list[Past]:
    pasts = Pasts()
    for outcome in outcomes:
        if isinstance(outcome, Decision):
            pasts.decided(outcome, NOON)
        else:
            pasts.found(outcome.opened, NOON)
    return [pasts.of(arrival) for arrival in arrivals(texts)]


class Asked:
    """Counts the texts that engines are asked about."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        """Ask the engine."""
        self.texts += [each.text for each in texts]
        return directly(engine, texts)


def rejudging(
    judge_by: Policy, engines: Sequence[Engine], unchanged: frozenset[str] = frozenset()
) -> tuple[Rejudging, Asked]:
    asked = Asked()
    return Rejudging(Panel(judge_by, tuple(engines)), asked, LIMITS, lambda _ref: unchanged), asked


def actions(judged_once: Sequence[Once]) -> list[str]:
    return [once.decision.action for once in judged_once]


def test_an_engine_that_is_the_same_is_not_asked_and_its_findings_serve_under_other_actions() -> None:
    softer = policy([Rule("words", "bad", "abuse", "flag"), Rule("words", "rude", "abuse", "allow")])
    again, asked = rejudging(softer, [WORDS], frozenset({"words"}))
    found = list(again.judged(past(decided(policy(WORDS.rules), [WORDS]))))
    assert actions(found) == ["allow", "flag", "allow", "flag", "allow"]
    assert asked.texts == []


def test_an_engine_that_has_changed_is_asked_about_every_text() -> None:
    other = Words(WordsConfig(words=("good",), action="block"))
    again, asked = rejudging(policy(other.rules), [other])
    found = list(again.judged(past(decided(policy(WORDS.rules), [WORDS]))))
    assert actions(found) == ["block", "allow", "allow", "allow", "allow"]
    assert asked.texts == list(TEXTS)


def test_an_engine_of_another_version_is_asked_again() -> None:
    class Newer(Words):
        version = "2"

    newer = Newer(WordsConfig(words=("bad", "rude"), action="block"))
    again, asked = rejudging(policy(newer.rules), [newer], frozenset({"words"}))
    list(again.judged(past(decided(policy(WORDS.rules), [WORDS]))))
    assert asked.texts == list(TEXTS)


def test_only_texts_without_a_decision_are_asked_about() -> None:
    outcomes = decided(policy(WORDS.rules), [WORDS])
    again, asked = rejudging(policy(WORDS.rules), [WORDS], frozenset({"words"}))
    found = list(again.judged(past([*outcomes[:1], *outcomes[2:]])))
    assert actions(found) == ["allow", "block", "block", "block", "allow"]
    assert asked.texts == ["so bad"]
    assert found[1].past.decided is None


def test_the_same_policy_changes_nothing() -> None:
    texts = ["bad", "bad", "bad", "bad", "good", "rude"]
    engines = (WORDS, PileOn(PileOnConfig()))
    by = policy([*WORDS.rules, *engines[1].rules], text=("words", "pile_on"))
    outcomes = decided(by, engines, texts)
    again, asked = rejudging(by, engines, frozenset({"words", "pile_on"}))
    found = list(again.judged(past(outcomes, texts)))
    assert [once.decision.triggered for once in found] == [
        each.triggered for each in outcomes if isinstance(each, Decision)
    ]
    assert asked.texts == []


def test_conversations_are_rebuilt_over_batches() -> None:
    texts = ["bad", "bad", "bad", "good"]
    pile = PileOn(PileOnConfig())
    again, _ = rejudging(policy(pile.rules, text=("pile_on",)), [pile])
    pasts = past(decided(policy(WORDS.rules), [WORDS], texts), texts)
    found = [*again.judged(pasts[:2]), *again.judged(pasts[2:])]
    assert actions(found) == ["allow", "allow", "allow", "block"]
    assert found[-1].decision.context == ("m0", "m1", "m2")


def test_a_repeat_is_counted_and_judged_once() -> None:
    again, _ = rejudging(policy(WORDS.rules), [WORDS])
    pasts = past(decided(policy(WORDS.rules), [WORDS]))
    assert len(list(again.judged([*pasts, pasts[1]]))) == 5
    assert again.repeated == 1


def test_repeats_do_not_shift_what_was_answered() -> None:
    outcomes = decided(policy(WORDS.rules), [WORDS])
    again, asked = rejudging(policy(WORDS.rules), [WORDS], frozenset({"words"}))
    pasts = past(outcomes)
    repeat = Past(Arrival(message("m0", "good"), NOON), None, None)
    found = list(again.judged([pasts[0], repeat, *pasts[1:]]))
    assert actions(found) == ["allow", "block", "block", "block", "allow"]
    assert asked.texts == []


def test_content_of_a_kind_that_the_policy_does_not_judge_is_counted() -> None:
    again, _ = rejudging(policy(WORDS.rules, kinds=["comment"]), [WORDS])
    assert list(again.judged(past(decided(policy(WORDS.rules), [WORDS])))) == []
    assert again.unclaimed == 5


APART = policy([Rule("text_llm", "scam", "scam", "block")], text=(), apart=("text_llm",))


def case(*reports: Report) -> Past:
    opened = CaseOpened("m1", "message", "u", ("text_llm",), (), APART.ref, NOON, NOON)
    pasts = Pasts()
    pasts.found(opened, NOON)
    for report in reports:
        pasts.found(report, NOON)
    return pasts.of(Arrival(message("m1", "send me money"), NOON))


def test_the_stored_report_of_an_engine_with_a_role_of_its_own_serves() -> None:
    report = Report("m1", "text_llm", "1", "ok", findings=(Finding("scam", "scam", "high"),))
    again, _ = rejudging(APART, [])
    (once,) = again.judged([case(report)])
    assert (once.decision.action, once.unknown) == ("block", ())


def test_an_engine_whose_answer_is_nowhere_is_unknown_and_not_asked() -> None:
    again, asked = rejudging(APART, [])
    (once,) = again.judged([case()])
    assert (once.decision.action, once.unknown) == ("allow", ("text_llm",))
    assert once.decision.reports[0].reason == "no_stored_answer"
    assert asked.texts == []


def test_a_time_out_then_is_a_time_out_now() -> None:
    (outcome,) = decided(APART, [], ["send me money"])
    assert isinstance(outcome, Case)
    late = Report("m0", "text_llm", "", "timeout", "deadline")
    decision = judged_case(APART, outcome.opened, [late], judged, NOON)
    pasts = Pasts()
    pasts.decided(decision, NOON)
    again, _ = rejudging(APART, [])
    (once,) = again.judged([pasts.of(arrivals(["send me money"])[0])])
    assert (once.decision.action, once.decision.partial, once.unknown) == ("flag", True, ())
