"""The classifiers know pictures that lie beside every installation, and answer the same in any company."""

from pathlib import Path

import numpy as np
import pytest
import sklearn.datasets
from PIL import Image

from streams.vision.imagenet import SIDE, shared_imagenet, views
from streams.vision.open_nsfw import centred, shared_open_nsfw
from streams.vision.safety import NSFL, NSFW, SFW, padded, shared_safety

PHOTOS = Path(sklearn.datasets.__file__).parent / "images"
PALACE = 698  # of the thousand classes
SHAPES = ((1, 1), (1, 3000), (3000, 1), (224, 224), (640, 427))


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    """Return a Chinese palace and a flower."""
    return [Image.open(PHOTOS / name).convert("RGB") for name in ("china.jpg", "flower.jpg")]


def test_the_class_of_a_known_photograph_is_first(photos: list[Image.Image]) -> None:
    probabilities = shared_imagenet()(photos[:1])
    assert probabilities.shape == (1, 2, 1000)
    assert probabilities.argmax(axis=-1).tolist() == [[PALACE, PALACE]]
    assert probabilities.sum(axis=-1) == pytest.approx(1, abs=1e-5)


def test_a_palace_and_a_flower_are_neither_explicit_nor_gruesome(photos: list[Image.Image]) -> None:
    safety = shared_safety()(photos)
    assert safety.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert safety[:, SFW].min() > 0.8
    assert safety[:, [NSFL, NSFW]].max() < 0.1
    assert shared_open_nsfw()(photos).max() < 0.1


def test_a_picture_has_the_same_answer_in_any_company(photos: list[Image.Image]) -> None:
    for model in (shared_safety(), shared_open_nsfw(), shared_imagenet()):
        together = model(photos * 2)
        assert np.array_equal(together[:2], together[2:])
        assert np.array_equal(model(photos[1:])[0], together[1])
        assert len(model([])) == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_a_picture_of_any_shape_becomes_what_a_network_sees(shape: tuple[int, int]) -> None:
    picture = Image.new("RGB", shape, (255, 0, 10))
    assert padded(picture).shape == (3, 224, 224)
    assert centred(picture).shape == (224, 224, 3)
    assert views(picture).shape == (2, SIDE, SIDE, 3)


def test_a_picture_stands_sharp_in_the_middle_of_itself_blurred() -> None:
    half = np.zeros((100, 50, 3), np.uint8)
    half[:50] = 255
    seen = padded(Image.fromarray(half))
    assert np.abs(np.diff(seen[0, :, 112])).max() > 50  # the edge within the picture
    assert np.abs(np.diff(seen[0, :, 10])).max() < 20  # the same edge beside it


def test_open_nsfw_sees_blue_first_around_nought() -> None:
    seen = centred(Image.new("RGB", (300, 300), (254, 0, 0)))
    assert seen.mean(axis=(0, 1)) == pytest.approx([-104, -117, 254 - 123], abs=2)
