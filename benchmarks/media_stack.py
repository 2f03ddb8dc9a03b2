"""The policies of the media benchmark, and the bare loops: decoding and inference without anything around them."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from PIL import Image

from benchmarks import policy, records
from benchmarks.bench import TERMS
from streams.adapters.policies import DEFAULT, Loaded, load
from streams.core.engine import Engine, Media
from streams.engines.catalog import BUILT_IN

# Engines for pictures that need no network, in the order in which the default policy has them.
LOCAL: Final = ("image_model", "media_hash", "qr", "ocr")
HASHES: Final = 1000  # on the list that pictures are compared with
DEADLINE: Final = "60m"  # a backlog must not make a case end before its turn

Loop = Callable[[bytes], "tuple[Media, Callable[[], object]]"]


def local() -> tuple[str, ...]:
    """Return the engines for pictures that this version has and that need no network."""
    return tuple(name for name in LOCAL if name in BUILT_IN)


def written(folder: Path, engines: Sequence[str], seed: int) -> Path:
    """Write a policy with these engines for pictures, as the default has them, and rules for texts; return its file."""
    folder.mkdir(parents=True)
    path = policy.written(folder, records.terms(TERMS, seed))
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    default = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["engines"]
    document["deadline"] = DEADLINE
    document["engines"] |= {name: _configured(name, default.get(name, {}), seed) for name in engines}
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def _configured(name: str, default: dict[str, Any], seed: int) -> dict[str, Any]:
    if name != "media_hash":
        return default
    draw = np.random.default_rng(seed)
    lines = [f"pdq:{draw.bytes(32).hex()}" for _ in range(HASHES)]
    return {"lists": [{"name": "made_up", "label": "known_media", "lines": lines}]}


class Bare:
    """Decodes a picture and runs engines over it.

    An engine that is networks is called by its parts: what makes their inputs, then their sessions. Others, which are
    one call into a library, are asked themselves.
    """

    def __init__(self, path: Path, engines: Sequence[str]) -> None:
        loaded: Loaded = load(path)
        self._engines: list[Engine] = [engine for engine in loaded.engines if engine.name in engines]

    def decode(self, data: bytes) -> Media:
        """Return a picture's pixels as Pillow decodes them."""
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("RGB"))
        return Media("00" * 32, "image", "JPEG", (pixels,), (0,))

    def run(self, media: Media) -> None:
        """Run the engines."""
        for engine in self._engines:
            engine.inspect([media])
