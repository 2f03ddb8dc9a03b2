"""Exceptions: words in, whether a match lies within one of them out."""

from collections.abc import Iterable
from typing import Final

from streams.core.normal import normal
from streams.core.script import is_word
from streams.core.span import Span

LONGEST: Final = 40  # characters that a word may go on on either side of a match


class Exceptions:
    """Words that hold a listed term and are harmless; with a star at the end, all words that begin so."""

    def __init__(self, words: Iterable[str]) -> None:
        forms = [normal(word, alike=alike).strip() for word in words for alike in (False, True)]
        self._whole = frozenset(form for form in forms if not form.endswith("*"))
        self._begun = tuple({form[:-1] for form in forms if form.endswith("*")})

    def __bool__(self) -> bool:
        """Say whether there are any."""
        return bool(self._whole or self._begun)

    def cover(self, form: str, span: Span) -> bool:
        """Say whether a match in a normal form is part of an excepted word."""
        start, end = span
        first, last = max(0, start - LONGEST), min(len(form), end + LONGEST)
        while start > first and is_word(form[start - 1]):
            start -= 1
        while end < last and is_word(form[end]):
            end += 1
        word = form[start:end]
        return word in self._whole or (bool(self._begun) and word.startswith(self._begun))
