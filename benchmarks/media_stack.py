"""The policies of the media benchmark, and the bare loops: decoding and inference without anything around them."""

import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

from benchmarks import policy, records
from benchmarks.bench import TERMS
from streams.adapters.policies import DEFAULT, load
from streams.core.engine import Media
from streams.engines.catalog import BUILT_IN
from streams.models.session import session
from streams.models.weights import EFFICIENTNET, OPEN_NSFW, SAFETY
from streams.vision.checkpoint import tensors
from streams.vision.efficientnet import efficientnet
from streams.vision.imagenet import views
from streams.vision.open_nsfw import centred
from streams.vision.safety import padded
from streams.vision.shrunk import shrunk

# Engines for pictures that need no network, in the order in which the default policy has them.
NETWORKS: Final = "image_model"
LOCAL: Final = (NETWORKS, "media_hash", "qr", "ocr")
HASHES: Final = 1000  # on the list that pictures are compared with
DEADLINE: Final = "60m"  # a backlog must not make a case end before its turn


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


class Networks:
    """The networks of `image_model`, without the engine: what they see of a picture, and their runs in one thread."""

    def __init__(self) -> None:
        self._safety = session(SAFETY.read(), 1)
        self._open_nsfw = session(OPEN_NSFW.read(), 1)
        self._imagenet = session(efficientnet(tensors(EFFICIENTNET.read())), 1)

    def inputs(self, pixels: NDArray[np.uint8]) -> list[tuple[Any, dict[str, NDArray[Any]]]]:
        """Return each session with what it is to run on."""
        small = shrunk(pixels)
        return [
            (self._safety, {"image": padded(small)[None]}),
            (self._open_nsfw, {"input:0": centred(small)[None]}),
            *((self._imagenet, {"image": view[None]}) for view in views(small)),
        ]


class Loop:
    """Decodes a picture and runs engines over it, one after the other.

    `image_model` is called by its parts; the others, which are calls into a library, are asked as they are.
    """

    def __init__(self, path: Path, engines: Sequence[str]) -> None:
        loaded = load(path)
        self._networks = Networks() if NETWORKS in engines else None
        self._others = [engine for engine in loaded.engines if engine.name in set(engines) - {NETWORKS}]

    def __call__(self, data: bytes) -> tuple[float, float, float]:
        """Return the seconds of decoding, of making the networks' inputs, and of all runs."""
        begun = time.perf_counter()
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("RGB"))
        decoded = time.perf_counter()
        inputs = self._networks.inputs(pixels) if self._networks else []
        made = time.perf_counter()
        for network, given in inputs:
            network.run(None, given)
        if self._others:
            media = Media("00" * 32, "image", "JPEG", (pixels,), (0,))
            for engine in self._others:
                engine.inspect([media])
        return decoded - begun, made - decoded, time.perf_counter() - made
