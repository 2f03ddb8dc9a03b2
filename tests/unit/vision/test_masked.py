import io

import numpy as np
from PIL import Image

from streams.vision.masked import masked_preview


def test_boxes_are_black_and_the_rest_is_as_it_was() -> None:
    frame = np.random.default_rng(1).integers(1, 255, (40, 60, 3)).astype(np.uint8)
    before = frame.copy()
    with Image.open(
        io.BytesIO(masked_preview(frame, [(10, 5, 30, 15), (50, 30, 900, 900), (-9, -9, 3, 2)]))
    ) as picture:
        shown = np.asarray(picture)
        assert picture.format == "PNG"
    black = np.zeros((40, 60), dtype=bool)
    black[5:15, 10:30] = black[30:, 50:] = black[:2, :3] = True
    assert not shown[black].any()
    assert (shown[~black] == frame[~black]).all()
    assert (frame == before).all()


def test_a_box_beside_the_picture_covers_nothing() -> None:
    frame = np.full((10, 10, 3), 200, dtype=np.uint8)
    with Image.open(io.BytesIO(masked_preview(frame, [(-20, -20, -5, -5), (30, 30, 40, 40)]))) as picture:
        assert (np.asarray(picture) == 200).all()
