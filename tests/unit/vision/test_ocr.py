import logging
import socket
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from streams.models.weights import Missing, Weights
from streams.vision.ocr import DETECTION, RECOGNITION, Ocr, shared_ocr

Picture = NDArray[np.uint8]

LICENCE: Final = ["DRIVER LICENSE", "DL D1234568", "EXP 08/31/2029", "DOB 08/31/1977", "2570 24TH STREET"]
CARD: Final = ["WORLD BANK", "4111 1111 1111 1111", "VALID THRU 12/29", "JANE ROE"]
CHAT: Final = ["Hey, is it still for sale?", "Yes! Text me outside the app", "my number is (212) 555-0123"]


def drawn(lines: list[str], *, size: tuple[int, int] = (640, 400), text: int = 32, dark: bool = False) -> Picture:
    """Return lines of text as a picture."""
    picture = Image.new("RGB", size, (20, 24, 32) if dark else (236, 240, 244))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text(
            (30, 24 + number * 2 * text),
            line,
            (250, 250, 250) if dark else (10, 10, 10),
            ImageFont.load_default(text),
        )
    return np.asarray(picture)


@pytest.fixture(scope="module")
def ocr() -> Ocr:
    """Return the process's reader."""
    return shared_ocr(1)


def texts(ocr: Ocr, picture: Picture) -> list[str]:
    return [read.text for read in ocr(picture).lines]


@pytest.mark.parametrize("lines", [LICENCE, CARD, CHAT])
@pytest.mark.parametrize("dark", [False, True])
def test_a_licence_a_card_and_a_chat_are_read_exactly(ocr: Ocr, lines: list[str], *, dark: bool) -> None:
    assert texts(ocr, drawn(lines, dark=dark)) == lines


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_is_read_in_the_order_of_its_lines(ocr: Ocr, turns: int) -> None:
    reads = ocr(np.rot90(drawn(CARD), turns)).lines
    assert "".join((" " if read.beside else "\n") + read.text for read in reads).splitlines()[1:] == CARD


@pytest.mark.parametrize("degrees", [0, 5, 90, 185])
def test_a_number_with_wide_gaps_is_read_as_one_row(ocr: Ocr, degrees: int) -> None:
    card = Image.fromarray(drawn(["", "", "WORLD BANK"], size=(640, 400)))
    for place, part in enumerate(("4111", "1111", "1111", "1112")):
        ImageDraw.Draw(card).text((30 + place * 150, 40), part, "black", ImageFont.load_default(32))
    reads = ocr(np.asarray(card.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white"))).lines
    assert [read.text for read in reads] == ["4111", "1111", "1111", "1112", "WORLD BANK"]
    assert [read.beside for read in reads] == [False, True, True, True, False]


def test_a_slanted_noisy_picture_is_read(ocr: Ocr) -> None:
    slanted = Image.fromarray(drawn(CHAT)).rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    chance = np.random.default_rng(7).normal(0, 12, (*slanted.size[::-1], 3))
    noisy = (np.asarray(slanted) + chance).clip(0, 255).astype(np.uint8)
    assert texts(ocr, noisy) == CHAT


def test_a_line_has_its_place_and_confidence(ocr: Ocr) -> None:
    page = np.full((300, 500, 3), 255, dtype=np.uint8)
    page[180:244, 120:440] = drawn(["hello there"], size=(320, 64), text=24)[:64]
    (read,) = ocr(page).lines
    left, top, right, bottom = read.box
    assert 130 <= left <= 155
    assert 195 <= top <= 212
    assert 270 <= right <= 300
    assert 225 <= bottom <= 242
    assert read.confidence > 0.9


def test_places_in_a_large_picture_are_pixels_of_that_picture(ocr: Ocr) -> None:
    large = drawn(["hello there"], size=(4000, 3000), text=200)
    (read,) = ocr(large).lines
    assert read.text == "hello there"
    assert read.box[2] > 1000
    assert read.box[2] <= 4000


def test_the_lines_of_a_long_screenshot_are_read(ocr: Ocr) -> None:
    lines = [f"message number {number}" for number in range(40)]
    assert texts(ocr, drawn(lines, size=(600, 3000), text=34)) == lines


@pytest.mark.parametrize("turns", [0, 3])
def test_the_lines_of_a_wide_picture_stay_whole(ocr: Ocr, turns: int) -> None:
    line = "Number 536-22-8726 of JANE ROE, 2570 24TH STREET, ANYTOWN"
    assert texts(ocr, np.rot90(drawn([line], size=(1200, 80), text=36), turns)) == [line]


def test_only_so_many_lines_are_read_and_the_tallest_first(ocr: Ocr) -> None:
    page = drawn(["LARGE"], size=(640, 300), text=60).copy()
    page[150:] = drawn(["small print", "more small print"], size=(640, 150), text=18)
    seen = ocr(page, 1)
    assert ([read.text for read in seen.lines], seen.more) == (["LARGE"], True)


def test_a_page_full_of_small_print_is_read_in_part_and_says_so(ocr: Ocr) -> None:
    page = drawn(["terms " * 8] * 8, size=(640, 400), text=20)
    seen = ocr(page, width=2000)
    assert seen.more
    assert 0 < len(seen.lines) < 8


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (2, 3), (33, 33), (300, 300)])
def test_a_picture_without_text_has_no_lines(ocr: Ocr, shape: tuple[int, int]) -> None:
    assert ocr(np.full((*shape, 3), 128, dtype=np.uint8)) == ([], False)


def test_both_networks_are_the_files_of_the_pinned_package() -> None:
    assert len(DETECTION.read()) == 9_929_594
    assert len(RECOGNITION.read()) == 21_234_383
    assert metadata.version("rapidocr") == DETECTION.version == RECOGNITION.version


def test_another_file_is_refused_and_the_error_says_what_to_install() -> None:
    with pytest.raises(Missing, match=r"rapidocr==3\.10\.0"):
        Weights(DETECTION.package, DETECTION.version, DETECTION.path, "0" * 64, "media").read()
    with pytest.raises(Missing, match=r"pip install 'moderation-streams\[media\]'"):
        Weights(DETECTION.package, DETECTION.version, "rapidocr/models/none.onnx", "0" * 64, "media").read()


def test_it_loads_and_reads_without_opening_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert texts(Ocr(), drawn(["hello there"], size=(320, 100))) == ["hello there"]


def test_it_says_nothing_of_what_it_reads(
    ocr: Ocr, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ocr(drawn(["secret words"], size=(320, 100)))
    ocr(np.full((300, 300, 3), 128, dtype=np.uint8))
    out = capfd.readouterr()
    assert (out.out, out.err, caplog.text) == ("", "", "")


def test_pictures_with_personal_data_are_read(ocr: Ocr, shared: Path) -> None:
    file = shared / "data" / "media" / "images" / "pii_presidio" / "integration_resources_ocr_test.png"
    with Image.open(file) as picture:
        said = "\n".join(texts(ocr, np.asarray(picture.convert("RGB"))))
    assert "contact (212) 555-1234." in said
    assert "opencode@microsoft.com" in said
