"""The process that decodes one video: a file as standard input, sampled frames on standard output, then the end.

Started by `adapters/video`, never imported by a worker: decoders are the largest surface for hostile bytes that there
is. Before the first byte is read, the process gives up all it does not need: it can open no file and no socket, write
no file, and the kernel ends it when its memory, its processor time or its time is over.

Standard output: one line of JSON, then the frames, RGB, one after the other. The line is `{"reason": …}` where there
are none, else `width`, `height`, `times` and `end` (milliseconds) and `sound` (whether there is a soundtrack). The
argument is the limits as JSON (`adapters/video.VideoLimits`).
"""

import json
import math
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import av
import av.error
import av.subtitles.stream  # which opening a file would import, when no file can be opened any more
import numpy as np
from numpy.typing import NDArray

from streams.core.sampling import Sampler

FORMATS: Final = {"MP4": "mov", "WEBM": "matroska", "MATROSKA": "matroska"}  # FFmpeg's names of what was sniffed
# What browsers and telephones write. Without the list any of FFmpeg's hundreds of decoders could be asked for.
CODECS: Final = ("h264", "hevc", "vp8", "vp9", "libdav1d", "av1", "mpeg4", "h263", "mjpeg")
GRID: Final = 8  # cells a side in which frames are compared
POINTS: Final = 8  # pixels a side that are read of each cell
PLANAR: Final = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})
BAD: Final = 0.1  # share of packets or frames that may be broken: what is left is what players show
FRAME_MS: Final = 40  # of a frame that does not say how long it is shown
BLIND_MS: Final = 20_000  # longest stretch between two samples where only key frames are decoded
SLACK: Final = 1.0  # seconds by which packets may reach beyond the last frame, whose length they round
RATIOS: Final = (0.25, 4.0)  # width to height of one pixel; others are not believed

Cells = NDArray[np.int16]
Pixels = NDArray[np.uint8]


class Refused(Exception):
    """A video that gives no frames; the text is a reason of `adapters/undecodable`."""


def confined(limits: dict[str, Any]) -> None:
    """Give up everything but memory and processor time within the limits."""
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))
    seconds = math.ceil(limits["cpu"])
    # At the first number the kernel sends SIGXCPU, which tells it from the end of all memory; at the second it kills.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # No descriptor beyond the open ones: neither a file nor a socket can be opened, whatever the decoder is made to do.
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    # Though the worker be gone, this process ends.
    signal.setitimer(signal.ITIMER_REAL, limits["seconds"])


class Film:
    """One video: its frames are looked at in order, and those worth it are kept."""

    def __init__(self, container: Any, limits: dict[str, Any]) -> None:
        """Take an open container; raise Refused where it has no track that may be decoded."""
        tracks = [stream for stream in container.streams.video if not stream.disposition & _COVER]
        if len(tracks) != 1:
            raise Refused("video_several_tracks" if tracks else "video_without_frames")
        (self._track,) = tracks
        self._container = container
        self._limits = limits
        self._decoder = self._track.codec_context
        if self._decoder is None or self._decoder.codec.name not in CODECS:
            raise Refused("video_codec")
        self._check_size(self._decoder.width, self._decoder.height)
        self._decoder.thread_type, self._decoder.thread_count = "NONE", 1
        self._decoder.options = {"max_pixels": str(limits["pixels"])}
        self._packets = self._frames = self._bad = self._decoded = 0
        self._end = 0.0  # seconds from the first frame to the end of the last one
        self._reach = 0.0  # seconds from the first packet to the end of the last one, decoded or not
        self._start: int | None = None  # of the first packet, in ticks
        self._size: tuple[int, int] | None = None
        self._sampler: Sampler[Pixels] = Sampler(limits["frames"])

    def sampled(self) -> tuple[dict[str, Any], list[Pixels]]:
        """Return the head of the answer and the frames; raise Refused."""
        rate = float(self._track.average_rate or 25)
        promised = self._promised()
        area = self._decoder.width * self._decoder.height
        if promised > self._limits["longest"] + SLACK:
            raise Refused("video_too_long")
        if promised * rate * area > self._limits["decoded"]:
            self._decoder.skip_frame = "NONKEY"
        time = -1
        first: float | None = None
        for frame in self._passing():
            seconds = float(frame.time) if frame.time is not None else self._end + (first or 0.0)
            first = seconds if first is None else first
            time = max(time + 1, round((seconds - first) * 1000))
            shown = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 1 / rate
            self._end = max(self._end, time / 1000 + (shown if 0 < shown < self._limits["longest"] else 0.0))
            if self._end > self._limits["longest"] + SLACK:
                raise Refused("video_too_long")
            self._sampler.offer(time, _cells(frame), lambda frame=frame: self._pixels(frame))  # type: ignore[misc]
        return self._head(promised), [sample.frame for sample in self._sampler.samples]

    def _head(self, promised: float) -> dict[str, Any]:
        times = [sample.time for sample in self._sampler.samples]
        if not times or self._bad > BAD * max(self._packets, 1):
            raise Refused("video_broken")
        listed = self._track.frames  # by the container's index; 0 where it has none
        if self._packets < (1 - BAD) * listed if listed else self._reach < (1 - BAD) * promised - 1:
            raise Refused("video_truncated")
        key_frames_only = self._decoder.skip_frame == "NONKEY"
        end = max(round((self._reach if key_frames_only else self._end) * 1000), times[-1] + 1)
        if key_frames_only and max(np.diff([*times, end])) > max(BLIND_MS, 2 * self._sampler.step_ms):
            raise Refused("video_too_long")
        height, width = self._sampler.samples[0].frame.shape[:2]
        sound = len(self._container.streams.audio) > 0
        return {"width": width, "height": height, "times": times, "end": end, "sound": sound}

    def _promised(self) -> float:
        """Return the length in seconds by the container's word, 0 where it gives none."""
        track = self._track
        if track.duration is not None and track.time_base is not None:
            return float(track.duration * track.time_base)
        return (self._container.duration or 0) / 1_000_000

    def _passing(self) -> Iterator[Any]:
        """Yield the frames in the order in which they are shown; what is broken is counted and left out."""
        for packet in self._container.demux(self._track):
            self._packets += packet.size > 0
            self._measure(packet)
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                self._bad += 1
                continue
            for frame in frames:
                self._check_size(frame.width, frame.height)
                self._bad += bool(frame.is_corrupt)
                self._decoded += frame.width * frame.height
                if self._decoded > self._limits["decoded"]:
                    self._decoder.skip_frame = "NONKEY"
                yield frame

    def _measure(self, packet: Any) -> None:
        if packet.pts is None or packet.time_base is None:
            return
        self._start = packet.pts if self._start is None else self._start
        self._reach = max(self._reach, float((packet.pts + (packet.duration or 0) - self._start) * packet.time_base))
        if self._reach > self._limits["longest"] + SLACK:
            raise Refused("video_too_long")

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._limits["pixels"] or max(width, height) > self._limits["longest_side"]:
            raise Refused("video_too_many_pixels")

    def _pixels(self, frame: Any) -> Pixels:
        """Return a frame as it is shown, RGB uint8 [height, width, 3]: upright, square pixels, all of one size."""
        turns = round(frame.rotation / 90) % 4
        if self._size is None:
            ratio = float(self._track.sample_aspect_ratio or 1)
            wide = frame.width * (ratio if RATIOS[0] <= ratio <= RATIOS[1] else 1.0)
            scale = min(1.0, self._limits["side"] / max(wide, frame.height))
            size = max(1, round(wide * scale)), max(1, round(frame.height * scale))
            self._size = size if turns % 2 == 0 else size[::-1]
        width, height = self._size if turns % 2 == 0 else self._size[::-1]
        stored = frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
        return np.ascontiguousarray(np.rot90(stored, turns))


_COVER: Final = av.stream.Disposition.attached_pic


def _cells(frame: Any) -> Cells:
    """Return what a frame roughly shows: means of brightness and two colours, int16 [planes, GRID, GRID], 0..255."""
    if frame.format.name not in PLANAR:
        frame = frame.reformat(GRID * POINTS, GRID * POINTS, "yuv420p", interpolation="FAST_BILINEAR")
    return np.stack([_means(plane) for plane in frame.planes])


def _means(plane: Any) -> Cells:
    stored = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    down = np.linspace(0, plane.height - 1, GRID * POINTS).astype(np.intp)
    across = np.linspace(0, plane.width - 1, GRID * POINTS).astype(np.intp)
    points = stored[down[:, None], across].reshape(GRID, POINTS, GRID, POINTS)
    means: Cells = points.mean(axis=(1, 3)).astype(np.int16)
    return means


def answer(source: BinaryIO, limits: dict[str, Any]) -> tuple[dict[str, Any], list[Pixels]]:
    """Return the head of the answer and the frames, upright, scaled to `limits["side"]` at most; never raises."""
    try:
        # Explicit container, no protocols: a playlist in disguise is no film, and leads nowhere.
        with av.open(
            source,
            format=FORMATS[limits["format"]],
            options={"protocol_whitelist": "", "codec_whitelist": ",".join(CODECS)},
            buffer_size=1 << 18,
        ) as container:
            return Film(container, limits).sampled()
    except Refused as error:
        return {"reason": str(error)}, []
    except MemoryError:
        return {"reason": "video_memory"}, []
    except Exception:  # noqa: BLE001  decoders raise anything; its text may quote the file
        return {"reason": "video_broken"}, []


def main() -> None:
    """Decode the video on standard input."""
    limits = json.loads(sys.argv[1])
    av.logging.set_level(None)
    source, out = open(0, "rb", buffering=0, closefd=False), sys.stdout.buffer  # noqa: SIM115
    confined(limits)
    head, frames = answer(source, limits)
    out.write(json.dumps(head).encode() + b"\n")
    for frame in frames:
        out.write(frame.data)
    out.flush()


if __name__ == "__main__":
    main()
