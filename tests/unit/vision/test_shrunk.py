"""Large frames become small ones with the same look; small ones stay as they are."""

import numpy as np
import pytest

from streams.vision.shrunk import shrunk


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (519, 9000), (1039, 1039)])
def test_a_frame_that_is_small_on_one_side_stays_as_it_is(shape: tuple[int, int]) -> None:
    frame = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(shrunk(frame)), frame)


def test_each_pixel_of_a_large_frame_is_the_mean_of_a_square() -> None:
    frame = np.random.default_rng(2).integers(0, 256, (30, 42, 3), dtype=np.uint8)
    means = frame.reshape(10, 3, 14, 3, 3).mean(axis=(1, 3))
    assert np.abs(np.asarray(shrunk(frame, least=10)) - means).max() < 1


def test_a_frame_of_several_bands_has_no_seams() -> None:
    across = np.linspace(0, 255, 3001).astype(np.uint8)
    frame = np.repeat(np.repeat(across[None, :, None], 2601, axis=0), 3, axis=2)
    small = np.asarray(shrunk(frame))
    assert small.shape == (521, 601, 3)
    assert np.ptp(small, axis=0).max() <= 1  # rounding
