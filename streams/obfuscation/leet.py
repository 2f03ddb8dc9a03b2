"""Leet: a word with digits and signs for letters in, the words that it can stand for out."""

import re
from collections.abc import Container, Iterator
from itertools import islice, product
from typing import Final

# What a digit or sign is read as, the likeliest letter first. 2 and 6 stand for sounds or for nothing.
READINGS: Final = {
    "0": "o", "1": "il", "!": "il", "|": "li", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "+": "t", "(": "c", "€": "e", "¢": "c",
}  # fmt: skip
MOST_READINGS: Final = 32  # of one word
SHORTEST: Final = 3  # characters
LONGEST: Final = 40  # characters; no word that anybody reads is longer

# What digits beside letters mean elsewhere: 4pm, 10am, 50ml, 2nd.
QUANTITY: Final = re.compile(r"[0-9]+[a-z]{1,3}")
# A name and its number: room5, area51. One nought at the end is a letter all the same: hell0.
NUMBERED: Final = re.compile(r"([a-z]{3,})(?:[1-9][0-9]*|[0-9]{2,})")


def readings(word: str) -> Iterator[str]:
    """Yield what a lower-case word may stand for, the likeliest first; at most 32 words of its length."""
    letters = (READINGS.get(character, character) for character in word)
    return islice(map("".join, product(*letters)), MOST_READINGS)


def may_be_leet(word: str, known: Container[str]) -> bool:
    """Say whether a lower-case word can be leet: not for a quantity, a code, a name with its number, or a mention.

    At least a third of it are letters, and a word of three characters must show what it is: s3x, a$$, but not mp3.
    """
    size, letters = len(word), sum(map(str.isalpha, word))
    if not SHORTEST <= size <= LONGEST or letters == size or letters * 3 < size or QUANTITY.fullmatch(word):
        return False
    if size == SHORTEST:
        return (word[0].isalpha() and word[-1].isalpha()) or "$" in word or "@" in word
    numbered = NUMBERED.fullmatch(word)
    if numbered and numbered[1] in known:
        return False
    return not (word[0] == "@" and word[1:] in known)


def plain(word: str, known: Container[str]) -> str | None:
    """Return the known word that a lower-case word in leet stands for, or None where that is not sure."""
    if not may_be_leet(word, known):
        return None
    return next((reading for reading in readings(word) if reading in known), None)
