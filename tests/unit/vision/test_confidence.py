"""Scores become confidences on one scale: the same order, the presets where false positives were counted."""

import numpy as np
import pytest

from streams.core.banded import GRAVE, PRESETS, Preset
from streams.core.label import MEDIA_LABELS
from streams.vision.confidence import CURVES, confidences
from streams.vision.groups import GROUPS


@pytest.mark.parametrize("category", CURVES)
def test_a_higher_score_never_has_a_lower_confidence(category: str) -> None:
    found = confidences(category, np.linspace(0, 1, 2001, dtype=np.float32))
    assert (found[0], found[-1]) == (0, 100)
    assert np.diff(found).min() >= 0


def test_every_curve_is_of_a_category_that_policies_know_and_every_group_has_one() -> None:
    assert CURVES.keys() <= MEDIA_LABELS
    assert GROUPS.keys() <= CURVES.keys()


@pytest.mark.parametrize(
    ("preset", "safety", "weapons", "things"),
    [("strict", 0.8, 0.6, 0.6), ("balanced", 0.5, 0.35, 0.35), ("sensitive", 0.4, 0.2, 0.2)],
)
def test_the_presets_begin_at_these_scores(preset: Preset, safety: float, weapons: float, things: float) -> None:
    starts = {"explicit": safety, "visually_disturbing": safety, "violence": weapons}
    for category in CURVES:
        start = starts.get(category, things)
        below, at = confidences(category, np.array([start - 0.002, start], np.float32))
        assert below < PRESETS[preset][category not in GRAVE] <= at


def test_explicit_reaches_95_only_where_both_votes_do_nearly() -> None:
    votes = np.linspace(0, 1, 101)
    one, other = np.meshgrid(votes, votes)
    sure = confidences("explicit", ((one + other) / 2).astype(np.float32)) >= 95
    assert np.minimum(one, other)[sure].min() >= 0.899
