"""Word borders: which characters are part of a word, and at which of them a word has a border that shows."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# Scripts that are written without spaces between words, by Unicode block, with their extensions and iteration marks.
SPACELESS: Final = re.compile(
    "["
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3038-\u303b"  # Han: radicals, iteration marks, numerals
    "\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\U0001aff0-\U0001b16f"  # Kana
    "]"
)


def is_word(character: str) -> bool:
    """Say whether a character is part of a word: a letter, a digit, an underscore, or a mark on one of these."""
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


@lru_cache(maxsize=4096)
def bounds_word(character: str) -> bool:
    """Say whether a word that begins or ends with the character shows where: not so without spaces, nor for signs."""
    return is_word(character) and not SPACELESS.match(character)
