"""Glances: readings in, what the n-grams and words of each tell out, made once for all engines; no encoder."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.core.recent import Last
from streams.models import heads, words
from streams.models.encoder import Vectors
from streams.models.heads import Floats, Heads
from streams.models.ngrams import spaced
from streams.models.reading import Reading
from streams.models.words import Meaning, Words, counted


class Unfit(ValueError):
    """The heads were trained with other words."""


class Glances(NamedTuple):
    """What is seen of n readings."""

    cheap: Floats  # [n, L], logits of the cheap heads
    words: Vectors  # [n, WORDY], features of the words
    lengths: NDArray[np.int64]  # [n], numbers of words


class Glance:
    """Looks at readings; what it saw of the last batch is remembered. Thread-safe."""

    def __init__(self, heads: Heads, words: Words) -> None:
        if heads.words != words.version():
            raise Unfit("the heads were trained with other words: train both again")
        self._heads, self._meaning = heads, Meaning(words)
        self._last = Last(self._seen)

    def __call__(self, read: Sequence[Reading]) -> Glances:
        """Return what is seen of readings."""
        return self._last(tuple(one.prepared for one in read))

    def _seen(self, prepared: tuple[str, ...]) -> Glances:
        texts = [spaced(text) for text in prepared]
        features = self._meaning(texts)
        lengths = np.fromiter(map(counted, texts), np.int64, len(texts))
        return Glances(self._heads.cheap(texts, features), features, lengths)


@cache
def shared_glance() -> Glance:
    """Return the process's glance, with the shipped heads and words: all engines share it."""
    return Glance(heads.shipped(), words.shipped())
