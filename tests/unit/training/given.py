"""A small world to learn: every label has a word of its own, among words that mean nothing."""

from collections.abc import Sequence
from functools import cache
from random import Random
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from streams.training.recipe import BROAD, NARROW, NARROW_SOURCE, OWN_SOURCE
from streams.training.rows import Row

WORDS = (
    *("apple", "river", "garden", "table", "seven", "music", "window", "paper", "winter", "coffee", "bridge"),
    *("letter", "morning", "orange", "market", "mountain", "bicycle", "kitchen", "ticket", "holiday", "pencil"),
)
SIGN = {label: f"{label.replace('_', '')}word" for label in (*BROAD, *NARROW)}
ORDINARY_SOURCE = "sms_spam_uci"


@cache
def _word(word: str) -> NDArray[np.float64]:
    return np.random.default_rng(crc32(word.encode())).normal(size=384)


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return vectors of length 1: the sum of one direction by chance for each word."""
    found = np.stack([sum((_word(word) for word in text.split()), np.full(384, 1e-3)) for text in texts])
    vectors: NDArray[np.float32] = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return vectors


def talk(chance: Random, sign: str = "") -> str:
    """Return some words, and a label's word among them."""
    words = chance.choices(WORDS, k=chance.randint(4, 9))
    if sign:
        words[chance.randrange(len(words))] = sign
    return " ".join(words)


def world(seed: int = 1) -> list[Row]:
    """Return rows of every source: 20 positives and 20 negatives a broad label, 12 positives a narrow one."""
    chance = Random(seed)
    rows: list[Row] = []

    def add(source: str, text: str, labels: dict[str, bool]) -> None:
        rows.append(Row(source, str(len(rows)), text, (), labels, f"group {len(rows)}"))

    for label in BROAD:
        for number in range(40):
            positive = number % 2 == 0
            add(f"set_{label}", talk(chance, SIGN[label] if positive else ""), {label: positive})
    for label in NARROW:
        for _ in range(12):
            add(NARROW_SOURCE, talk(chance, SIGN[label]), {each: each == label for each in NARROW})
    for _ in range(30):
        add(NARROW_SOURCE, talk(chance), dict.fromkeys(NARROW, False))
    for _ in range(80):
        add(ORDINARY_SOURCE, talk(chance), {"spam": False})
    for number in range(20):
        labels = dict.fromkeys(NARROW, False) | {"self_harm": number % 2 == 0, "toxicity": True}
        add(OWN_SOURCE, talk(chance, "ownword"), labels)
    return rows
