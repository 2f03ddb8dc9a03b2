import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import qrcode
from numpy.typing import NDArray
from PIL import Image, ImageOps

from streams.adapters.picture import Limits, decoded, undecoded
from streams.adapters.undecodable import Undecodable
from streams.core.engine import Media
from streams.engines.qr import Qr, QrConfig

LIMITS = Limits(pixels=1_000_000, side=2_000, frames=4, walked=4_000_000)


def written(picture: Image.Image, name: str = "PNG", **keys: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, name, **keys)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def grey_png(width: int, height: int, rows: bytes | None = None, between: bytes = b"") -> bytes:
    """Return a black PNG of any size, its pixels and chunks as given."""
    pixels = zlib.compress(bytes((width + 1) * height), 1) if rows is None else rows
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), between, chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def plain(colour: Any = "red", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def animated(colours: Sequence[Any], name: str, duration: int = 100) -> bytes:
    first, *rest = [plain(colour) for colour in colours]
    return written(first, name, save_all=True, append_images=rest, duration=duration)


def still(data: bytes) -> NDArray[np.uint8]:
    (frame,) = decoded(data, LIMITS).frames
    return frame


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(Undecodable) as caught:
        decoded(data, limits)
    return caught.value.reason


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_format_is_recognised_by_its_bytes_and_decoded(name: str) -> None:
    data = written(plain((200, 10, 10)), name)
    media = decoded(data, LIMITS)
    assert (media.kind, media.format, media.times_ms) == ("image", name, (0,))
    assert media.sha256 == sha256(data).hexdigest()
    (frame,) = media.frames
    assert frame.shape == (30, 40, 3)
    assert frame.dtype == np.uint8
    assert np.allclose(frame, (200, 10, 10), atol=6)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x00\x00\x00\x20ftypisom", "MP4"),
        (b"\x00\x00\x00\x14ftypqt  ", "MP4"),
        (b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "MP4"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "WEBM"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "MATROSKA"),
    ],
)
def test_a_video_is_told_by_its_bytes_and_only_its_hash_is_known_when_it_is_not_decoded(
    start: bytes, name: str
) -> None:
    data = start + bytes(100)
    assert undecoded(data) == Media(sha256(data).hexdigest(), "video", name)


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        b"#EXTM3U\nhttp://127.0.0.1/",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"BM" + bytes(60),
        b"%!PS-Adobe-3.0",
        b"\x00\x00\x00\x18ftypavif" + bytes(40),
        b"II*\x00" + bytes(40),
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_other_files_are_no_images(data: bytes) -> None:
    assert refusal(data) == "not_an_image"
    assert undecoded(data) == Media(sha256(data).hexdigest(), "image", "unknown")


def test_an_empty_file_says_so() -> None:
    assert refusal(b"") == "empty"


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_file_cut_off_is_refused_and_never_filled_up(name: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, size=(90, 90, 3), dtype=np.uint8))
    data = written(noise, name)
    assert refusal(data[: len(data) // 2]) in {"truncated", "broken"}


def test_garbage_behind_a_right_magic_is_broken() -> None:
    assert refusal(b"\x89PNG\r\n\x1a\n" + bytes(range(200))) == "broken"
    assert refusal(b"\xff\xd8\xff" + bytes(range(200))) in {"broken", "truncated"}


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((1000, 1000), None),
        ((1001, 1000), "too_many_pixels"),
        ((2001, 10), "too_many_pixels"),
        ((10_000, 10_000), "decompression_bomb"),
        ((60_000, 60_000), "decompression_bomb"),
    ],
)
def test_sizes_are_checked_before_a_pixel_is_decoded(size: tuple[int, int], reason: str | None) -> None:
    if reason is None:
        assert still(grey_png(*size)).shape == (1000, 1000, 3)
    else:
        assert refusal(grey_png(*size, rows=b"")) == reason


@pytest.mark.parametrize("orientation", range(1, 9))
def test_however_the_camera_was_held_the_picture_stands_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    small = np.random.default_rng(0).integers(0, 256, size=(3, 4, 3), dtype=np.uint8)
    data = written(Image.fromarray(small), "PNG", exif=exif)
    with Image.open(io.BytesIO(data)) as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    assert np.array_equal(still(data), expected)
    assert still(data).shape == ((3, 4, 3) if orientation < 5 else (4, 3, 3))


def test_transparent_parts_are_seen_on_white() -> None:
    clear = plain((0, 0, 0, 0), mode="RGBA")
    clear.paste((255, 0, 0, 255), (0, 0, 20, 30))
    frame = still(written(clear))
    assert frame[0, 0].tolist() == [255, 0, 0]
    assert frame[0, 39].tolist() == [255, 255, 255]
    palette = written(clear.convert("P"), transparency=bytes([255, 0]))
    assert still(palette).shape == (30, 40, 3)


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    ramp = Image.fromarray(np.array([[0, 0x80FF, 0xFFFF]], dtype=np.uint16))
    assert still(written(ramp))[0, :, 0].tolist() == [0, 0x80, 0xFF]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    name = "JPEG" if mode == "CMYK" else "PNG"
    assert still(written(plain("white").convert(mode), name)).shape == (30, 40, 3)


@pytest.mark.parametrize("name", ["GIF", "WEBP", "PNG"])
def test_one_bad_frame_among_clean_ones_is_among_the_frames(name: str) -> None:
    colours = [(0, 100 + 20 * (index % 2), 0) for index in range(30)]
    colours[17] = (250, 0, 250)
    media = decoded(animated(colours, name), LIMITS)
    assert len(media.frames) == 4
    assert (media.times_ms[0], media.times_ms[-1]) == (0, 2900)
    assert 1700 in media.times_ms
    assert np.allclose(media.frames[media.times_ms.index(1700)], (250, 0, 250), atol=10)


def test_a_short_animation_is_returned_whole() -> None:
    media = decoded(animated(["red", "lime", "blue"], "GIF"), LIMITS)
    assert [frame[0, 0].tolist() for frame in media.frames] == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert media.times_ms == (0, 100, 200)
    assert media.end_ms == 300


def test_all_frames_together_stay_within_the_pixels() -> None:
    data = animated(["red", "lime", "blue", "white"], "WEBP")
    assert len(decoded(data, Limits(pixels=2 * 40 * 30, side=100, frames=4)).frames) == 2
    assert len(decoded(data, Limits(pixels=40 * 30, side=100, frames=4)).frames) == 1


@pytest.mark.parametrize(("asked", "shown"), [(0, 100), (10, 100), (20, 20), (1000, 1000)])
def test_a_frame_that_asks_for_less_time_than_browsers_give_has_what_they_give(asked: int, shown: int) -> None:
    media = decoded(animated(["red", "lime", "blue"], "WEBP", asked), LIMITS)
    assert (media.times_ms, media.end_ms) == ((0, shown, 2 * shown), 3 * shown)


def test_what_one_frame_of_an_animation_shows_is_found_with_its_time() -> None:
    code = qrcode.make("hello").get_image().convert("RGB")
    plain = Image.new("RGB", code.size, "white")
    data = written(plain, "GIF", save_all=True, append_images=[code, code.transpose(Image.Transpose.ROTATE_90), plain])
    (answer,) = Qr(QrConfig()).inspect([decoded(data, LIMITS)])
    (evidence,) = answer.findings[0].evidence
    assert (evidence.payload, evidence.frame, evidence.count) == ("hello", (100, 300), 2)


def test_an_endless_animation_is_refused() -> None:
    colours = [(index, 255 - index, 0) for index in range(100)]
    assert refusal(animated(colours, "GIF"), Limits(walked=99 * 65_536)) == "too_many_pixels"
    assert len(decoded(animated(colours, "GIF"), Limits(walked=100 * 65_536)).frames) == 8


def test_frames_cannot_be_changed_by_one_engine_under_the_eyes_of_another() -> None:
    assert not still(written(plain())).flags.writeable


MEASURED = """
import json, re, resource, sys, time
from pathlib import Path
from streams.adapters.picture import Limits, decoded
from streams.adapters.undecodable import Undecodable
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
for name in sys.argv[1:]:
    started = time.process_time()
    try:
        outcome = len(decoded(Path(name).read_bytes(), Limits()).frames)
    except Undecodable as error:
        outcome = error.reason
    # not ru_maxrss: that starts with what the parent had
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
    print(json.dumps([Path(name).name, outcome, time.process_time() - started, peak]))
"""


def measured(files: Sequence[Path]) -> list[tuple[str, int | str, float, int]]:
    """Return for each file, decoded in one process: name, frames or reason, seconds, the process's peak in MB."""
    command = [sys.executable, "-c", MEASURED, *map(str, files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def test_files_that_crash_decoders_take_little_time_and_memory(shared: Path) -> None:
    files = sorted((shared / "data" / "media" / "malformed").iterdir())
    rows = measured(files)
    assert [name for name, *_ in rows] == [file.name for file in files]
    assert max(seconds for *_, seconds, _ in rows) < 2
    assert rows[-1][-1] < 200
    outcomes = {name: outcome for name, outcome, *_ in rows}
    assert outcomes["decompression_bomb.gif"] == "decompression_bomb"
    assert outcomes["truncated_image.png"] == "truncated"
    assert outcomes["invalid-exif.jpg"] == 1


def test_the_largest_picture_takes_little_more_than_its_pixels(tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(grey_png(8_000, 5_000))
    (name, frames, _, peak) = measured([tmp_path / "large.png"])[0]
    assert (name, frames) == ("large.png", 1)
    assert peak < 350  # 120 MB are the frame itself


def test_bombs_take_little_time_and_memory(tmp_path: Path) -> None:
    wide = bytearray(written(plain(), "GIF"))
    wide[6:10] = struct.pack("<HH", 9_000, 9_000)
    note = chunk(b"zTXt", b"bomb\x00\x00" + zlib.compress(bytes(50_000_000)))
    bombs = {
        "large.png": grey_png(9_000, 9_000),
        "larger.png": grey_png(30_000, 6_000, rows=b""),
        "large.gif": bytes(wide),
        "text.png": grey_png(10, 10, between=note),
    }
    for name, data in bombs.items():
        (tmp_path / name).write_bytes(data)
    rows = measured([tmp_path / name for name in bombs])
    assert [outcome for _, outcome, *_ in rows] == [
        "too_many_pixels",
        "decompression_bomb",
        "too_many_pixels",
        "broken",
    ]
    assert max(seconds for *_, seconds, _ in rows) < 2
    assert rows[-1][-1] < 200
