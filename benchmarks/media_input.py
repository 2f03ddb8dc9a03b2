"""Photo-like pictures for the media benchmark: a seed comes in, different JPEG files and their upload records go out.

Drawn, not collected: soft light over several scales, hard-edged things, the grain of a sensor; 1024 x 768 pixels and
about 250 KB, as platforms get them from phones. Where collected pictures are at hand, every second one holds one.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.records import Record

SIZE: Final = (1024, 768)  # pixels
QUALITY: Final = 88
SCALES: Final = (3, 8, 24, 96)  # light spots across the picture, each scale half as strong as the one before
GRAIN: Final = 6.0  # standard deviation, of 255
THINGS: Final = (6, 18)
COLLECTED: Final = "data/media/images"  # below the folder of real data
PASTED: Final = (320, 480)  # pixels of the longer side of a collected picture within a drawn one
BUCKET: Final = "moderation-bench"
CREATED: Final = "2026-01-05T08:00:00.000Z"


def collected(shared: Path) -> list[Path]:
    """Return the collected pictures below the folder of real data, sorted; none where they are not."""
    return sorted(path for path in (shared / COLLECTED).glob("*/*") if path.is_file())


def picture(number: int, seed: int, others: Sequence[Path] = ()) -> bytes:
    """Return a JPEG file, the same for the same number and seed."""
    draw = np.random.default_rng((seed, number))
    width, height = SIZE
    light = np.zeros((height, width, 3), np.float32)
    for rank, spots in enumerate(SCALES):
        grid = draw.random((spots * 3 // 4, spots, 3), np.float32) - 0.5
        layers = [Image.fromarray(grid[..., channel]).resize(SIZE, Image.Resampling.BICUBIC) for channel in range(3)]
        light += np.stack([np.asarray(layer) for layer in layers], axis=-1) / 2**rank
    pixels = 128 + 150 * light + draw.normal(0, GRAIN, (height, width, 1)).astype(np.float32)
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    _things(ImageDraw.Draw(image), draw)
    if others and number % 2:
        _paste(image, others[number // 2 % len(others)], draw)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _things(canvas: Any, draw: np.random.Generator) -> None:
    width, height = SIZE
    for _ in range(int(draw.integers(*THINGS))):
        left, top = int(draw.integers(0, width)), int(draw.integers(0, height))
        box = (left, top, left + int(draw.integers(20, 260)), top + int(draw.integers(20, 260)))
        colour = tuple(int(value) for value in draw.integers(0, 256, 3))
        shape = (canvas.ellipse, canvas.rectangle)[int(draw.integers(0, 2))]
        shape(box, fill=colour, outline=(20, 20, 20), width=2)


def _paste(image: Image.Image, path: Path, draw: np.random.Generator) -> None:
    with Image.open(path) as found:
        other = found.convert("RGBA")
    side = int(draw.integers(*PASTED))
    scale = side / max(other.size)
    other = other.resize((max(1, round(other.width * scale)), max(1, round(other.height * scale))))
    place = (int(draw.integers(0, SIZE[0] - side)), int(draw.integers(0, SIZE[1] - side)))
    image.paste(other, place, other)


def written(folder: Path, count: int, seed: int, others: Sequence[Path] = ()) -> list[Path]:
    """Write so many different pictures into a folder; return their files in order."""
    paths = [folder / f"{number:06}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(picture(number, seed, others))
    return paths


def uploads(names: Sequence[str], part: str) -> list[Record]:
    """Return an upload record for each object of the bucket; `part` of the benchmark makes content ids of its own."""
    made = []
    for number, name in enumerate(names):
        content_id = f"{part}-{number:06}"
        value = {
            "content_id": content_id,
            "kind": "image",
            "user": {"id": f"u-{number % 1000}", "role": "member"},
            "location": {"bucket": BUCKET, "key": name},
            "created_at": CREATED,
            "content_type": "image/jpeg",
        }
        made.append(Record(content_id, content_id.encode(), msgspec.json.encode(value)))
    return made
