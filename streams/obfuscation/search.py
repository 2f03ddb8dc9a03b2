"""Search for disguised words: normal forms of texts in, where listed words are written in disguise out."""

from collections.abc import Sequence
from typing import Final
from weakref import WeakValueDictionary

import re2

from streams.core.span import Span, merged
from streams.obfuscation.disguise import CYRILLIC, Stem, Ways, expression

# Terms of one list: their expression takes some 20 kB each.
MOST_TERMS: Final = 3000
MEMORY: Final = 256 << 20  # bytes for the expression and its states, at most


class Disguises:
    """One search over all terms of a list in one alphabet, for every way to write them that the list names."""

    def __init__(self, written: str, *, cyrillic: bool) -> None:
        options = re2.Options()
        options.longest_match = True
        options.max_mem = MEMORY
        options.log_errors = False
        options.never_capture = True
        self.cyrillic = cyrillic  # then the forms are such that keep Cyrillic letters
        self._pattern = re2.compile(written, options)
        self._any = re2.Set.SearchSet(options)  # says in a quarter of the time whether there is anything to find
        self._any.Add(written)
        self._any.Compile()

    def hits(self, joined: str, known: Sequence[Span]) -> list[Span]:
        """Return where in normal forms, joined by line breaks, something is written like a listed word.

        Nothing is found where the spans are that are known already.
        """
        around = f"\n{_without(joined, known) if known else joined}\n"
        if not self._any.Match(around):
            return []
        found: list[Span] = []
        # A border belongs to one match only: what lies between two matches is found when these are out of the way.
        # A match of the expression begins and ends with a border, and the first border is not part of the text.
        while spans := [(start, end - 2) for start, end in (match.span() for match in self._pattern.finditer(around))]:
            found += (span for span in spans if self._is_word(joined[slice(*span)]))
            around = f"\n{_without(around[1:-1], spans)}\n"
        return found

    def _is_word(self, written: str) -> bool:
        """Say whether enough letters are shown: two, and in a Cyrillic word a third of them Cyrillic."""
        letters = sum(map(str.isalpha, written))
        return letters > 1 and (not self.cyrillic or len(CYRILLIC.findall(written)) * 3 >= letters)


def _without(form: str, spans: Sequence[Span]) -> str:
    """Return a form with signs that mean nothing in place of what some spans hold; they may overlap."""
    pieces: list[str] = []
    position = 0
    for start, end in merged(spans):
        pieces += form[position:start], "\0" * (end - start)
        position = end
    return "".join((*pieces, form[position:]))


# Searches that somebody holds. A list that a new version of a policy leaves as it was keeps its search, which takes
# tens of milliseconds to compile.
_held: Final[WeakValueDictionary[tuple[str, bool], Disguises]] = WeakValueDictionary()


def _search(written: str, *, cyrillic: bool) -> Disguises:
    found = _held.get((written, cyrillic))
    if found is None:
        found = _held[written, cyrillic] = Disguises(written, cyrillic=cyrillic)
    return found


def disguises(stems: Sequence[Stem], ways: Ways) -> tuple[Disguises, ...]:
    """Return a search for each alphabet of the stems; raise ValueError where they are too many."""
    if len(stems) > MOST_TERMS:
        raise ValueError(
            f"{len(stems):,} terms: `spaced`, `repeated`, `masked` and `inflected` are for lists of at most "
            f"{MOST_TERMS:,}; put the commonest into a list of their own"
        )
    found = []
    for cyrillic in (False, True):
        written = expression([stem for stem in stems if stem.cyrillic is cyrillic], ways)
        if written:
            found.append(_search(written, cyrillic=cyrillic))
    return tuple(found)
