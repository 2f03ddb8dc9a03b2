"""The form in which a text is searched: digits and signs as ASCII, nothing unseen; and the way back to the original.

Case and line breaks stay, which checksums and addresses need (`core/normal.py` folds both). Every character stands
for one character of the text, so only what was left out shifts offsets.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from streams.core.normal import IN_TABLE, patterns
from streams.core.span import Span

# Blocks whose characters stand for ASCII ones one by one: enclosed and fullwidth; decimal digits of any script join.
BLOCKS: Final = (range(0x2460, 0x24EB), range(0xFF01, 0xFF5F))
DIGITS: Final = (range(0x660, 0x10000), range(0x10000, 0x20000))
SIGNS: Final = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-"),
    **dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2024\u3002\uff61\ufe52", "."),
    **dict.fromkeys("\ufe6b", "@"),
    **dict.fromkeys("\u2044\u2215", "/"),
}


_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")  # what is unseen in ASCII


class Form(NamedTuple):
    """A text as it is searched."""

    text: str
    origins: tuple[int, ...] | None  # of each character its place in the original; None where nothing was left out

    def span(self, start: int, end: int) -> Span:
        """Return a span of the form as the span of the original that it stands for."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def _readings() -> Iterator[tuple[str, str]]:
    for block in BLOCKS:
        for character in map(chr, block):
            plain = unicodedata.normalize("NFKC", character)
            if len(plain) == 1 and plain.isascii():
                yield character, plain
    for block in DIGITS:
        for character in map(chr, block):
            if unicodedata.category(character) == "Nd":
                yield character, str(unicodedata.decimal(character))
    yield from SIGNS.items()


@cache
def _table() -> tuple[re.Pattern[str], dict[int, str]]:
    """Return what finds the characters that are read as others, and some more, and how they are read."""
    readings = dict(_readings())
    # Planes above the first as one range: `re` would walk through their characters, in ten times the time.
    known = "".join(re.escape(character) for character in sorted(readings) if ord(character) <= IN_TABLE)
    return re.compile(f"[{known}\U00010000-\U0001ffff]"), {ord(key): value for key, value in readings.items()}


def prepare() -> None:
    """Build the tables now, which takes about a tenth of a second, and not while a message waits."""
    _table()
    patterns()


def formed(text: str) -> Form:
    """Return the form of any text, lone surrogates included."""
    if text.isascii() and (text.isprintable() or not _CONTROLS.search(text)):
        return Form(text, None)
    known, readings = _table()
    if known.search(text):
        text = known.sub(lambda match: readings.get(ord(match[0]), match[0]), text)
    characters = patterns()
    if (text.isprintable() and not characters.hidden.search(text)) or not characters.unseen.search(text):
        return Form(text, None)
    parts, kept, position = [], [], 0
    for match in characters.unseen.finditer(text):
        parts.append(text[position : match.start()])
        kept.append(range(position, match.start()))
        position = match.end()
    parts.append(text[position:])
    kept.append(range(position, len(text)))
    return Form("".join(parts), tuple(place for places in kept for place in places))
