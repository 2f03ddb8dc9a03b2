"""Listed terms, undisguised or in leet: terms in, where they stand in normal forms out."""

from array import array
from collections.abc import Sequence
from typing import Final

from ahocorasick_rs import AhoCorasick, Implementation

from streams.core.confusable import alike_as_leet, in_leet
from streams.core.normal import normal
from streams.core.script import bounds_word, is_word
from streams.core.span import Span

# Bytes of all terms up to which the automaton is a table of all transitions: three times as fast, and up to 128 bytes
# for each of these with an alphabet of 31 letters.
LARGEST_TABLE: Final = 400_000
# In larger automata a term that is in no text stands first, with one character for so many others. The library moves
# the states in which a term ends to the front, in steps as long as there are other states before them. When nearly all
# are such ends, as with `term0` to `term999999`, the steps are four states long and take quadratic time; so it is this
# many steps at most.
TERMS_TO_STATE: Final = 16

# Where words must have a border.
START: Final = 1
END: Final = 2


class Terms:
    """Terms of all lists that normalise in the same way, before the search is built.

    They are kept in columns: an object for each of a million terms takes longer to make than the automaton.
    """

    def __init__(self, *, alike: bool, leet: bool) -> None:
        self.alike = alike
        self.leet = leet
        self.size = 0  # bytes of all forms
        self.forms: list[str] = []  # normal forms, not in leet
        self.owners = array("I")  # indices of their lists
        self.borders = bytearray()  # START, END, both or neither

    def add(self, owner: int, term: str, *, words: bool) -> bool:
        """Add a term of a list; say whether anything of it was left after normalisation."""
        form = normal(term, alike=self.alike).strip()
        if form:
            key = self._key(form)
            self.size += len(form) if form.isascii() else len(form.encode())
            self.forms.append(form)
            self.owners.append(owner)
            self.borders.append(START * bounds_word(key[0]) | END * bounds_word(key[-1]) if words else 0)
        return bool(form)

    def arrange(self) -> None:
        """Put the terms into the order in which a large automaton is built fastest.

        What has one beginning stands together, and so it does in memory; a term that is in no text stands first.
        """
        order = sorted(range(len(self.forms)), key=self.forms.__getitem__)
        unseen = "\0" * (len(order) // TERMS_TO_STATE + 1)  # no normal form holds this character
        self.forms = [unseen, *(self.forms[number] for number in order)]
        self.owners = array("I", (0, *(self.owners[number] for number in order)))
        self.borders = bytearray((0, *(self.borders[number] for number in order)))

    def keys(self) -> list[str]:
        """Return what is searched for, one key for each term."""
        return list(map(self._key, self.forms)) if self.leet else self.forms

    def _key(self, form: str) -> str:
        return in_leet(form) if self.leet else form


class Search:
    """One automaton over all terms that normalise in the same way."""

    def __init__(self, terms: Terms) -> None:
        self.alike = terms.alike
        self.leet = terms.leet
        table = Implementation.DFA if terms.size <= LARGEST_TABLE else None
        if not table:
            terms.arrange()
        self._automaton = AhoCorasick(terms.keys(), implementation=table, store_patterns=False)
        self._owners = terms.owners
        self._borders = bytes(terms.borders)
        self._forms = terms.forms if self.leet else []

    def hits(self, joined: str) -> Sequence[tuple[int, Span]]:
        """Return list index and span of every term that stands in normal forms, joined by line breaks."""
        text = in_leet(joined) if self.leet else joined
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return found and [
            (self._owners[term], (start, end)) for term, start, end in found if self._stands(term, joined, start, end)
        ]

    def _stands(self, term: int, joined: str, start: int, end: int) -> bool:
        """Say whether a term stands where the automaton found its letters."""
        borders = self._borders[term]
        return (
            not (borders & START and start and is_word(joined[start - 1]))
            and not (borders & END and end < len(joined) and is_word(joined[end]))
            and (not self.leet or alike_as_leet(self._forms[term], joined[start:end]))
        )
