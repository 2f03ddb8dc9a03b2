"""Phrases of filters: texts in, vectors out, each phrase encoded once in a process, whatever is encoded beside them.

The encoder's own memory is of the last texts: what users write pushes a policy's phrases out of it, and each new
version of the policy would encode all of them again, while messages wait.
"""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Final

import numpy as np

from streams.core.recent import Recent
from streams.models.encoder import Encode, Vectors, shared_encoder
from streams.models.graph import WIDTH

REMEMBERED: Final = 20_000  # vectors, 31 MB: as many phrases as one policy may have


class Phrases:
    """An encoder that remembers phrases. Thread-safe."""

    def __init__(self, encode: Encode, remembered: int = REMEMBERED) -> None:
        self._encode = encode
        self._recent: Recent[str, Vectors] = Recent(remembered)
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return float32 [len(texts), WIDTH]."""
        with self._lock:
            known = {text: self._recent.get(text) for text in texts}
        unknown = [text for text, vector in known.items() if vector is None]
        encoded = self._encode(unknown) if unknown else ()
        with self._lock:
            for text, vector in zip(unknown, encoded, strict=True):
                known[text] = self._recent.put(text, vector.copy())  # a row alone would keep its batch in memory
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        return np.stack([vector for text in texts if (vector := known[text]) is not None])


@cache
def shared_phrases() -> Phrases:
    """Return the process's memory of phrases; raise Missing where the encoder is not installed."""
    return Phrases(shared_encoder())
