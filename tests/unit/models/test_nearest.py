"""Cosines are exact; the nearest phrase of each group is found in one product."""

import numpy as np
import pytest
from numpy.typing import NDArray

from streams.models import nearest
from streams.models.cosine import STEP, cosines, stepped
from streams.models.encoder import shared_encoder
from streams.models.nearest import FAR, Group, Nearest

SEEDS = ("buy now", "order today", "the cat sleeps")


def some(count: int, seed: int) -> NDArray[np.float32]:
    """Return vectors of length 1."""
    drawn = np.random.default_rng(seed).normal(size=(count, 384))
    vectors: NDArray[np.float32] = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def test_coordinates_are_whole_steps_and_cosines_stay_within_a_thousandth() -> None:
    left, right = some(300, 1), some(200, 2)
    exact = left.astype(np.float64) @ right.T.astype(np.float64)

    assert np.array_equal(stepped(left) / STEP, np.rint(stepped(left) / STEP))
    assert float(np.abs(cosines(stepped(left), stepped(right)) - exact).max()) < 1e-3


def test_a_cosine_is_the_same_in_whatever_order_it_is_summed() -> None:
    left, right = stepped(some(100, 3)), stepped(some(90, 4))
    together = cosines(left, right)
    order = np.random.default_rng(5).permutation(384)

    assert np.array_equal(together, left.astype(np.float64) @ right.T.astype(np.float64))
    assert np.array_equal(together, cosines(left[:, order], right[:, order]))
    assert np.array_equal(together, np.stack([cosines(row[None], right)[0] for row in left]))


def test_a_group_is_as_near_as_its_nearest_seed() -> None:
    encode = shared_encoder()
    vectors = encode(["buy now", "a dog barks"])
    near = Nearest([Group(SEEDS[:2]), Group(SEEDS[2:])], encode)(vectors)
    each = Nearest([Group([seed]) for seed in SEEDS], encode)(vectors)

    assert near.shape == (2, 2)
    assert near[0, 0] == pytest.approx(1, abs=1e-3)
    assert np.array_equal(near[:, 0], each[:, :2].max(axis=1))
    assert np.array_equal(near[:, 1], each[:, 2])


def test_a_contrast_phrase_that_is_as_near_keeps_a_piece_out_of_its_group_alone() -> None:
    encode = shared_encoder()
    groups = [Group(["buy now"]), Group(["buy now"], ["Buy now, is it safe?"]), Group(["order now"], ["buy now"])]
    near = Nearest(groups, encode)(encode(["buy now", "Buy now, is it safe?"]))

    assert near[0, 0] == near[0, 1] == pytest.approx(1, abs=1e-3)
    assert near[0, 2] == FAR
    assert near[1, 0] > 0.5
    assert near[1, 1] == FAR


def test_many_pieces_are_worked_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Nearest([Group(SEEDS), Group(SEEDS[:1], SEEDS[1:])], shared_encoder())
    vectors = some(50, 6)
    whole = found(vectors)
    monkeypatch.setattr(nearest, "MOST_AT_ONCE", 7)

    assert np.array_equal(found(vectors), whole)


def test_no_pieces_come_near_to_nothing() -> None:
    assert Nearest([Group(SEEDS)], shared_encoder())(some(0, 7)).shape == (0, 1)
