"""Calibration and thresholds on arrays whose answers are known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from streams.training.recipe import Budget
from streams.training.thresholds import Calibration, best, calibrated, doubt, thresholds, within

NONE = np.zeros(0)
SHARES = st.lists(st.sampled_from([0.1, 0.2, 0.5, 0.9]), min_size=1, max_size=12)


def f1(probabilities: NDArray[np.float64], truth: NDArray[np.bool_], threshold: float) -> float:
    found = probabilities >= threshold
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum()))


@pytest.mark.parametrize(
    ("probabilities", "truth", "threshold"),
    [
        ([0.9, 0.8, 0.3, 0.1], [1, 1, 0, 0], 0.8),
        ([0.1, 0.9, 0.3, 0.8], [0, 1, 1, 0], 0.3),  # 3 found, 2 right: .8; 1 found: .67
        ([0.9, 0.8, 0.7, 0.6], [1, 0, 0, 1], 0.9),  # tie of .67: the higher threshold
        ([0.9, 0.5, 0.5, 0.5], [1, 1, 0, 0], 0.9),  # three that are alike are found together
    ],
)
def test_the_best_threshold_has_the_best_f1(probabilities: list[float], truth: list[int], threshold: float) -> None:
    assert best(np.array(probabilities), np.array(truth, bool)) == threshold


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.4, 0.6, 0.9]), st.booleans()), min_size=1, max_size=15))
def test_no_other_threshold_is_better(rows: list[tuple[float, bool]]) -> None:
    probabilities, truth = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    if truth.any():
        reached = f1(probabilities, truth, best(probabilities, truth))
        assert reached == max(f1(probabilities, truth, each) for each in probabilities)


@given(SHARES, st.sampled_from([0.0, 0.005, 0.1, 0.25, 0.5]))
def test_no_more_ordinary_talk_is_found_than_the_budget_allows(ordinary: list[float], share: float) -> None:
    values = np.array(ordinary)

    assert (values >= within(values, share)).mean() <= share


def test_a_budget_is_used() -> None:
    values = np.arange(100) / 100

    assert (values >= within(values, 0.1)).sum() in {9, 10}
    assert within(values, 0) == pytest.approx(0.99 + 1e-4)


def test_a_label_is_found_at_its_best_unless_ordinary_talk_forbids() -> None:
    probabilities, truth = np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, False])
    quiet, loud = np.full(100, 0.05), np.full(100, 0.85)

    assert thresholds(probabilities, truth, quiet, Budget(0.01, 0.01)) == (0.8, 0.8)
    assert thresholds(probabilities, truth, loud, Budget(0.01, 0.01)) == (0.8501, 0.8501)


def test_more_than_a_suspicion_has_the_stricter_budget() -> None:
    probabilities, truth = np.array([0.9, 0.3, 0.1]), np.array([True, True, False])
    ordinary = np.linspace(0, 0.5, 101)
    found, firm = thresholds(probabilities, truth, ordinary, Budget(0.2, 0.05))

    assert found == pytest.approx(0.4001, abs=0.006)
    assert firm == pytest.approx(0.4751, abs=0.006)


def test_probabilities_are_those_that_the_rows_show() -> None:
    chance = np.random.default_rng(5)
    logits = chance.normal(size=20_000)
    truth = chance.random(20_000) < 1 / (1 + np.exp(-(2 * logits - 1)))
    scale = calibrated(logits, truth, NONE)

    assert scale.slope == pytest.approx(2, abs=0.1)
    assert scale.shift == pytest.approx(-1, abs=0.1)


def test_ordinary_talk_weighs_as_much_as_the_rows_however_much_of_it_there_is() -> None:
    logits = np.concatenate([np.linspace(-1, 2, 50), np.linspace(-2, 1, 50)])
    truth = np.arange(100) < 50
    ordinary = np.linspace(-1.5, 0.5, 40)
    alone, some, more = (calibrated(logits, truth, other) for other in (NONE, ordinary, np.tile(ordinary, 5)))

    assert some.probabilities(np.array([0.5])) < alone.probabilities(np.array([0.5]))
    assert more == pytest.approx(some, abs=1e-3)


@given(st.floats(0.001, 0.999))
def test_a_probability_has_the_logit_that_leads_to_it(probability: float) -> None:
    scale = Calibration(1.7, -0.4)

    assert scale.probabilities(np.array([scale.logit(probability)]))[0] == pytest.approx(probability)


def test_all_but_a_share_of_what_is_found_reaches_the_doubt() -> None:
    cheap, found = np.arange(20.0), np.arange(20) >= 10

    assert doubt(cheap, found, 0.0) == 10
    assert (cheap[found] >= doubt(cheap, found, 0.2)).mean() == 0.8


def test_where_nothing_is_found_there_is_no_bound() -> None:
    assert doubt(np.arange(3.0), np.zeros(3, bool), 0.1) == -math.inf
