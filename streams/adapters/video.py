"""Videos: hostile bytes in, sampled frames as RGB arrays out; the decoder runs in a process of its own.

One process for each video: it has no descriptor but the file and its answer, no secret in its environment, and limits
of memory, processor time and time. However it ends, the worker goes on. Its start takes a quarter of a second, of
which the video's own limits can be exact; one that is kept would carry what one user's file did to it to the next.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from time import monotonic
from typing import Final

import msgspec
import numpy as np

from streams.adapters.undecodable import Reason, Undecodable
from streams.core.engine import Media

if find_spec("av") is None:  # only the process imports it: a worker without it must not start
    raise ModuleNotFoundError("No module named 'av'", name="av")

PROGRAM: Final = ("-m", "streams.adapters.video_process")  # for this interpreter
HEAD: Final = 65_536  # bytes of the answer's first line
CHUNK: Final = 1 << 20  # bytes
SLACK: Final = 2.0  # seconds beyond the longest video that rounding may add
GRACE: Final = 1.0  # seconds after which the process, which ends itself, is ended from here
# How a process ends that the kernel stopped. SIGKILL is the kernel's word for "no memory left on this machine".
ENDED: Final[dict[int, Reason]] = {
    signal.SIGXCPU: "video_timeout",
    signal.SIGALRM: "video_timeout",
    signal.SIGKILL: "video_memory",
}


class VideoLimits(msgspec.Struct, frozen=True):
    """What one video may cost, and what is taken from it at most."""

    size: int = 128 << 20  # bytes of an object that is announced as a video; it is held twice while it is decoded
    seconds: float = 60.0  # wall clock, from when the process is ready to its last byte
    cpu: float = 30.0  # seconds of processor time, rounded up
    memory: int = 1 << 30  # bytes of address space
    longest: float = 600.0  # seconds of a video that is looked at
    frames: int = 80  # samples, at least 3
    side: int = 640  # pixels of the longer side of a sample; smaller videos are not enlarged
    pixels: int = 40_000_000  # of one frame as stored
    longest_side: int = 10_000  # pixels of one frame as stored
    # Pixels of all frames that are decoded; of what is beyond them only key frames are looked at. Two minutes of 720p
    # at 30 frames a second; measured 285 million a second on one core.
    decoded: float = 3.4e9


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of the process's answer."""

    reason: Reason | None = None
    width: int = 0
    height: int = 0
    times: tuple[int, ...] = ()
    end: int = 0
    sound: bool = False


def sampled(data: bytes, media: Media, limits: VideoLimits, program: Sequence[str] = PROGRAM) -> Media:
    """Return a video with its sampled frames; raise Undecodable. Blocking, `limits.seconds` and two seconds at most.

    `media` says what was sniffed. Frames are read-only, all of one size, their times ascending from 0.
    """
    film = os.memfd_create("video")
    try:
        with open(film, "r+b", buffering=0, closefd=False) as file:
            file.write(data)
            file.seek(0)
        return _read(_answer(film, media.format, limits, program), media, limits)
    finally:
        os.close(film)


def _answer(film: int, name: str, limits: VideoLimits, program: Sequence[str]) -> bytearray:
    """Return all that the process writes; raise Undecodable when it does not end as it should."""
    argument = msgspec.json.encode({**msgspec.structs.asdict(limits), "format": name}).decode()
    # As the worker finds modules, and nothing else of its environment: keys and passwords stay here.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen(  # noqa: S603  this interpreter, a module of ours, numbers
        [sys.executable, "-P", *program, argument],
        stdin=film,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
    ) as process:
        try:
            answer = _drained(process, limits, monotonic() + limits.seconds + GRACE)
            code = process.wait(GRACE)
        except subprocess.TimeoutExpired as error:
            raise Undecodable("video_timeout") from error
        finally:
            process.kill()
    if code < 0:
        raise Undecodable(ENDED.get(-code, "video_crashed"))
    if code > 0:
        raise Undecodable("video_crashed")
    return answer


def _drained(process: "subprocess.Popen[bytes]", limits: VideoLimits, until: float) -> bytearray:
    answer, most = bytearray(), HEAD + limits.frames * limits.side * limits.side * 3
    pipe = process.stdout.fileno() if process.stdout else -1
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while True:
        if not poll.poll(max(0.0, until - monotonic()) * 1000):
            raise subprocess.TimeoutExpired(process.args, limits.seconds)
        chunk = os.read(pipe, CHUNK)
        if not chunk:
            return answer
        answer += chunk
        if len(answer) > most:
            raise Undecodable("video_crashed")


def _read(answer: bytearray, media: Media, limits: VideoLimits) -> Media:
    """Return the frames of an answer. It may come from a decoder that the file has taken over: nothing is believed."""
    start = answer.find(b"\n", 0, HEAD) + 1
    try:
        head = msgspec.json.decode(memoryview(answer)[:start], type=Head)
    except msgspec.MsgspecError as error:
        raise Undecodable("video_crashed") from error
    if head.reason is not None:
        raise Undecodable(head.reason)
    size, count = head.width * head.height * 3, len(head.times)
    honest = (
        min(head.width, head.height) > 0
        and max(head.width, head.height) <= limits.side
        and 0 < count <= limits.frames
        and len(answer) == start + count * size
        and all(sooner < later for sooner, later in zip((-1, *head.times), (*head.times, head.end), strict=True))
        and head.end <= (limits.longest + SLACK) * 1000
    )
    if not honest:
        raise Undecodable("video_crashed")
    stack = np.frombuffer(answer, dtype=np.uint8, offset=start).reshape(count, head.height, head.width, 3)
    stack.setflags(write=False)
    return msgspec.structs.replace(media, frames=tuple(stack), times_ms=head.times, end_ms=head.end, sound=head.sound)
