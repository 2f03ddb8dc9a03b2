"""Videos for tests: frames in, a file out."""

import io
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


def plain(level: int, width: int = 160, height: int = 120) -> Picture:
    """Return a grey picture."""
    return np.full((height, width, 3), level, dtype=np.uint8)


def clip(
    frames: Iterable[Picture],
    *,
    fps: int = 10,
    codec: str = "libx264",
    container: str = "mp4",
    tracks: int = 1,
    sound: bool = False,
    pixel: Fraction | None = None,
    rotation: int = 0,
    **options: str,
) -> bytes:
    """Return a video of RGB frames of one size; `rotation` in degrees as a telephone notes it."""
    pictures = list(frames)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        streams: list[Any] = [out.add_stream(codec, rate=fps, options=options) for _ in range(tracks)]
        for stream in streams:
            stream.height, stream.width = pictures[0].shape[:2]
            stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
            if pixel is not None:
                stream.codec_context.sample_aspect_ratio = pixel
            if rotation:
                stream.set_display_rotation(rotation)
        audio: Any = out.add_stream("aac", rate=48_000) if sound else None
        for stream in streams:
            for picture in pictures:
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            out.mux(stream.encode())
        if audio is not None:
            _silence(out, audio, seconds=len(pictures) / fps)
    return file.getvalue()


def soundtrack(seconds: float = 1.0) -> bytes:
    """Return an MP4 file that holds sound alone."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        _silence(out, out.add_stream("aac", rate=48_000), seconds)
    return file.getvalue()


def shown(levels: Sequence[int]) -> list[Picture]:
    """Return grey pictures of these levels."""
    return [plain(level) for level in levels]


def _silence(out: Any, stream: Any, seconds: float) -> None:
    for index in range(int(seconds * 48_000 / 1024)):
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), dtype=np.float32), format="fltp", layout="stereo")
        frame.rate, frame.pts = 48_000, index * 1024
        out.mux(stream.encode(frame))
    out.mux(stream.encode())
