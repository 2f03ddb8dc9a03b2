import json
import os
import resource
import socket
import threading
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
from tests.unit.adapters.clips import clip, plain, shown

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


@pytest.mark.parametrize(("codec", "container", "name"), [("libx264", "mp4", "MP4"), ("libvpx", "webm", "WEBM")])
def test_a_video_is_recognised_by_its_bytes_and_decoded(codec: str, container: str, name: str) -> None:
    data = clip([plain(200)] * 15, codec=codec, container=container)

    media = decoded(data, Limits(video=LIMITS))

    assert (media.kind, media.format, media.times_ms) == ("video", name, (0, 1000))
    assert media.sha256 == sha256(data).hexdigest()
    assert media.end_ms == pytest.approx(1500, abs=20)
    assert [frame.shape for frame in media.frames] == [(120, 160, 3)] * 2
    assert np.allclose(media.frames[1], 200, atol=6)
    assert not media.frames[0].flags.writeable


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"seconds": 0.001}, "video_timeout"),
        ({"memory": 1 << 20}, "video_memory"),
        ({"longest": 0.5}, "video_too_long"),
    ],
)
def test_a_video_that_takes_too_much_is_refused_with_its_reason(
    limits: dict[str, Any], reason: str, steady: bytes
) -> None:
    assert refusal(steady, **limits) == reason


def test_damage_in_the_middle_ends_in_a_report_or_in_frames() -> None:
    rng = np.random.default_rng(2)
    whole = np.frombuffer(clip([rng.integers(0, 256, (120, 160, 3), dtype=np.uint8) for _ in range(20)]), np.uint8)
    outcomes = []
    for _ in range(3):
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


def test_no_process_no_descriptor_and_no_limit_is_left_behind(steady: bytes) -> None:
    kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE)
    limits = [resource.getrlimit(kind) for kind in kinds]
    before = len(list(Path("/proc/self/fd").iterdir()))

    film(steady)
    ended("import signal; signal.pause()", seconds=0.2)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert [resource.getrlimit(kind) for kind in kinds] == limits
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
