import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    precision_recall_curve,
    precision_score,
    recall_score,
    roc_auc_score,
)

from streams.evaluation.measures import (
    Scores,
    Truth,
    agreement,
    area,
    at_precision,
    average_precision,
    binned,
    brier,
    calibration_error,
    curve,
    macro_f1,
    ranked,
)

# Few values and many ties, and values that are all different.
SCORE = st.sampled_from([0.0, 0.1, 0.5, 0.7, 1.0]) | st.floats(0, 1, allow_subnormal=False)
# On no border of a bin: there, scikit-learn chooses the lower one.
BETWEEN = st.integers(0, 99).map(lambda number: (number + 0.5) / 100)
TEXTS = st.lists(st.tuples(st.booleans(), SCORE), min_size=1, max_size=60)
GUESSES = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60)


def arrays(texts: list[tuple[bool, float]]) -> tuple[Truth, Scores]:
    """Return truth and scores."""
    return np.array([yes for yes, _ in texts], np.bool_), np.array([score for _, score in texts], np.float64)


@given(TEXTS)
def test_area_and_average_precision_are_those_of_scikit_learn(texts: list[tuple[bool, float]]) -> None:
    truth, scores = arrays(texts)
    assume(truth.any() and not truth.all())
    assert area(ranked(truth, scores)) == pytest.approx(roc_auc_score(truth, scores))
    assert average_precision(ranked(truth, scores)) == pytest.approx(average_precision_score(truth, scores))


@given(TEXTS, st.sampled_from([0.5, 0.8, 1.0]))
def test_the_most_recall_at_a_precision_is_that_of_scikit_learn(texts: list[tuple[bool, float]], least: float) -> None:
    truth, scores = arrays(texts)
    assume(truth.any())
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    good = [point for point in zip(recall, precision, thresholds, strict=False) if point[1] >= least and point[0]]
    found = at_precision(ranked(truth, scores), least)
    if not good:
        assert found is None
    else:
        assert found is not None
        assert found.recall == pytest.approx(max(good)[0])
        assert found.threshold == min(threshold for _, _, threshold in good)


@given(TEXTS, st.integers(2, 20))
def test_each_point_of_a_curve_is_a_threshold_of_scikit_learn(texts: list[tuple[bool, float]], most: int) -> None:
    truth, scores = arrays(texts)
    assume(truth.any())
    precision, recall, thresholds = precision_recall_curve(truth, scores)
    every = {point[0]: point[1:] for point in zip(thresholds, precision, recall, strict=False)}
    points = curve(ranked(truth, scores), most)
    assert 1 <= len(points) <= most
    assert [point.threshold for point in points] == sorted((p.threshold for p in points), reverse=True)
    assert points[-1].recall == 1.0
    for point in points:
        assert (point.precision, point.recall) == pytest.approx(every[point.threshold])


@given(GUESSES)
def test_agreement_is_that_of_scikit_learn(guesses: list[tuple[bool, bool]]) -> None:
    truth, found = np.array([t for t, _ in guesses]), np.array([f for _, f in guesses])
    result = agreement(truth, found)
    assert result.precision == (pytest.approx(precision_score(truth, found)) if found.any() else None)
    assert result.recall == (pytest.approx(recall_score(truth, found)) if truth.any() else None)
    if (truth | found).any():
        assert result.f1 == pytest.approx(f1_score(truth, found))
    if truth.any() and not truth.all():
        assert result.macro_f1 == pytest.approx(f1_score(truth, found, average="macro"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abcn")), min_size=1))
def test_macro_f1_over_the_given_classes_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    truth, found = np.array([given for given, _ in pairs]), np.array([found for _, found in pairs])
    expected = f1_score(truth, found, labels=np.unique(truth), average="macro", zero_division=0)
    assert macro_f1(truth, found) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), BETWEEN), min_size=1, max_size=60))
def test_brier_and_bins_are_those_of_scikit_learn(texts: list[tuple[bool, float]]) -> None:
    truth, scores = arrays(texts)
    assume(truth.any() and not truth.all())
    assert brier(truth, scores) == pytest.approx(brier_score_loss(truth, scores))
    bins = binned(truth, scores, 10)
    share, mean = calibration_curve(truth, scores, n_bins=10)
    totals = [positives + negatives for positives, negatives in zip(bins.positives, bins.negatives, strict=True)]
    assert [m for m in bins.mean if m is not None] == pytest.approx(mean.tolist())
    assert [p / t for p, t in zip(bins.positives, totals, strict=True) if t] == pytest.approx(share.tolist())


def test_perfect_inverted_and_constant_scores() -> None:
    truth = np.array([True, True, False, False])
    perfect, inverted, constant = np.array([0.9, 0.8, 0.2, 0.1]), np.array([0.1, 0.2, 0.8, 0.9]), np.full(4, 0.3)
    assert (area(ranked(truth, perfect)), average_precision(ranked(truth, perfect))) == (1.0, 1.0)
    assert area(ranked(truth, inverted)) == 0.0
    assert average_precision(ranked(truth, inverted)) == pytest.approx((1 / 3 + 2 / 4) / 2)
    assert (area(ranked(truth, constant)), average_precision(ranked(truth, constant))) == (0.5, 0.5)


def test_the_recall_at_a_precision_is_taken_at_the_lowest_threshold_that_has_it() -> None:
    truth = np.array([True, False, True, True, True, False, True])
    found = at_precision(ranked(truth, np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])), 0.8)
    assert found == (0.5, 0.8, 0.8)


def test_without_positives_or_without_negatives_figures_are_not_defined() -> None:
    scores = np.array([0.1, 0.9])
    none, all_of_them = ranked(np.zeros(2, np.bool_), scores), ranked(np.ones(2, np.bool_), scores)
    assert (area(none), average_precision(none), at_precision(none, 0.8), curve(none, 10)) == (None, None, None, [])
    assert (area(all_of_them), average_precision(all_of_them)) == (None, 1.0)
    assert agreement(np.ones(2, np.bool_), np.ones(2, np.bool_)).macro_f1 is None


def test_nothing_at_all_is_not_defined() -> None:
    truth, scores = np.zeros(0, np.bool_), np.zeros(0)
    points, bins = ranked(truth, scores), binned(truth, scores, 10)
    assert (area(points), average_precision(points), at_precision(points, 0.8), curve(points, 9)) == (
        None,
        None,
        None,
        [],
    )
    assert agreement(truth, truth) == (None, None, None, None)
    assert (brier(truth, scores), calibration_error(bins), bins.positives) == (None, None, [0] * 10)
    assert macro_f1(truth, truth) is None


def test_a_calibration_error_is_the_mean_distance_of_score_and_share() -> None:
    bins = binned(np.array([True, False, True, True]), np.array([0.25, 0.25, 1.0, 0.9]), 10)
    assert bins.positives == [0, 0, 1, 0, 0, 0, 0, 0, 0, 2]
    assert bins.mean[9] == pytest.approx(0.95)
    assert calibration_error(bins) == pytest.approx((0.25 * 2 + 0.05 * 2) / 4)
