"""The pictures of the media benchmark."""

import io
from pathlib import Path

import msgspec
import numpy as np
from PIL import Image

from benchmarks.media_input import BUCKET, SIZE, collected, picture, uploads
from streams.core.content import Upload


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_picture_is_a_jpeg_as_large_as_a_photo() -> None:
    data = picture(0, seed=1)

    assert (opened(data).format, opened(data).size) == ("JPEG", SIZE)
    assert 80_000 < len(data) < 600_000


def test_the_same_number_and_seed_draw_the_same_picture_and_others_another_one() -> None:
    assert picture(3, seed=1) == picture(3, seed=1)
    assert len({picture(3, seed=1), picture(4, seed=1), picture(3, seed=2)}) == 3


def test_every_second_picture_holds_a_collected_one(tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (40, 20), (255, 0, 255)).save(other)

    def magenta(number: int) -> int:
        pixels = np.asarray(opened(picture(number, 1, [other]))).astype(int)
        return int((np.abs(pixels - (255, 0, 255)).max(axis=-1) < 30).sum())

    assert magenta(0) < 1000
    assert magenta(1) > 320 * 160 * 0.9


def test_without_collected_pictures_there_are_none(tmp_path: Path) -> None:
    assert collected(tmp_path) == []


def test_an_upload_record_keeps_the_contract() -> None:
    first, second = uploads(["a.jpg", "b.jpg"], "low")

    upload = msgspec.json.decode(second.value, type=Upload)

    assert (upload.location.bucket, upload.location.key) == (BUCKET, "b.jpg")
    assert second.key == upload.content_id.encode() != first.key
