from collections.abc import Sequence
from itertools import pairwise

import pytest

from streams.agents.inspecting import Inspector
from streams.core.engine import Text
from streams.core.finding import Answer
from streams.core.rule import Rule
from streams.evaluation.entities import ENTITIES, KINDS, kind
from streams.evaluation.running import TIMED, FoundSpan, Judged, Run, run
from streams.evaluation.subject import subject
from streams.metrics import Metrics
from streams.pii.detector import ORDER
from tests.unit.evaluation.given import Trained, Words, inspected, policy, row


def texts(*words: str) -> list[Text]:
    """Return texts without context."""
    return [Text(word) for word in words]


def ran(engine: Words, subjects: Sequence[Text], size: int = 256) -> Run:
    """Judge texts by a policy with one engine."""
    return run(subjects, policy(), [engine], inspected, lambda _: None, size)


def judged(text: str) -> Judged:
    """Return what the policy makes of a text."""
    return ran(Words(), texts(text)).judged[0]


def test_an_engine_is_called_once_for_each_batch() -> None:
    engine, done = Words(), list[int]()
    run(texts(*"abcdefg"), policy(), [engine], inspected, done.append, 3)
    assert engine.asked == [3, 3, 1]
    assert done == [3, 3, 1]


def test_a_finding_that_only_masks_is_found_and_not_acted_upon_less_than_it_is() -> None:
    assert judged("spam").acted == {"spam"}
    assert judged("call 5").acted == {"pii"}  # masking is more than flagging
    assert judged("quiet") == Judged(
        {"abuse": 0.0, "pii": 0.0, "spam": 0.05}, frozenset(), frozenset(), "allow", None, ()
    )


def test_a_rule_in_shadow_mode_finds_and_does_not_act() -> None:
    loud = judged("SHOUTING")
    assert (loud.found, loud.acted) == (frozenset({"abuse"}), frozenset())
    assert (loud.action, loud.severity) == ("allow", "high")


def test_a_finding_with_the_action_allow_is_found_and_not_acted_upon() -> None:
    noted = policy(Rule("words", "spam", "spam", "allow"))
    (line,) = run(texts("spam"), noted, [Words()], inspected, lambda _: None, 8).judged
    assert (line.found, line.acted) == (frozenset({"spam"}), frozenset())
    assert line.action == "allow"


def test_the_highest_severity_and_the_spans_of_personal_data_are_kept() -> None:
    line = judged("spam 5")
    assert line.severity == "medium"
    assert line.spans == (FoundSpan(None, 5, 6),)


def test_the_kind_of_personal_data_is_what_the_engine_or_else_its_rule_is_called() -> None:
    assert kind("national_id", "us_ssn") == "national_id"
    assert kind("mine", "phone") == "phone"
    assert kind("phone", None) == "phone"
    assert kind("mine", None) is None


def test_every_kind_is_a_type_of_the_engine_for_personal_data() -> None:
    assert set(ORDER) == KINDS
    assert set(ENTITIES.values()) <= KINDS


def test_a_text_that_makes_an_engine_crash_is_an_error_and_the_others_are_judged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    result = run(texts("spam", "crash", "spam"), policy(), [Words()], Inspector(Metrics()), lambda _: None, 8)
    assert result.statuses["words"] == {"ok": 2, "error": 1}
    assert [line.action for line in result.judged] == ["flag", "flag", "flag"]  # the policy holds what nobody saw
    assert [bool(line.found) for line in result.judged] == [True, False, True]
    assert result.judged[1].scores == {}
    assert "secret" not in caplog.text


def test_rows_that_were_trained_on_are_scored_by_models_that_did_not_see_them() -> None:
    engine = Trained()
    result = ran(engine, texts("known spam", "new spam", "other"))
    assert [line.action for line in result.judged] == ["allow", "flag", "allow"]
    assert result.trained_on == {"words": 1}


def test_only_the_shipped_answers_are_timed() -> None:
    engine = Trained()
    result = ran(engine, texts(*"abcdefghij"), size=2)
    assert engine.held_out == [2, 2, 2, 2, 2]
    assert engine.asked == [2, 2]  # the first batch and then each fourth
    assert TIMED == 4
    (own, whole) = result.timed
    assert (own.engine, own.texts, whole.texts) == ("words", [2, 2], [2, 2])
    assert all(one >= other > 0 for one, other in zip(whole.seconds, own.seconds, strict=True))


def test_without_held_out_answers_each_batch_is_timed() -> None:
    own, whole = ran(Words(), texts(*"abcde"), size=2).timed
    assert own.texts == whole.texts == [2, 2, 1]
    assert (own.engine, whole.engine) == ("words", "in all")


def test_no_texts_and_no_engines_are_no_error() -> None:
    assert ran(Words(), []).judged == []
    nobody = run(texts("a", "b"), policy(), [], inspected, lambda _: None, 8)
    assert [line.action for line in nobody.judged] == ["allow", "allow"]


class Windowed(Words):
    """Finds spam where the message before the text says so."""

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return one answer for each text."""
        return [self._answer(subject.context[-1].text if subject.context else "") for subject in batch]


def test_engines_see_the_context() -> None:
    subjects = [subject(row(1, "yes", context=["a", "spam"]), 0, 500), subject(row(2, "yes"), 1, 500)]
    result = run(subjects, policy(), [Windowed()], inspected, lambda _: None, 8)
    assert [line.action for line in result.judged] == ["flag", "allow"]
    assert all(one.at < other.at for one, other in pairwise(subjects))
