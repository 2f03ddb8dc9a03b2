"""Repeated letters: a drawn-out word in, the word that was meant out."""

import re
from collections.abc import Container
from itertools import product
from typing import Final

DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1{2,}")
MOST_RUNS: Final = 3  # of one word, of which every spelling is tried
# In vocabularies, and never what is meant: sooo is so, yooo is yo.
NOT_MEANT: Final = frozenset({"soo", "yoo", "noo"})


def meant(word: str, known: Container[str]) -> str | None:
    """Return the known word that a lower-case word with letters three times or more stands for, or None.

    Two letters are tried before one: coool is cool, fuuuck is fuck.
    """
    runs = DRAWN_OUT.split(word)  # text, letter, text, letter, … text
    texts, letters = runs[::2], runs[1::2]
    if not 0 < len(letters) <= MOST_RUNS:
        return None
    for chosen in product(*((letter * 2, letter) for letter in letters)):
        spelling = "".join(part for pair in zip(texts, (*chosen, ""), strict=True) for part in pair)
        if spelling in known and spelling not in NOT_MEANT:
            return spelling
    return None


def shortened(word: str) -> str:
    """Return a word with letters that stand three times or more standing twice."""
    return DRAWN_OUT.sub(r"\1\1", word)
