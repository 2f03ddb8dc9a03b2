"""Look-alikes: characters that are read as a Latin letter or a digit, and the letter that they are read as.

The pairs come from the Unicode confusables (package confusable-homoglyphs) and, for letters in boxes, circles and
brackets and for small capitals, from the names of the characters. ASCII characters never change here.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.confusables import confusables_data

# Alphabets whose letters are drawn like Latin ones. Others (Arabic, Indic, Hebrew) have look-alikes on paper only:
# a Telugu vowel sign read as `o` helps nobody who evades a list and confuses everybody who writes Telugu.
SCRIPTS: Final = frozenset({"ARMENIAN", "CHEROKEE", "COPTIC", "CYRILLIC", "DESERET", "GREEK", "LATIN", "LISU"})

# Digits and signs that stand for letters. `1`, `!` and `|` are read as i or l, so all of them become i;
# `alike_as_leet` then tells i from l again.
LEET: Final = str.maketrans("01!|l345@$7", "oiiiieasast")

LETTER: Final = re.compile(
    r"(?:PARENTHESIZED|NEGATIVE CIRCLED|(?:CROSSED )?NEGATIVE SQUARED) LATIN (?:CAPITAL|SMALL) LETTER ([A-Z])"
    r"|LATIN LETTER SMALL CAPITAL ([A-Z])"
)
# The blocks in which such names occur.
DECORATED: Final = (range(0x1D00, 0x1DC0), range(0x2070, 0x20A0), range(0x249C, 0x24B6), range(0xA720, 0xA800))
SQUARED: Final = range(0x1F110, 0x1F190)


@cache
def decorated() -> Mapping[str, str]:
    """Return letters in brackets, circles and boxes, and small capitals -> the lower-case ASCII letter."""
    pairs = {}
    for block in (*DECORATED, range(0x0250, 0x02B0), SQUARED):
        for character in map(chr, block):
            named = LETTER.fullmatch(unicodedata.name(character, ""))
            if named:
                pairs[character] = (named[1] or named[2]).lower()
    return pairs


def _read_as(character: str) -> str | None:
    """Return the one or two ASCII letters that a character is read as; two only for Latin ligatures."""
    longest = 2 if alias(character) == "LATIN" else 1
    for pair in confusables_data.get(character, ()):
        reading = str(pair["c"])
        if reading.isascii() and reading.isalpha() and len(reading) <= longest:
            return reading.casefold()
    return None


@cache
def look_alikes() -> Mapping[int, str]:
    """Return case-folded non-ASCII characters -> one or two lower-case ASCII letters, for `str.translate`.

    A letter whose small form is unlike any Latin one is read as its capital is: Cyrillic ka as k.
    """
    pairs = {}
    for character in sorted(confusables_data):
        folded = character.casefold()
        if len(character) != 1 or len(folded) != 1 or folded.isascii() or alias(character) not in SCRIPTS:
            continue
        reading = _read_as(folded) or _read_as(folded.upper())
        if reading:
            pairs[ord(folded)] = reading
    return pairs


def in_leet(text: str) -> str:
    """Return a folded text with digits and signs as the letters that they stand for, character by character."""
    if text.isascii():
        return text.translate(LEET)
    for sign, letter in LEET.items():  # `translate` is fast for ASCII alone
        text = text.replace(chr(sign), chr(letter))
    return text


def alike_as_leet(term: str, text: str) -> bool:
    """Say whether a slice of a text that equals a term in leet is that term written in leet.

    Both are folded, not in leet, and of one length. `hell` is not `heil`, and `455` is a number.
    """
    if any(a != b and a in "il" and b in "il" for a, b in zip(term, text, strict=True)):
        return False
    return term == text or any(map(str.isalpha, text))
