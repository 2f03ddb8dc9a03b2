"""Spaced letters: `f u c k  y o u` and `k.i.l.l` in, the words out."""

import re
from collections.abc import Container
from typing import Final

from streams.obfuscation.leet import plain

BETWEEN: Final = r"[ .\-_*/,|~+]{1,3}"
# Three single letters or more; the second kind has digits and signs among them.
LETTERS: Final = re.compile(rf"(?<![\w'@$])[a-z](?:{BETWEEN}[a-z](?![\w'@$])){{2,999}}")
IN_LEET: Final = re.compile(rf"(?<![\w'@$])[a-z0-9@$](?:{BETWEEN}[a-z0-9@$!](?![\w'@$])){{2,}}")
SPACED: Final = re.compile(f"({BETWEEN})")
FEWEST: Final = 3  # letters of a run
LONGEST: Final = 12  # letters of a word that is looked for in a run
# Three letters are a known word where such signs stand between, and otherwise one of these: `a b c` and `a/b/c` stay.
JOINING: Final = frozenset(".-_*")
SHORT: Final = frozenset({"ass", "cum", "die", "fag", "gun", "kys", "sex", "xxx"})
ALONE: Final = frozenset("aiu")  # letters that are words; they cost more than any word does
COSTS: Final = (0, 3, 2, *[1] * (LONGEST - 2))  # of a word with so many letters


def words_in(letters: str, known: Container[str]) -> list[str] | None:
    """Return letters without spaces as the fewest known words, or None where the words would be short on average."""
    # For the first n letters: what their words cost, and where the last of them starts. Too much where there is no way.
    costs, starts = [0], [0]
    for end in range(1, len(letters) + 1):
        least, chosen = len(letters), end - 1
        for start in range(max(0, end - LONGEST), end):
            cost = costs[start] + COSTS[end - start]
            if cost < least and (letters[start:end] in known or (end - start == 1 and letters[start] in ALONE)):
                least, chosen = cost, start
        costs.append(least)
        starts.append(chosen)
    if costs[-1] * 2 > len(letters):
        return None
    words: list[str] = []
    end = len(letters)
    while end:
        start = starts[end]
        words.append(letters[start:end])
        end = start
    return words[::-1]


def joined(text: str, known: Container[str]) -> str:
    """Return a lower-case text with runs of single letters made words, where they make known words."""

    def letters(match: re.Match[str]) -> str:
        parts = SPACED.split(match[0])
        run = "".join(parts[::2])
        if len(run) == FEWEST and run not in SHORT and (run not in known or not JOINING.issuperset(parts[1])):
            return match[0]
        words = words_in(run, known)
        return " ".join(words) if words else match[0]

    def leet(match: re.Match[str]) -> str:
        return plain("".join(SPACED.split(match[0])[::2]), known) or match[0]

    return IN_LEET.sub(leet, LETTERS.sub(letters, text))
