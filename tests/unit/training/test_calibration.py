"""The ranges of the encoder's activations are measured on texts."""

import pytest

from streams.models.encoder import shipped_ranges
from streams.models.graph import Range, activations
from streams.training.calibration import ranges, sample

TEXTS = ["the cat sleeps", "You are the worst player I have ever met!", "a long walk in the hills, " * 6]


@pytest.fixture(scope="module")
def found() -> dict[str, Range]:
    """Return the ranges over a few texts."""
    return ranges(TEXTS)


def test_every_activation_has_a_range_and_the_same_each_time(found: dict[str, Range]) -> None:
    assert list(found) == list(activations())
    assert all(low < 0 < high for low, high in found.values())
    assert found == ranges(TEXTS)


def test_few_texts_stay_about_within_the_shipped_ranges(found: dict[str, Range]) -> None:
    shipped = shipped_ranges()

    for name, (low, high) in found.items():
        width = shipped[name][1] - shipped[name][0]
        assert low >= shipped[name][0] - 0.1 * width, name
        assert high <= shipped[name][1] + 0.1 * width, name


def test_a_sample_is_spread_over_the_texts_and_over_their_pieces() -> None:
    long = ". ".join(f"sentence {number} goes {'on and ' * 30}on" for number in range(12))
    found = sample([f"text {number}" for number in range(50)] + [long] * 50 + [""] * 10, 20)

    assert len(found) <= 20
    assert found[0] == "text 0"
    assert len({piece for piece in found if "goes" in piece}) > 3
    assert "" not in found
