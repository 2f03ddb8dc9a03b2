import numpy as np
import pytest
from PIL import Image

from streams.review.thumbnail import LARGEST, SMALLEST, Look, looked, master, placeholder
from tests.unit.review.stored_media import opened


def stripes(width: int, height: int) -> "np.typing.NDArray[np.uint8]":
    """Return fine black and white stripes."""
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[:, ::16] = pixels[:, 1::16] = pixels[:, 2::16] = pixels[:, 3::16] = 255
    return pixels


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((400, 300), (400, 300)),
        ((1, 1), (1, 1)),
        ((3200, 2400), (1600, 1200)),
        ((1500, 2000), (1200, 1600)),
        ((9000, 2), (1600, 1)),
        ((1601, 1601), (1600, 1600)),
    ],
)
def test_a_master_is_within_its_bounds_and_not_enlarged(size: tuple[int, int], made: tuple[int, int]) -> None:
    assert opened(master(np.full((size[1], size[0], 3), 120, dtype=np.uint8))).size == made


@pytest.mark.parametrize("side", [SMALLEST, 100, 640, LARGEST])
def test_a_picture_is_as_large_as_asked_and_keeps_its_shape(side: int) -> None:
    made = opened(looked(master(np.full((900, 1600, 3), 120, dtype=np.uint8)), Look(side)))
    assert max(made.size) == side
    assert made.size[1] == round(side * 900 / 1600)


def test_what_is_as_asked_already_is_not_made_again() -> None:
    made = master(stripes(320, 200))
    assert looked(made, Look(640)) is made


def test_blurred_nothing_fine_is_left() -> None:
    plain = np.asarray(opened(looked(master(stripes(640, 480)), Look(320))).convert("L"), dtype=float)
    blurred = np.asarray(opened(looked(master(stripes(640, 480)), Look(320, blur=True))).convert("L"), dtype=float)
    assert plain.shape == blurred.shape
    assert np.ptp(plain[100]) > 100
    assert np.ptp(blurred[100]) < 48


def test_grey_has_no_colours() -> None:
    made = opened(looked(master(np.full((30, 40, 3), (250, 10, 10), dtype=np.uint8)), Look(grey=True)))
    assert made.mode == "L"


@pytest.mark.parametrize("shape", [(1, 1), (1, 1600), (1600, 1), (3, 2)])
@pytest.mark.parametrize("look", [Look(64, blur=True, grey=True), Look(64), Look(1600, blur=True)])
def test_pictures_of_strange_shapes_are_pictures(shape: tuple[int, int], look: Look) -> None:
    made = opened(looked(master(np.full((*shape, 3), 200, dtype=np.uint8)), look))
    assert min(made.size) >= 1


def test_the_worst_picture_has_a_bounded_size() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1600, 1600, 3), dtype=np.uint8)
    assert len(master(noise)) < 4 << 20
    assert len(looked(master(noise), Look(320))) < 128 << 10


@pytest.mark.parametrize("side", [SMALLEST, 640, LARGEST])
def test_a_placeholder_is_a_picture_with_words_on_it(side: int) -> None:
    made = opened(placeholder("no longer there", side))
    assert made.width == side
    assert len(set(np.asarray(made.convert("L")).ravel().tolist())) > 10
    assert isinstance(made, Image.Image)
