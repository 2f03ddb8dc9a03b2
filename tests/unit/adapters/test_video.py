import json
import os
import resource
import socket
import threading
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from streams.adapters.picture import Limits, decoded, undecoded
from streams.adapters.undecodable import Undecodable
from streams.adapters.video import VideoLimits, sampled
from streams.core.engine import Media
from streams.engines.qr import Qr, QrConfig
from tests.unit.adapters.clips import clip, plain, shown, soundtrack

LIMITS = VideoLimits(seconds=20, cpu=10)
SECOND = [100] * 10


def film(data: bytes, **limits: Any) -> Media:
    return sampled(data, undecoded(data), VideoLimits(**{"seconds": 20, "cpu": 10, **limits}))


def refusal(data: bytes, **limits: Any) -> str:
    with pytest.raises(Undecodable) as caught:
        film(data, **limits)
    return caught.value.reason


def outcome(data: bytes) -> str:
    """Return `frames`, or why there are none."""
    try:
        return "frames" if film(data).frames else "nothing"
    except Undecodable as error:
        return error.reason


def ended(code: str, **limits: Any) -> str:
    """Return the reason when this code runs in place of the decoder."""
    data = clip(shown([100]))
    with pytest.raises(Undecodable) as caught:
        sampled(data, undecoded(data), VideoLimits(**{"seconds": 20, **limits}), ("-c", code))
    return caught.value.reason


def answering(head: Any, pixels: str = "b''") -> str:
    """Return code that answers with a head and an expression for the pixels."""
    line = head if isinstance(head, str) else json.dumps(head)
    return f"import sys; sys.stdout.buffer.write({line.encode()!r} + b'\\n' + {pixels})"


@pytest.fixture(scope="module")
def steady() -> bytes:
    """Return two seconds of grey."""
    return clip(shown(SECOND * 2))


@pytest.mark.parametrize(
    ("codec", "container", "name"),
    [
        ("libx264", "mp4", "MP4"),
        ("mpeg4", "mp4", "MP4"),
        ("mjpeg", "mov", "MP4"),
        ("libvpx", "webm", "WEBM"),
        ("libvpx-vp9", "webm", "WEBM"),
        ("libx264", "matroska", "MATROSKA"),
    ],
)
def test_each_format_is_recognised_by_its_bytes_and_decoded(codec: str, container: str, name: str) -> None:
    data = clip([plain(200)] * 15, codec=codec, container=container)

    media = decoded(data, Limits(video=LIMITS))

    assert (media.kind, media.format, media.times_ms) == ("video", name, (0, 1000))
    assert media.sha256 == sha256(data).hexdigest()
    assert media.end_ms == pytest.approx(1500, abs=20)
    assert [frame.shape for frame in media.frames] == [(120, 160, 3)] * 2
    assert np.allclose(media.frames[1], 200, atol=6)
    assert not media.frames[0].flags.writeable


def test_what_is_shown_for_a_moment_is_sampled_with_its_time() -> None:
    media = film(clip(shown([100] * 23 + [220] * 3 + [100] * 14)))

    assert media.times_ms == (0, 1000, 2000, 2300, 2600, 3000)
    assert [round(float(frame.mean()), -1) for frame in media.frames] == [100, 100, 100, 220, 100, 100]


def test_a_small_thing_that_appears_in_a_corner_is_sampled() -> None:
    marked = plain(100)
    marked[100:, 140:] = 250

    assert film(clip([plain(100)] * 5 + [marked] * 2 + [plain(100)] * 3)).times_ms == (0, 500, 700)


def test_a_long_video_has_no_more_samples_than_asked_for() -> None:
    media = film(clip([plain(100, 32, 32)] * 300), frames=9)

    assert media.times_ms == (0, 8000, 16_000, 24_000)
    assert media.end_ms == 30_000


def test_large_frames_are_scaled_and_small_ones_are_not() -> None:
    assert [frame.shape for frame in film(clip([plain(9, 1280, 720)])).frames] == [(360, 640, 3)]
    assert [frame.shape for frame in film(clip([plain(9, 64, 48)])).frames] == [(48, 64, 3)]
    assert [frame.shape for frame in film(clip([plain(9, 64, 1280)])).frames] == [(640, 32, 3)]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
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


def test_the_same_file_gives_the_same_samples(steady: bytes) -> None:
    one, again = film(steady), film(steady)

    assert one.times_ms == again.times_ms
    assert all(np.array_equal(first, second) for first, second in zip(one.frames, again.frames, strict=True))


def test_beyond_its_measure_only_key_frames_are_decoded() -> None:
    frames = [plain(100, 32, 32)] * 60
    data = clip(frames, g="20", sc_threshold="0")

    assert film(data, decoded=1).times_ms == (0, 2000, 4000)
    assert film(data, decoded=60 * 32 * 32 + 1).times_ms == (0, 1000, 2000, 3000, 4000, 5000)


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
        (clip(shown([100] * 20)), {"seconds": 0.001}, "video_timeout"),
        (clip(shown([100])), {"memory": 1 << 20}, "video_memory"),
    ],
)
def test_a_video_that_cannot_be_looked_at_is_refused_with_its_reason(
    data: bytes, limits: dict[str, Any], reason: str
) -> None:
    assert refusal(data, **limits) == reason


def test_a_video_that_was_cut_off_is_refused() -> None:
    rng = np.random.default_rng(1)
    frames = [rng.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(60)]
    early = clip(frames, movflags="faststart")
    for data in (clip(frames), clip(frames, container="matroska"), early):
        assert refusal(data[: len(data) // 2]) in {"video_broken", "video_truncated"}


def test_damage_in_the_middle_ends_in_a_report_or_in_frames() -> None:
    rng = np.random.default_rng(2)
    whole = np.frombuffer(clip([rng.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(20)]), np.uint8)
    outcomes = []
    for _ in range(6):
        damaged = whole.copy()
        damaged[rng.integers(40, len(damaged), 400)] = rng.integers(0, 256, 400)
        outcomes.append(outcome(damaged.tobytes()))

    assert all(one == "frames" or one.startswith("video_") for one in outcomes)


@pytest.mark.parametrize(
    ("code", "limits", "reason"),
    [
        ("import os; os.kill(os.getpid(), 11)", {}, "video_crashed"),
        ("import os; os.abort()", {}, "video_crashed"),
        ("raise SystemExit(3)", {}, "video_crashed"),
        ("pass", {}, "video_crashed"),
        ("import signal; signal.pause()", {"seconds": 0.2}, "video_timeout"),
        ("import os, signal; os.close(1); signal.pause()", {"seconds": 0.2}, "video_timeout"),
        ("import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 2))\nwhile True: pass", {}, "video_timeout"),
        ("import os; os.kill(os.getpid(), 9)", {}, "video_memory"),
        ("import os\nwhile True: os.write(1, bytes(1 << 20))", {"frames": 3}, "video_crashed"),
        (answering("no JSON"), {}, "video_crashed"),
        (answering({"reason": "of its own"}), {}, "video_crashed"),
        (answering({"width": 2, "height": 2, "times": [0], "end": 40}, "bytes(11)"), {}, "video_crashed"),
        (answering({"width": 2, "height": 2, "times": [0, 0], "end": 40}, "bytes(24)"), {}, "video_crashed"),
        (answering({"width": 2, "height": 2, "times": [0], "end": 0}, "bytes(12)"), {}, "video_crashed"),
        (answering({"width": 2, "height": 2, "times": [], "end": 40}), {}, "video_crashed"),
        (answering({"width": 641, "height": 1, "times": [0], "end": 40}, "bytes(1923)"), {}, "video_crashed"),
        (answering({"width": -2, "height": -2, "times": [0], "end": 40}, "bytes(12)"), {}, "video_crashed"),
    ],
)
def test_however_the_process_ends_and_whatever_it_says_there_is_a_reason(
    code: str, limits: dict[str, Any], reason: str
) -> None:
    started = perf_counter()

    assert ended(code, **limits) == reason
    assert perf_counter() - started < 10


def test_no_process_and_no_descriptor_is_left_behind(steady: bytes) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))

    film(steady)
    ended("import signal; signal.pause()", seconds=0.2)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_the_process_has_no_secret_and_can_open_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    lines = [
        "import json, os, socket, sys",
        "from streams.adapters.video_process import confined",
        "confined(json.loads(sys.argv[1]))",
        "def refused(act):",
        "    try: act()",
        "    except OSError: return True",
        "assert 'AWS_SECRET_ACCESS_KEY' not in os.environ",
        "assert refused(socket.socket) and refused(os.pipe) and refused(lambda: os.dup(0))",
        f"assert refused(lambda: open({str(tmp_path / 'written')!r}, 'w')) and refused(lambda: open('/etc/passwd'))",
        "print(json.dumps({'reason': 'video_codec'}))",
    ]

    assert ended("\n".join(lines)) == "video_codec"
    assert not list(tmp_path.iterdir())


class Counter:
    """A server that counts who calls."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.calls = 0
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        """Return host and port."""
        host, port = self.server.getsockname()
        return f"{host}:{port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def close(self) -> None:
        """Stop counting."""
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join()


@pytest.mark.parametrize("kind", ["playlist", "concat", "dash", "session", "reference"])
def test_a_file_that_names_others_leads_nowhere(kind: str) -> None:
    counter = Counter()
    try:
        url = f"http://{counter.address}/a.mp4"
        data = {
            "playlist": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{url}\n#EXT-X-ENDLIST\n",
            "concat": f"ffconcat version 1.0\nfile '{url}'\n",
            "dash": f'<?xml version="1.0"?><MPD><Period><BaseURL>{url}</BaseURL></Period></MPD>',
            "session": f"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\na=control:{url}\nm=video 9 RTP/AVP 96\n",
            "reference": f"\x00\x00\x00\x08wide#EXTM3U\n#EXTINF:9,\n{url}\n",
        }[kind].encode()
        with pytest.raises(Undecodable) as caught:
            decoded(data, Limits(video=LIMITS))
        # Even where the bytes were sniffed as a film, which they are not.
        with pytest.raises(Undecodable):
            sampled(data, Media("00" * 32, "video", "MP4"), LIMITS)
    finally:
        counter.close()
    assert caught.value.reason == ("video_broken" if kind == "reference" else "not_an_image")
    assert counter.calls == 0


def test_the_worker_keeps_its_own_limits(steady: bytes) -> None:
    before = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE)]

    film(steady)

    after = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE)]
    assert after == before


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
    by_file: dict[Path, Media] = {}
    for file, start, end in segments(shared):
        if file not in by_file:
            by_file[file] = film(file.read_bytes())
        media = by_file[file]
        assert {round(start * 1000), round(end * 1000)} <= set(media.times_ms), file.name
        assert len(media.frames) <= 32
        assert media.end_ms == 8000


def test_codes_in_real_footage_are_found_within_a_step_of_when_they_are_shown(shared: Path) -> None:
    for file, start, end in segments(shared):
        if "qr_code" in file.name:
            (answer,) = Qr(QrConfig()).inspect([film(file.read_bytes())])
            spans = [one.frame or (0, 0) for finding in answer.findings for one in finding.evidence]
            assert any(abs(a / 1000 - start) <= 1 and abs(b / 1000 - end) <= 1 for a, b in spans), spans
