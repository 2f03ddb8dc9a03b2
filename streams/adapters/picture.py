"""Pictures: hostile bytes in, frames as RGB arrays out, within fixed bounds of pixels and frames.

Every file is broken on purpose until the decoder has proved otherwise: the format comes from the bytes, only four
decoders are open, sizes are checked before a pixel is decoded, and nothing cut off is filled up.
"""

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np
from PIL import Image, UnidentifiedImageError

from streams.adapters.undecodable import Reason, Undecodable
from streams.adapters.video import VideoLimits, sampled
from streams.core.engine import Media
from streams.core.sniff import PICTURES, sniffed
from streams.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

# A warning of a decoder is its way to say that a file lies: here it is an error.
warnings.filterwarnings("error", module=r"PIL\b")

FRAME_COST: Final = 65_536  # pixels that a frame counts at least: a million frames of one pixel take time too
THUMBNAIL: Final = 16  # pixels a side: enough to tell scenes apart
ORIENTATION: Final = 0x0112  # EXIF tag
# Browsers show a frame that asks for 10 ms or less for 100 ms (Firefox and Chromium do so with GIF and WebP alike).
QUICKEST: Final = 10  # milliseconds
SLOWED: Final = 100
BAND: Final = 1 << 20  # pixels that are converted at a time: a whole picture in several modes would be 600 MB


def _as_stored(picture: "Pixels") -> "Pixels":
    return picture


# EXIF 2.32, table 6: what undoes each orientation.
UPRIGHT: "Final[dict[int, Callable[[Pixels], Pixels]]]" = {
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored[::-1].swapaxes(0, 1),
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: stored[:, ::-1].swapaxes(0, 1),
}


class Limits(msgspec.Struct, frozen=True):
    """What is decoded at most."""

    size: int = 20 << 20  # bytes of a picture
    pixels: int = 40_000_000  # of one frame, and of all returned frames together
    side: int = 10_000  # pixels
    frames: int = 8  # returned of an animation, at least 2
    walked: int = 320_000_000  # pixels of all frames of an animation; beyond them it is refused
    video: VideoLimits = VideoLimits()


def limits(settings: Settings) -> Limits:
    """Return the limits that the settings `media_*` and `video_*` state."""
    return Limits(
        size=settings.media_limit,
        pixels=settings.media_pixels,
        side=settings.media_side,
        video=VideoLimits(
            size=max(settings.video_limit, settings.media_limit),
            seconds=settings.video_timeout,
            cpu=settings.video_cpu,
            memory=settings.video_memory,
            longest=settings.video_longest,
            frames=settings.video_frames,
            side=settings.video_side,
            pixels=settings.media_pixels,
            longest_side=settings.media_side,
        ),
    )


def is_video(data: bytes) -> bool:
    """Tell by its first bytes whether a file is a video."""
    return _is_video(sniffed(data))


def _is_video(name: str | None) -> bool:
    return name is not None and name not in PICTURES


def undecoded(data: bytes) -> Media:
    """Return a file without its pixels: what engines that compare bytes need."""
    name = sniffed(data)
    kind: Literal["image", "video"] = "video" if _is_video(name) else "image"
    return Media(sha256=sha256(data).hexdigest(), kind=kind, format=name or "unknown")


def decoded(data: bytes, limits: Limits) -> Media:
    """Return a file's frames, upright, transparency on white; of a video the samples of `adapters/video`.

    Of an animation the first, the last and those frames that differ most from each other are returned, at most
    `limits.frames`: one bad frame among clean ones is among them. Raises Undecodable. Blocking; the time is bounded by
    the size of the data and the pixels that the limits allow.
    """
    media = undecoded(data)
    if not data:
        raise Undecodable("empty")
    if media.kind == "video":
        return sampled(data, media, limits.video)
    if media.format not in PICTURES:
        raise Undecodable("not_an_image")
    try:
        frames, times, end = _frames(data, media.format, limits)
    except Undecodable:
        raise
    except Exception as error:  # decoders raise anything: IndexError, struct.error, SyntaxError, ZeroDivisionError
        raise Undecodable(_reason(error)) from error
    return msgspec.structs.replace(media, frames=frames, times_ms=times, end_ms=end)


def _reason(error: Exception) -> Reason:
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return "decompression_bomb"
    cut_off = isinstance(error, (EOFError, struct.error)) or "truncated" in str(error).lower()
    return "truncated" if cut_off and not isinstance(error, UnidentifiedImageError) else "broken"


def _frames(data: bytes, name: str, limits: Limits) -> "tuple[tuple[Pixels, ...], tuple[int, ...], int]":
    with _opened(data, name, limits) as picture:
        # Checks what can be checked without pixels; the object is of no use afterwards.
        picture.verify()
    with _opened(data, name, limits) as picture:
        upright = _upright(picture)
        # What else a JPEG holds (previews, depth, gain maps) is shown by no viewer as the picture.
        if name == "JPEG" or not getattr(picture, "is_animated", False):
            return (_pixels(picture, upright),), (0,), 0
        thumbnails = [_thumbnail(frame) for frame, _, _ in _walk(picture, limits)]
    area = picture.width * picture.height
    chosen = _most_different(np.stack(thumbnails), max(1, min(limits.frames, limits.pixels // area)))
    frames, times, end = [], [], 0
    with _opened(data, name, limits) as picture:
        for index, (frame, time, after) in enumerate(_walk(picture, limits)):
            end = after
            if index in chosen:
                frames.append(_pixels(frame, upright))
                times.append(time)
    return tuple(frames), tuple(times), end


def _opened(data: bytes, name: str, limits: Limits) -> Image.Image:
    """Return a picture of which only the header has been read; its size is within the limits."""
    picture = Image.open(io.BytesIO(data), formats=(name,))
    width, height = picture.size
    if width * height > (Image.MAX_IMAGE_PIXELS or limits.pixels):
        raise Undecodable("decompression_bomb")
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise Undecodable("too_many_pixels")
    return picture


def _walk(picture: Image.Image, limits: Limits) -> Iterator[tuple[Image.Image, int, int]]:
    """Yield every frame, its start and its end in milliseconds; raise Undecodable when the animation is too long."""
    size = picture.size
    most = limits.walked // max(FRAME_COST, size[0] * size[1])
    time = 0
    for index in count():
        try:
            picture.seek(index)
        except EOFError:
            return
        if index >= most or picture.size != size:
            raise Undecodable("too_many_pixels" if index >= most else "broken")
        picture.load()
        shown = round(float(picture.info.get("duration") or 0))
        end = time + (shown if shown > QUICKEST else SLOWED)
        yield picture, time, end
        time = end


def _thumbnail(frame: Image.Image) -> "NDArray[np.int16]":
    small = _rgb(frame).resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.int16)


def _most_different(thumbnails: "NDArray[np.int16]", most: int) -> frozenset[int]:
    """Return the first frame, the last, then always the one farthest from all chosen; evenly spaced among equals."""
    total = len(thumbnails)
    chosen = list(dict.fromkeys((0, total - 1)))[:most]
    nearest = np.min([_distances(thumbnails, index) for index in chosen], axis=0)
    while len(chosen) < min(most, total):
        farthest = int(np.argmax(nearest))
        if nearest[farthest] == 0:  # the rest look the same
            spaced = np.linspace(0, total - 1, num=min(most, total)).round().astype(int).tolist()
            chosen = list(dict.fromkeys([*chosen, *spaced]))[:most]
            break
        chosen.append(farthest)
        nearest = np.minimum(nearest, _distances(thumbnails, farthest))
    return frozenset(chosen)


def _distances(thumbnails: "NDArray[np.int16]", index: int) -> "NDArray[np.int16]":
    # The largest difference of one cell, not the sum: a small bad thing in a corner counts as much as a new scene.
    cells: NDArray[np.int16] = np.abs(thumbnails - thumbnails[index]).reshape(len(thumbnails), -1)
    largest: NDArray[np.int16] = cells.max(axis=1)
    return largest


def _upright(picture: Image.Image) -> "Callable[[Pixels], Pixels]":
    """Return what turns the picture upright; nothing also where the EXIF data cannot be read."""
    try:
        return UPRIGHT.get(int(picture.getexif().get(ORIENTATION, 1)), _as_stored)
    except Exception:  # noqa: BLE001  the picture counts, not what a camera wrote beside it
        return _as_stored


def _pixels(frame: Image.Image, upright: "Callable[[Pixels], Pixels]") -> "Pixels":
    """Return one frame as RGB uint8 [height, width, 3], read-only."""
    width, height = frame.size
    rows = max(1, BAND // width)
    if height <= rows:
        stored = np.asarray(_rgb(frame))
    else:
        stored = np.empty((height, width, 3), dtype=np.uint8)
        for top in range(0, height, rows):
            end = min(height, top + rows)
            stored[top:end] = np.asarray(_rgb(frame.crop((0, top, width, end))))
    pixels = np.ascontiguousarray(upright(stored))
    pixels.setflags(write=False)
    return pixels


def _rgb(frame: Image.Image) -> Image.Image:
    """Return a picture as people see it: transparency on white, 16 bits a channel scaled to 8 and not cut off."""
    if frame.mode.startswith("I"):
        wide = np.asarray(frame).astype(np.int64)
        return Image.fromarray((wide >> 8).clip(0, 255).astype(np.uint8)).convert("RGB")
    if not frame.has_transparency_data:
        return frame if frame.mode == "RGB" else frame.convert("RGB")
    with_alpha = frame.convert("RGBA")
    white = Image.new("RGB", frame.size, "white")
    white.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return white
