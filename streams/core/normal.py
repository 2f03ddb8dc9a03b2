"""Normal form of a text for matching, and the way back to the characters of the original.

Texts and terms are brought to the same form; a match in the form becomes a span of the text as it was written.
The form comes from whole-string operations, which are fast; offsets are worked out only where something matched,
cluster by cluster (a character with its marks), because no step reaches across the border of two clusters.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import Final, NamedTuple

from streams.core.confusable import decorated, look_alikes
from streams.core.span import Span

# Marks on one letter that are kept. No orthography needs more, and sorting thousands of them takes quadratic time.
MARKS: Final = 8

# Nothing is seen of these: controls that are no white space, grapheme joiner, Hangul fillers, variation selectors, and
# halves of surrogate pairs, which are no characters and which nobody can encode.
# With them goes all of category Cf: zero-width space and joiners, soft hyphen, bidi controls, tags.
UNSEEN: Final = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u034f\u115f\u1160\u3164\ud800-\udfff\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef"
)

# Code points that can have a category; planes 4 to 13 hold no characters.
POINTS: Final = (range(0x40000), range(0xE0000, 0xF0000))

# What telephones write in place of '; the three replacements cost less than one `translate`.
APOSTROPHES: Final = "\u2018\u2019\u02bc"

# `re` looks characters up to here up in a table, and walks through the ranges above.
IN_TABLE: Final = 0xFFFF

# Blocks in which are the signs of most messages that are not ASCII: letters with marks, punctuation, emoji.
COMMON: Final = (range(0xA1, 0x180), range(0x2010, 0x2800), range(0x1F300, 0x1FB00))

SHORT: Final = 500  # characters of a text whose form is remembered

# White space that is not one space; to pass over the single ones saves most of the time.
WHITE: Final = re.compile(r"\s{2,}|[^\S ]")


class Patterns(NamedTuple):
    """Regular expressions made from the character data of this Python."""

    unseen: re.Pattern[str]
    hidden: re.Pattern[str]  # what is unseen although `str.isprintable` counts it as printable
    excess: re.Pattern[str]  # marks after the eighth; group 1 is what stays
    marked: re.Pattern[str]  # marks on an ASCII letter or digit
    # the two before, searched for by a smaller class that finds a little more
    may_exceed: re.Pattern[str]
    may_be_marked: re.Pattern[str]
    decorated: re.Pattern[str]
    alike: re.Pattern[str]
    other: re.Pattern[str]  # all but what is a character of its own and stays, whatever stands around it


def _ranges(points: Iterable[int]) -> Iterator[str]:
    """Return rising code points as the ranges of a character class."""
    first = last = -1
    for point in points:
        if point != last + 1:
            if first >= 0:
                yield f"\\U{first:08x}-\\U{last:08x}"
            first = point
        last = point
    yield f"\\U{first:08x}-\\U{last:08x}"


@cache
def patterns() -> Patterns:
    """Compile the patterns; takes about a tenth of a second, once per process."""
    formats, marks = [], []
    for point in chain.from_iterable(POINTS):
        category = unicodedata.category(chr(point))
        if category == "Cf":
            formats.append(point)
        elif category[0] == "M":
            marks.append(point)
    unseen = "".join(_ranges(formats))
    mark = "".join(_ranges(marks))
    may = "".join(_ranges(point for point in marks if point <= IN_TABLE)) + "\U00010000-\U0001efff\U0003ffff-\U0010ffff"
    return Patterns(
        unseen=re.compile(f"[{UNSEEN}{unseen}]+"),
        hidden=re.compile(f"[{UNSEEN}]"),
        excess=re.compile(f"([{mark}]{{{MARKS}}})[{mark}]+"),
        marked=re.compile(f"(?<=[a-z0-9])[{mark}]+"),
        may_exceed=re.compile(f"[{may}]{{{MARKS + 1}}}"),
        may_be_marked=re.compile(f"[a-z0-9][{may}]"),
        decorated=re.compile(f"[{''.join(_ranges(sorted(map(ord, decorated()))))}]"),
        alike=re.compile(f"[{''.join(map(chr, look_alikes()))}]"),
        other=re.compile(f"[^\t\n\r -~{APOSTROPHES}{''.join(_ranges(filter(_stays, chain.from_iterable(COMMON))))}]"),
    )


def _stays(point: int) -> bool:
    """Say whether a printable character is its own normal form, and joins no other."""
    character = chr(point)
    return (
        character.isprintable()
        and character == character.lower() == character.casefold() == unicodedata.normalize("NFKC", character)
        and not (re.match(f"[{UNSEEN}]", character) or character in decorated() or point in look_alikes())
        and not _joins(character)
    )


def is_plain(text: str) -> bool:
    """Say whether the normal form is `text.lower()`, character by character."""
    return text.isascii() and text.isprintable() and "  " not in text


def normal(text: str, *, alike: bool) -> str:
    """Return the normal form: folded case, NFKC, nothing unseen, one space for any run of white space.

    Apostrophes are of one kind. With `alike`, letters that look like Latin ones become these, and marks on Latin
    letters go that NFKC did not join to them. The form of a text that is plain has its length; none holds a line break.
    """
    return _remembered(text, alike) if len(text) <= SHORT else _normal(text, alike)


def _normal(text: str, alike: bool) -> str:  # noqa: FBT001  lru_cache tells keywords apart by their order
    if text.isascii() and text.isprintable():  # nothing unseen, and NFKC changes nothing
        return WHITE.sub(" ", text.lower()) if "  " in text else text.lower()
    # A search for one character of a class takes a tenth of a substitution that finds nothing.
    known = patterns()
    if not known.other.search(text):
        return _with_single_spaces(_with_one_apostrophe(text.lower()))
    if not text.isprintable() or known.hidden.search(text):
        text = known.unseen.sub("", text)
    if known.may_exceed.search(text):
        text = known.excess.sub(r"\1", text)
    if alike and known.decorated.search(text):
        text = known.decorated.sub(lambda match: decorated()[match[0]], text)
    return _with_single_spaces(_folded(text, alike=alike))


def _folded(text: str, *, alike: bool) -> str:
    """Return a pruned text in folded NFKC; every step works within clusters, or character by character."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = text.replace("i\u0307", "i")  # what folding makes of the Turkish capital İ
    text = _with_one_apostrophe(text)
    if alike and not text.isascii():
        known = patterns()
        if known.alike.search(text):
            text = text.translate(_readings())
        if known.may_be_marked.search(text):
            text = known.marked.sub("", text)
    return text


def _with_one_apostrophe(text: str) -> str:
    for apostrophe in APOSTROPHES:
        text = text.replace(apostrophe, "'")
    return text


def _with_single_spaces(text: str) -> str:
    return text if text.isprintable() and "  " not in text else WHITE.sub(" ", text)


_remembered = lru_cache(maxsize=512)(_normal)  # several engines ask for the forms of one batch


@cache
def _readings() -> Mapping[int, str | int]:
    """Return the look-alikes, with the other characters of their blocks: a miss costs `str.translate` an exception."""
    return {**dict(zip(range(0x600), range(0x600), strict=True)), **look_alikes()}


def spans_of(text: str, found: Iterable[Span], *, alike: bool) -> list[Span]:
    """Return spans of the normal form as the spans of the text that they stand for.

    A character of the text that became several is covered whole. Unseen characters are covered where they stand
    between two that are covered.
    """
    if is_plain(text):
        return list(found)
    starts, ends = _offsets(text, alike=alike) if patterns().other.search(text) else _spaced(text)
    return [(starts[start], ends[end - 1]) for start, end in found]


def _spaced(text: str) -> tuple[list[int], list[int]]:
    """Return the offsets of a text of which only runs of spaces become shorter."""
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for run in WHITE.finditer(text):
        starts += range(position, run.start() + 1)
        ends += range(position + 1, run.start() + 1)
        ends.append(run.end())
        position = run.end()
    starts += range(position, len(text))
    ends += range(position + 1, len(text) + 1)
    return starts, ends


def _offsets(text: str, *, alike: bool) -> tuple[list[int], list[int]]:
    """Return for each character of the normal form where its origin starts and ends in the text."""
    starts: list[int] = []
    ends: list[int] = []
    in_white = False
    for cluster, start, end in _clusters(text, alike=alike):
        for character in _folded(cluster, alike=alike):
            white = character.isspace()
            if white and in_white:
                ends[-1] = end
            else:
                starts.append(start)
                ends.append(end)
            in_white = white
    return starts, ends


def _clusters(text: str, *, alike: bool) -> Iterator[tuple[str, int, int]]:
    """Yield what is seen, a character with what joins it, and where it starts and ends in the text."""
    unseen = patterns().unseen
    cluster, start, end, marks = "", 0, 0, 0
    for position, character in enumerate(text):
        if unseen.match(character):
            continue
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks > MARKS:
            end = position + 1
            continue
        if cluster and not _joins(character):
            yield cluster, start, end
            cluster = ""
        if not cluster:
            start = position
        cluster += decorated().get(character, character) if alike else character
        end = position + 1
    if cluster:
        yield cluster, start, end


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    """Say whether NFKC can join a character to the one before it: marks, and Hangul vowels and final consonants."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first)[0] == "M" or "\u1160" <= first <= "\u11ff"
