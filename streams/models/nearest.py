"""The nearest phrases: vectors of texts' pieces in, how near each piece comes to each group of phrases out."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.models.cosine import cosines, stepped
from streams.models.encoder import Encode, Vectors
from streams.models.graph import WIDTH

FAR: Final = np.float32(-1.0)  # the cosine of what is opposite: nothing is farther
MOST_AT_ONCE: Final = 1 << 22  # cosines that are held at once, 16 MB
CHUNK: Final = 256  # phrases that are encoded in one go: texts that wait get their turn between two


class Group(NamedTuple):
    """Phrases that mean one thing, and phrases that look like it and mean another."""

    seeds: Sequence[str]  # at least one
    contrast: Sequence[str] = ()


class Nearest:
    """All groups of a policy in one matrix: one product with it answers for all of them. Immutable."""

    def __init__(self, groups: Sequence[Group], encode: Encode) -> None:
        phrases = list(dict.fromkeys(phrase for group in groups for phrase in (*group.seeds, *group.contrast)))
        place = {phrase: number for number, phrase in enumerate(phrases)}
        encoded = [encode(phrases[start : start + CHUNK]) for start in range(0, len(phrases), CHUNK)]
        vectors = stepped(np.concatenate(encoded)) if encoded else np.zeros((0, WIDTH), np.float32)
        self._seeds = _Block([[place[phrase] for phrase in group.seeds] for group in groups], vectors)
        contrasted = [number for number, group in enumerate(groups) if group.contrast]
        self._contrasted = np.array(contrasted, np.int64)
        self._contrast = _Block(
            [[place[phrase] for phrase in groups[number].contrast] for number in contrasted], vectors
        )
        self._width = max(1, self._seeds.phrases, self._contrast.phrases)

    def __call__(self, vectors: Vectors) -> Vectors:
        """Return float32 [pieces, groups]: the largest cosine with a seed, FAR where a contrast phrase is as near."""
        height = max(1, MOST_AT_ONCE // self._width)
        parts = [self._part(stepped(vectors[start : start + height])) for start in range(0, len(vectors), height)]
        return np.concatenate(parts) if parts else np.zeros((0, self._seeds.groups), np.float32)

    def _part(self, vectors: Vectors) -> Vectors:
        best = self._seeds.best(vectors)
        if len(self._contrasted):
            near = best[self._contrasted]
            best[self._contrasted] = np.where(self._contrast.best(vectors) >= near, FAR, near)
        return best.T


class _Block:
    """Phrases of all groups, one below the other."""

    def __init__(self, places: Sequence[Sequence[int]], vectors: Vectors) -> None:
        sizes = [len(each) for each in places]
        self.groups, self.phrases = len(sizes), sum(sizes)
        self._vectors = vectors[[place for each in places for place in each]]
        self._starts: NDArray[np.int64] = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, np.int64)

    def best(self, vectors: Vectors) -> Vectors:
        """Return float32 [groups, pieces]: the largest cosine with a phrase of each group."""
        return np.maximum.reduceat(cosines(self._vectors, vectors), self._starts, axis=0)
