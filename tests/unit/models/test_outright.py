"""What a text says outright counts for the labels that are learnt from few examples."""

import pytest

from streams.models.heads import shipped
from streams.models.outright import ADDITIONS, outright
from streams.signals.signal import NONE, Signals


def test_a_signal_adds_to_its_label_and_to_no_other() -> None:
    added = outright([Signals(explicit=True), Signals(directed=True), NONE], ("spam", "sexual", "harassment"))

    assert added.tolist() == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]


def test_no_texts_add_nothing() -> None:
    assert outright([], ("spam", "sexual")).shape == (0, 2)


@pytest.mark.parametrize("label", sorted(ADDITIONS))
def test_additions_are_to_labels_that_the_heads_know_and_from_signals_that_exist(label: str) -> None:
    assert label in shipped().labels
    assert getattr(NONE, ADDITIONS[label].signal) is False
