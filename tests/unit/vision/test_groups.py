"""The classes of a category are added up; the view that shows more of it counts."""

import numpy as np
import pytest

from streams.vision.groups import GROUPS, grouped


def test_a_group_is_the_sum_of_its_classes_in_the_better_view() -> None:
    probabilities = np.zeros((2, 2, 1000), np.float32)
    probabilities[0, 0, [764, 763]] = 0.3, 0.2  # rifle, revolver
    probabilities[0, 1, 413] = 0.4  # assault rifle
    probabilities[1, 1, 966] = 0.9  # red wine

    found = grouped(probabilities)

    assert found["violence"].tolist() == pytest.approx([0.5, 0])
    assert found["alcohol"].tolist() == pytest.approx([0, 0.9])


def test_no_class_belongs_to_two_groups_and_ids_are_in_the_order_of_their_places() -> None:
    classes = sorted(pair for group in GROUPS.values() for pair in group.items())
    places = [place for _, place in classes]
    assert len(set(places)) == len(places)
    assert places == sorted(places)
