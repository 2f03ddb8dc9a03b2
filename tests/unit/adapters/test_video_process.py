import io
import json
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from streams.adapters.video import VideoLimits
from streams.adapters.video_process import answer
from streams.core.engine import Media
from streams.core.sniff import sniffed
from streams.engines.qr import Qr, QrConfig
from tests.unit.adapters.clips import Picture, clip, plain, shown, soundtrack


class Film(NamedTuple):
    """What the process would answer."""

    times: tuple[int, ...]
    end: int
    frames: list[Picture]
    sound: bool


def answered(data: bytes, **limits: Any) -> tuple[dict[str, Any], list[Picture]]:
    """Decode in this process: a process for each video is what `adapters/video` is for."""
    known = {**msgspec.structs.asdict(VideoLimits()), **limits, "format": sniffed(data) or "MP4"}
    return answer(io.BytesIO(data), known)


def film(data: bytes, **limits: Any) -> Film:
    head, frames = answered(data, **limits)
    assert {(head["height"], head["width"], 3)} == {frame.shape for frame in frames}
    return Film(tuple(head["times"]), head["end"], frames, head["sound"])


def refusal(data: bytes, **limits: Any) -> str:
    head, frames = answered(data, **limits)
    assert frames == []
    return str(head["reason"])


@pytest.mark.parametrize(
    ("codec", "container"),
    [
        ("libx264", "mp4"),
        ("mpeg4", "mp4"),
        ("mjpeg", "mov"),
        ("libvpx", "webm"),
        ("libvpx-vp9", "webm"),
        ("libx264", "matroska"),
    ],
)
def test_each_format_is_decoded(codec: str, container: str) -> None:
    found = film(clip([plain(200)] * 15, codec=codec, container=container))

    assert found.times == (0, 1000)
    assert found.end == pytest.approx(1500, abs=20)
    assert [frame.shape for frame in found.frames] == [(120, 160, 3)] * 2
    assert np.allclose(found.frames[1], 200, atol=6)


def test_whether_there_is_a_soundtrack_is_told() -> None:
    assert [film(clip(shown([100] * 10), sound=sound)).sound for sound in (True, False)] == [True, False]


def test_what_is_shown_for_a_moment_is_sampled_with_its_time() -> None:
    found = film(clip(shown([100] * 23 + [220] * 3 + [100] * 14)))

    assert found.times == (0, 1000, 2000, 2300, 2600, 3000)
    assert [round(float(frame.mean()), -1) for frame in found.frames] == [100, 100, 100, 220, 100, 100]


def test_a_small_thing_that_appears_in_a_corner_is_sampled() -> None:
    marked = plain(100)
    marked[100:, 140:] = 250

    assert film(clip([plain(100)] * 5 + [marked] * 2 + [plain(100)] * 3)).times == (0, 500, 700)


def test_a_long_video_has_no_more_samples_than_asked_for() -> None:
    found = film(clip([plain(100, 32, 32)] * 300), frames=9)

    assert found.times == (0, 8000, 16_000, 24_000)
    assert found.end == 30_000


def test_large_frames_are_scaled_and_small_ones_are_not() -> None:
    assert [frame.shape for frame in film(clip([plain(9, 1280, 720)])).frames] == [(360, 640, 3)]
    assert [frame.shape for frame in film(clip([plain(9, 64, 48)])).frames] == [(48, 64, 3)]
    assert [frame.shape for frame in film(clip([plain(9, 64, 1280)])).frames] == [(640, 32, 3)]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_video_is_upright_as_players_show_it(degrees: int) -> None:
    upright = plain(60)
    upright[:40] = 220  # light above
    stored = np.ascontiguousarray(np.rot90(upright, -degrees // 90))

    (frame,) = film(clip([stored], rotation=degrees)).frames

    assert frame.shape == upright.shape
    assert np.allclose(frame[10:30, 10:-10], 220, atol=12)
    assert np.allclose(frame[60:, 10:-10], 60, atol=12)


def test_pixels_that_are_not_square_are_made_so() -> None:
    assert film(clip([plain(9, 80, 120)], pixel=Fraction(2, 1))).frames[0].shape == (120, 160, 3)


def test_beyond_its_measure_only_key_frames_are_decoded() -> None:
    frames = [plain(100, 32, 32)] * 60
    data = clip(frames, g="20", sc_threshold="0")

    assert film(data, decoded=1).times == (0, 2000, 4000)
    assert film(data, decoded=60 * 32 * 32 + 1).times == (0, 1000, 2000, 3000, 4000, 5000)


def test_a_video_without_key_frames_that_is_too_large_to_be_decoded_whole_is_refused() -> None:
    data = clip([plain(100, 32, 32)] * 250, g="1000")

    assert len(film(data).frames) == 25
    assert refusal(data, decoded=1) == "video_too_long"


@pytest.mark.parametrize(
    ("data", "limits", "reason"),
    [
        (b"\x00\x00\x00\x20ftypisom", {}, "video_broken"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(5000), {}, "video_broken"),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + bytes(100), {}, "video_broken"),
        (soundtrack(), {}, "video_without_frames"),
        (clip(shown([100]), tracks=2), {}, "video_several_tracks"),
        (clip(shown([100] * 5), codec="ffv1", container="matroska"), {}, "video_codec"),
        (clip(shown([100] * 30)), {"longest": 1.5}, "video_too_long"),
        (clip(shown([100])), {"pixels": 160 * 120 - 1}, "video_too_many_pixels"),
        (clip(shown([100])), {"longest_side": 159}, "video_too_many_pixels"),
    ],
)
def test_a_video_that_cannot_be_looked_at_is_refused_with_its_reason(
    data: bytes, limits: dict[str, Any], reason: str
) -> None:
    assert refusal(data, **limits) == reason


def test_a_video_that_was_cut_off_is_refused() -> None:
    rng = np.random.default_rng(1)
    frames = [rng.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(40)]
    early = clip(frames, movflags="faststart")
    for data in (clip(frames), clip(frames, container="matroska"), early):
        assert refusal(data[: len(data) // 2]) in {"video_broken", "video_truncated"}


def segments(shared: Path) -> list[tuple[Path, float, float]]:
    """Return file, start and end in seconds of every still that was spliced into the videos."""
    folder = shared / "data" / "media"
    rows = [json.loads(line) for line in (folder / "videos" / "labels.jsonl").read_text().splitlines()]
    return [
        (folder / row["file"], segment["start"], segment["end"])
        for row in rows
        for segment in row["labels"]["segments"]
    ]


def test_stills_in_real_footage_have_samples_where_they_start_and_end(shared: Path) -> None:
    by_file: dict[Path, Film] = {}
    for file, start, end in segments(shared):
        if file not in by_file:
            by_file[file] = film(file.read_bytes())
        found = by_file[file]
        assert {round(start * 1000), round(end * 1000)} <= set(found.times), file.name
        assert len(found.frames) <= 32
        assert found.end == 8000


def test_codes_in_real_footage_are_found_within_a_step_of_when_they_are_shown(shared: Path) -> None:
    for file, start, end in segments(shared):
        if "qr_code" in file.name:
            found = film(file.read_bytes())
            media = Media("00" * 32, "video", "MP4", tuple(found.frames), found.times, found.end)
            (said,) = Qr(QrConfig()).inspect([media])
            spans = [one.frame or (0, 0) for finding in said.findings for one in finding.evidence]
            assert any(abs(a / 1000 - start) <= 1 and abs(b / 1000 - end) <= 1 for a, b in spans), spans
