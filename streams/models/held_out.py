"""Held-out probabilities: a text that the heads were trained on in, what heads say that have not seen its group out."""

from collections.abc import Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from io import BytesIO
from typing import Final

import numpy as np

from streams.models.arrays import packed
from streams.models.heads import Floats

FILE: Final = "held_out.npz"


def fingerprint(text: str) -> int:
    """Return the 64 bits by which a text is found again."""
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


@cache
def shipped() -> Mapping[int, Floats]:
    """Return the probabilities [L] of each training text by its fingerprint."""
    with np.load(BytesIO((files("streams.models") / "data" / FILE).read_bytes()), allow_pickle=False) as stored:
        texts, probabilities = stored["texts"], stored["probabilities"]
    return dict(zip(texts.tolist(), probabilities.astype(np.float64), strict=True))


def written(texts: list[str], probabilities: Floats) -> bytes:
    """Return the file of some texts and their probabilities [n, L]; of equal texts the last one counts."""
    prints = np.array([fingerprint(text) for text in texts], np.uint64)
    return packed({"texts": prints, "probabilities": probabilities.astype(np.float16)})
