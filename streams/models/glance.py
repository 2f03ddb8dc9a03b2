"""Glances: readings in, what the n-grams and words of each tell out, made once for all engines; no encoder."""

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core.recent import Recent
from streams.models import heads, words
from streams.models.encoder import Vectors
from streams.models.heads import Floats, Heads
from streams.models.ngrams import spaced
from streams.models.reading import Reading
from streams.models.words import WORDY, Meaning, Words, counted

REMEMBERED: Final = 5_000  # readings, 3 MB


class Unfit(ValueError):
    """The heads were trained with other words."""


class Glances(NamedTuple):
    """What is seen of n readings."""

    cheap: Floats  # [n, L], logits of the cheap heads
    words: Vectors  # [n, WORDY], features of the words
    lengths: NDArray[np.int64]  # [n], numbers of words


class Glance:
    """Looks at readings; the last ones are remembered. Thread-safe."""

    def __init__(self, heads: Heads, words: Words) -> None:
        if heads.words != words.version():
            raise Unfit("the heads were trained with other words: train both again")
        self._heads, self._meaning = heads, Meaning(words)
        self._recent: Recent[str, tuple[Floats, NDArray[np.int8], int]] = Recent(REMEMBERED)
        self._last: tuple[tuple[str, ...], Glances] = ((), self([]))
        self._lock = Lock()

    def __call__(self, read: Sequence[Reading]) -> Glances:
        """Return what is seen of readings; equal ones are looked at once."""
        if not read:
            none = np.zeros((0, len(self._heads.labels)))
            return Glances(none, np.zeros((0, WORDY), np.float32), np.zeros(0, np.int64))
        asked = tuple(one.prepared for one in read)
        if asked == self._last[0]:  # another engine looks at the same batch
            return self._last[1]
        with self._lock:
            known = {one.prepared: self._recent.get(one.prepared) for one in read}
        new = [text for text, seen in known.items() if seen is None]
        if new:
            texts = [spaced(text) for text in new]
            features = self._meaning(texts)
            cheap, small = self._heads.cheap(texts, features), features.astype(np.int8)
            with self._lock:
                for row, text in enumerate(new):
                    seen = cheap[row].copy(), small[row].copy(), counted(texts[row])
                    known[text] = self._recent.put(text, seen)
        every = [each for one in read if (each := known[one.prepared]) is not None]
        glances = Glances(
            np.stack([each[0] for each in every]),
            np.stack([each[1] for each in every]).astype(np.float32),
            np.array([each[2] for each in every]),
        )
        self._last = asked, glances
        return glances


@cache
def shared_glance() -> Glance:
    """Return the process's glance, with the shipped heads and words: all engines share it."""
    return Glance(heads.shipped(), words.shipped())
