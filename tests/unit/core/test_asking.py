import pytest
from pydantic import ValidationError

from streams.core.asking import ALWAYS, Asking, AskWhen
from streams.core.finding import NOTHING_FOUND, Answer

NONE: frozenset[str] = frozenset()


def scored(**scores: float) -> list[tuple[str, Answer]]:
    return [("words", NOTHING_FOUND), ("text_model", Answer(scores=scores))]


def condition(**given: object) -> Asking:
    return AskWhen.model_validate(given).compiled()


def test_without_a_condition_every_text_is_asked_about() -> None:
    assert ALWAYS.asks([], NONE)
    assert condition(always=True).asks([], NONE)


@pytest.mark.parametrize(("score", "asks"), [(0.29, False), (0.3, True), (0.5, True), (0.8, True), (0.81, False)])
def test_a_score_within_the_band_asks_both_ends_included(score: float, asks: bool) -> None:  # noqa: FBT001
    assert condition(scores={"scam": [0.3, 0.8]}).asks(scored(scam=score), NONE) is asks
    assert condition(scores={"*": [0.3, 0.8]}).asks(scored(violence=0.0, scam=score), NONE) is asks


def test_a_label_that_nobody_scored_is_not_uncertain() -> None:
    assert not condition(scores={"scam": [0, 1]}).asks(scored(violence=0.5), NONE)
    assert not condition(scores={"*": [0, 1]}).asks([("words", NOTHING_FOUND)], NONE)


def test_a_found_label_asks() -> None:
    asking = condition(labels=["platform_bypass", "scam"])
    assert asking.asks([], frozenset({"scam", "pii"}))
    assert not asking.asks([], frozenset({"pii"}))


def test_a_label_under_unless_outweighs_every_ground() -> None:
    asking = condition(always=True, scores={"*": [0, 1]}, labels=["scam"], unless=["child_safety"])
    assert asking.asks(scored(scam=0.5), frozenset({"scam"}))
    assert not asking.asks(scored(scam=0.5), frozenset({"scam", "child_safety"}))


def test_an_engine_that_could_not_judge_asks_and_one_that_failed_does_not() -> None:
    asking = condition(not_evaluated=["text_model"])
    assert asking.asks([("text_model", Answer("not_evaluated", "language"))], NONE)
    assert not asking.asks([("text_model", Answer("error", "engine_failed"))], NONE)
    assert not asking.asks([("words", Answer("not_evaluated", "language"))], NONE)


@pytest.mark.parametrize(
    ("given", "meaning"),
    [
        ({"scores": {"scam": [0.8, 0.3]}}, "0.8 is more than 0.3"),
        ({"scores": {"scam": [-0.1, 0.3]}}, "greater than or equal to 0"),
        ({"scores": {"scam": [0.3, 1.2]}}, "less than or equal to 1"),
        ({"scores": {"scam": [0.3, float("nan")]}}, "less than or equal to 1"),
        ({"scores": {"scam": [0.3]}}, "Field required"),
        ({"scores": {"Scam": [0, 1]}}, "String should match"),
        ({}, "would never ask"),
        ({"unless": ["scam"]}, "would never ask"),
        ({"sometimes": True}, "Extra inputs"),
    ],
)
def test_a_condition_that_cannot_hold_is_an_error(given: dict[str, object], meaning: str) -> None:
    with pytest.raises(ValidationError, match=meaning):
        AskWhen.model_validate(given)
