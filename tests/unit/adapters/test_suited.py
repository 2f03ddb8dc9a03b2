import io

import numpy as np
import pytest
from PIL import Image

from streams.adapters.picture import Limits
from streams.adapters.suited import MOST_BYTES, frames, suits
from streams.adapters.undecodable import Undecodable


def encoded(picture: Image.Image, name: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, name)
    return out.getvalue()


def sent(data: bytes) -> Image.Image:
    (frame,) = frames(data, Limits())
    assert len(frame.data) <= MOST_BYTES
    assert frame.span is None
    return Image.open(io.BytesIO(frame.data), formats=("JPEG",))


@pytest.mark.parametrize(
    ("name", "sides", "fits"),
    [
        ("JPEG", (80, 80), True),
        ("PNG", (10_000, 80), True),
        ("PNG", (79, 500), False),
        ("JPEG", (10_001, 500), False),
        ("WEBP", (500, 500), False),
        ("GIF", (500, 500), False),
    ],
)
def test_what_the_service_takes_is_left_as_it_is(name: str, sides: tuple[int, int], fits: bool) -> None:  # noqa: FBT001
    assert suits(name, sides) == fits


def test_a_small_picture_is_enlarged_in_its_proportions() -> None:
    assert sent(encoded(Image.new("RGB", (40, 20), "red"))).size == (160, 80)


def test_a_narrow_picture_gets_white_at_its_side() -> None:
    picture = sent(encoded(Image.new("RGB", (2, 9_000), "red"))).convert("RGB")
    assert picture.size == (80, 10_000)
    assert picture.getpixel((79, 5_000)) == (255, 255, 255)
    assert picture.getpixel((0, 5_000)) != (255, 255, 255)


def test_noise_is_scaled_down_until_it_is_small_enough() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (3000, 3000, 3), dtype=np.uint8)
    picture = sent(encoded(Image.fromarray(pixels)))
    assert 1000 < picture.width == picture.height < 3000


def test_transparency_is_white_as_people_see_it() -> None:
    picture = sent(encoded(Image.new("RGBA", (90, 90), (255, 0, 0, 0)), "WEBP")).convert("RGB")
    assert picture.getpixel((45, 45)) == (255, 255, 255)


def test_frames_of_an_animation_have_the_times_that_they_stand_for() -> None:
    first, *rest = [Image.new("RGB", (90, 90), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    first.save(out, "WEBP", save_all=True, append_images=rest, duration=200, lossless=True)
    assert [frame.span for frame in frames(out.getvalue(), Limits())] == [(0, 200), (200, 400), (400, 600)]


def test_what_is_no_picture_has_a_reason() -> None:
    with pytest.raises(Undecodable):
        frames(b"GIF89a" + b"x" * 50, Limits())
