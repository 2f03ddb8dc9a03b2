import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from streams.core.engine import Media
from streams.vision.pdq import columns, distances, likeness


def picture(seed: int) -> NDArray[np.uint8]:
    """Return a picture with structure, the same for the same seed."""
    small = np.random.default_rng(seed).integers(0, 256, size=(24, 32, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((320, 240), Image.Resampling.BICUBIC))


def test_a_still_picture_has_eight_forms_of_which_a_mirrored_copy_has_one() -> None:
    (mine, theirs) = (
        likeness(Media("00" * 32, "image", "PNG", (np.ascontiguousarray(each),), (0,)))
        for each in (picture(1), picture(1)[:, ::-1])
    )
    assert len(set(mine)) == 8
    assert distances(columns(mine), columns(theirs)[:, 0]).min() <= 4
    assert distances(columns(mine[:1]), columns(theirs)[:, 0]).min() > 60


@pytest.mark.parametrize(
    "media",
    [
        Media("00" * 32, "image", "unknown"),
        Media("00" * 32, "image", "PNG", (np.full((90, 90, 3), 7, dtype=np.uint8),), (0,)),
        Media("00" * 32, "image", "GIF", (picture(1), picture(2)), (0, 40), 80),
        Media("00" * 32, "image", "GIF", (picture(1),), (0,), 80),  # one frame of it was sampled
        Media("00" * 32, "video", "MP4", (picture(1),), (0,), 40),
    ],
)
def test_what_moves_was_not_decoded_or_has_no_structure_is_like_nothing(media: Media) -> None:
    assert likeness(media) == ()
