# ruff: noqa: RUF001 (letters of two alphabets that look alike are what this is about)
"""Disguises of listed words: terms in, one regular expression (RE2) for all ways to write them so that they are read.

RE2 walks through a text once, however hostile it is; the expression grows with the terms, so it is for thousands of
them, not for a million. A match has one character that is part of no word on either side of what was written: texts are
searched with line breaks around them.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

# Signs that stand for letters nobody may see; two of them at most for each letter.
MASK: Final = "[*#@$%]{1,2}"
# The same for three letters, of which one is hidden: `a@s` and `a$5` are addresses and sums.
CLEAR_MASK: Final = "[*#]"
# Signs that stand between letters more often than for them: each for one letter, or dots for one letter in all.
FAINT_MASK: Final = r"[_\-]"
DOTS: Final = r"\.{1,2}"
# What stands between letters that are all there; white space only where it stands between all of them.
SEPARATOR: Final = r"[._\-*#]?"
SPACE: Final = r"[ .\-_*#/,|~+]{1,3}"
SHORT: Final = 3  # letters; shorter terms have no disguise that is sure
BORDER: Final = r"[^\pL\pN\pM_]"
LETTERS: Final = re.compile(r"[a-z\u0430-\u044f\u0451 ]+")
CYRILLIC: Final = re.compile("[\u0430-\u044f\u0451]")

LEET: Final = {"a": "4@", "e": "3", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7"}

# Cyrillic letter -> Latin letters that look like it or sound like it, and variants of itself.
ALIKE: Final = {
    "а": "a", "б": "b", "в": "vbw", "г": "gr", "д": "dg", "е": "eё", "ё": "eеоo", "ж": "j", "з": "z", "и": "iuй",
    "й": "ijyuи", "к": "k", "л": "l", "м": "m", "н": "nh", "о": "o", "п": "pn", "р": "pr", "с": "cs", "т": "tm",
    "у": "uy", "ф": "f", "х": "xh", "ц": "c", "ш": "wщ", "щ": "wш", "ъ": "ь", "ы": "yi", "ь": "b'ъ", "э": "eе",
    "я": "r",
}  # fmt: skip
CYRILLIC_LEET: Final = {
    "а": "4@", "б": "6", "в": "8", "е": "3", "з": "3", "и": "1!|", "о": "0", "с": "5$", "т": "7", "ч": "4",
}  # fmt: skip

# Russian prefixes. The second kind stands next to the stem, and a hard sign parts it from a vowel.
OPEN: Final = ("вы", "до", "за", "на", "недо", "не", "ни", "о", "пере", "по", "при", "про", "у")
CLOSED: Final = ("вз", "из", "ис", "об", "от", "под", "раз", "рас", "с")
PARTED: Final = ("взъ", "въ", "изъ", "объ", "отъ", "подъ", "разъ", "съ")
VOWELS: Final = frozenset("аеёиоуыэюя")
# How they are written in Latin letters.
LATIN_OPEN: Final = ("vy", "do", "za", "na", "nedo", "ne", "ni", "o", "pere", "po", "pri", "pro", "u")
LATIN_CLOSED: Final = ("is", "iz", "ot", "pod", "ras", "raz", "s")


class Ways(NamedTuple):
    """How a list wants its terms to be found."""

    leet: bool = False
    confusables: bool = False
    spaced: bool = False
    repeated: bool = False
    masked: bool = False
    inflected: bool = False

    @property
    def any(self) -> bool:
        """Say whether plain search is not enough."""
        return self.spaced or self.repeated or self.masked or self.inflected


class Stem(NamedTuple):
    """A term, and whether a Russian prefix may stand before it and an ending after it."""

    letters: str
    prefixed: bool
    ending: bool

    @property
    def cyrillic(self) -> bool:
        """Say whether it has Cyrillic letters."""
        return CYRILLIC.search(self.letters) is not None

    @property
    def searchable(self) -> bool:
        """Say whether it is letters and long enough for the expression."""
        return len(self.letters) >= SHORT and LETTERS.fullmatch(self.letters) is not None

    @property
    def only_disguised(self) -> bool:
        """Say whether a plain search has no use: for parts of words, and where two alphabets have to be told apart."""
        return self.searchable and (self.prefixed or self.ending or self.cyrillic)


def stem(term: str, ways: Ways) -> Stem:
    """Return a term in normal form without the stars that stand for prefixes and endings in an inflected list."""
    if not ways.inflected:
        return Stem(term, prefixed=False, ending=False)
    return Stem(term.strip("*"), prefixed=term.startswith("*"), ending=term.endswith("*"))


def expression(stems: Iterable[Stem], ways: Ways) -> str | None:
    """Return the expression for all stems that are letters and long enough, or None where there are none of these."""
    found = [
        f"{_prefixes(each)}{written}" if each.prefixed else written
        for each in stems
        if each.searchable
        for written in _writings(each, ways)
    ]
    return f"{BORDER}(?:{'|'.join(found)}){BORDER}" if found else None


def _prefixes(each: Stem) -> str:
    """Return what may stand before a stem: up to two prefixes that end in a vowel, and one that does not."""
    vowel = each.letters[0] in VOWELS
    first, last = (OPEN, PARTED if vowel else CLOSED) if each.cyrillic else (LATIN_OPEN, LATIN_CLOSED)
    return f"(?:(?:{'|'.join(first)}){SEPARATOR}){{0,2}}(?:(?:{'|'.join(last)}){SEPARATOR})?"


def _class(letter: str, ways: Ways) -> str:
    """Return what a letter may be written as."""
    others = ""
    if ways.leet:
        others += LEET.get(letter, "") + CYRILLIC_LEET.get(letter, "")
    if ways.confusables:
        others += ALIKE.get(letter, "")
    if letter == "е":  # the Cyrillic letter; texts leave its dots out, and lists too
        others += "ё"
    return f"[{letter}{others}]"


def _writings(each: Stem, ways: Ways) -> Iterable[str]:
    """Yield an expression for each way to write a stem."""
    words = each.letters.split(" ")
    shown = [[_class(letter, ways) for letter in word] for word in words]
    letters = [letter for word in shown for letter in word]
    any_letter = "[а-яё]" if each.cyrillic else "[a-z]"
    some = f"(?:[*#@$%_]{{0,2}}{any_letter})*" if ways.masked else f"{any_letter}*"
    after = some if each.ending else ""
    many = "+" if ways.repeated else ""
    between = SEPARATOR if ways.spaced else ""
    yield " ".join(between.join(letter + many for letter in word) for word in shown) + after
    if ways.spaced:
        yield SPACE.join(letters) + (f"(?:{SPACE}{any_letter}){{0,8}}" if each.ending else "")
    if ways.masked and len(words) == 1:
        yield from (masked + after for masked in _masked(letters, many, between))
        if not each.ending and len(letters) > SHORT:
            yield "".join(letters[:-1]) + CLEAR_MASK


def _masked(letters: list[str], many: str, between: str) -> Iterable[str]:
    """Yield expressions for a word of which letters are hidden, though neither the first nor the last."""
    first, *inner, last = letters
    if len(letters) == SHORT:
        yield f"{first}{CLEAR_MASK}{last}{many}"
        return
    yield between.join((first + many, *(f"(?:{letter}{many}|{MASK})" for letter in inner), last + many))
    yield "".join((first, *(f"(?:{letter}|{FAINT_MASK})" for letter in inner), last))
    for hidden in range(1, len(letters) - 1):
        yield "".join((*letters[:hidden], DOTS, *letters[hidden + 1 :]))
