"""A hostile text and the spans that matter in, segments that a page or a terminal can show out; nothing in them acts.

What cannot be seen is written as its code: controls, bidi overrides, zero-width characters, what is not assigned. What
writing systems need stays: right-to-left letters, joiners between letters that join, emoji of several parts.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, Literal, NamedTuple

from streams.core.content import TEXT_LIMIT
from streams.core.span import Span, merged

# text: to be shown as it is, line breaks kept. escaped: stands for characters that are not shown. cut: tells of what
# is left out.
SegmentKind = Literal["text", "escaped", "cut"]

MARKS: Final = 4  # marks above and below one letter that are shown; orthographies need no more, towers of them do
RUN: Final = 40  # characters without white space after which a line may break
WIDTH: Final = 160  # characters of an excerpt
NAME: Final = 80  # characters of a name
LEAD: Final = 4  # one part in so many of an excerpt stands before what was found

# Printable by category, and yet nothing is seen: grapheme joiner, fillers, inherent vowels, Mongolian selectors, an
# empty Braille cell, an empty notehead (Unicode 16, Default_Ignorable_Code_Point, and the last two).
UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159")
# Of category Cf, and yet seen: signs that enclose the digits behind them (Prepended_Concatenation_Mark).
SEEN: Final = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
JOINERS: Final = frozenset("\u200c\u200d")
# Scripts whose letters join, and use joiners to say so: Arabic, Syriac, N'Ko, those of India, Tibetan, Myanmar, Khmer,
# Mongolian.
JOINING: Final = re.compile("[\u0620-\u07ff\u0840-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # variation selectors
PICTURE_SELECTORS: Final = frozenset("\ufe0e\ufe0f")
PICTURED: Final = frozenset("\xa9\xae\u203c\u2049\u2122\u2139\u3030\u303d")  # beside the symbols
KEYCAP: Final = "\u20e3"
SYMBOLS: Final = 0x2190  # the first arrow: no symbol below it is part of an emoji
IDEOGRAPHS: Final = 0x2E80
RETURN: Final = "⏎"  # for a line break in a name
LINES: Final = {0x0A: " ", 0x0D: " "}

_Form = Literal["text", "code", "mark", "gone"]
_LONG: Final = re.compile(rf"\S{{{RUN}}}(?=\S)")


class Segment(NamedTuple):
    """A stretch of a text. A line may break between any two; a long word is cut into several."""

    text: str
    marked: bool = False  # whether its characters lie in a span; of `cut` whether a span lies in what is left out
    kind: SegmentKind = "text"


def segments(text: str, spans: Iterable[Span] = (), limit: int = TEXT_LIMIT) -> tuple[Segment, ...]:
    """Return a text's first `limit` characters; spans are [start, end) in its characters, what is outside is ignored.

    Text segments put together are all characters that can be seen, in order. An escape is `⟨U+202E⟩`, of a character
    that stands there several times `⟨U+202E x5⟩`; marks beyond what a letter bears are counted: `⟨+57 marks⟩`.
    """
    shown = text[:limit]
    marked, beyond = bytearray(len(shown)), False
    for start, end in merged(spans):
        first, last = max(0, start), min(end, len(shown))
        marked[first:last] = b"\1" * max(0, last - first)
        beyond = beyond or (end > limit and start < len(text))
    result: list[Segment] = []
    for (form, of, is_marked), group in groupby(zip(shown, _forms(shown), marked, strict=True), _likeness):
        if form == "text":
            letters = "".join(character for character, _, _ in group)
            result += [Segment(part, bool(is_marked)) for part in _broken(letters)]
        elif form != "gone":
            result.append(Segment(_escape(of, sum(1 for _ in group)), bool(is_marked), "escaped"))
    if len(text) > limit:
        result.append(Segment(f"⟨+{len(text) - limit} characters⟩", beyond, "cut"))
    return tuple(result)


def excerpt(text: str, spans: Iterable[Span] = (), width: int = WIDTH) -> tuple[Segment, ...]:
    """Return one line of about `width` characters around the first span; `…` of kind `cut` where more stands."""
    ordered = merged(spans)
    first = ordered[0][0] if ordered else 0
    start = max(0, min(first - width // LEAD, len(text) - width))
    part = text[start : start + width].translate(LINES)
    shown = segments(part, [(max(0, since - start), end - start) for since, end in ordered if end > start], width)
    before = (Segment("…", kind="cut"),) if start > 0 else ()
    after = (Segment("…", kind="cut"),) if start + width < len(text) else ()
    return before + shown + after


def inert(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return a text for a terminal: its segments as one string, with line breaks."""
    return "".join(segment.text for segment in segments(text, limit=limit))


def named(text: str, limit: int = NAME) -> str:
    """Return a name (of a user, a file, a rule) as one line of `limit` characters at most, `…` where it was cut."""
    if len(text) <= limit and text.isascii() and text.isprintable():  # most are: nothing in it is shown otherwise
        return text
    shown = segments(text[: limit + 1].replace("\n", RETURN))
    line, left = "", limit if sum(len(segment.text) for segment in shown) <= limit else limit - 1
    for segment in shown:
        if len(segment.text) > left:
            return line + (segment.text[:left] if segment.kind == "text" else "") + "…"
        line, left = line + segment.text, left - len(segment.text)
    return line


def _likeness(each: tuple[str, _Form, int]) -> tuple[_Form, str, int]:
    character, form, marked = each
    return form, character if form == "code" else "", marked


def _escape(character: str, times: int) -> str:
    if not character:
        return f"⟨+{times} mark{'s' if times > 1 else ''}⟩"
    return f"⟨U+{ord(character):04X}{f' x{times}' if times > 1 else ''}⟩"


def _forms(text: str) -> Iterator[_Form]:
    """Yield of each character how it is shown."""
    based, marks = False, 0  # whether a letter stands before that can bear marks, and how many it bears
    for place, character in enumerate(text):
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        if character == "\n":
            based = False
            yield "text"
        elif character == "\r" and after == "\n":
            yield "gone"
        elif character.isascii() and character.isprintable():
            based, marks = True, 0
            yield "text"
        elif not _is_seen(character, before, after):
            based = False
            yield "code"
        elif character in JOINERS or SELECTORS.match(character):
            yield "text"
        elif unicodedata.category(character) in {"Mn", "Me"}:
            marks += 1
            yield "code" if not based else "text" if marks <= MARKS else "mark"
        else:
            based, marks = True, 0
            yield "text"


def _is_seen(character: str, before: str, after: str) -> bool:
    """Say whether a character can be seen, or joins what can be, given its neighbours."""
    if character in JOINERS:
        joins = JOINING.match(before) and JOINING.match(after)
        return bool(joins) or (character == "\u200d" and _is_picture(before) and _is_picture(after))
    if SELECTORS.match(character):
        if character in PICTURE_SELECTORS:
            return after == KEYCAP or before in PICTURED or _is_picture(before)
        return bool(before) and ord(before) >= IDEOGRAPHS and unicodedata.category(before) == "Lo"
    if character in UNSEEN:
        return False
    return character.isprintable() or character in SEEN or unicodedata.category(character) == "Zs"


def _is_picture(character: str) -> bool:
    """Say whether a character may be a part of an emoji."""
    if character in PICTURE_SELECTORS or not character:
        return bool(character)
    return ord(character) >= SYMBOLS and unicodedata.category(character) in {"So", "Sk", "Sm"}


def _broken(text: str) -> Iterator[str]:
    """Yield the parts of a text between which a line may break although there is no white space."""
    start = 0
    for run in _LONG.finditer(text):
        end = run.end()
        while end < len(text) and _clings(text[end - 1], text[end]):
            end += 1
        if end > start:
            yield text[start:end]
            start = end
    if start < len(text):
        yield text[start:]


def _clings(before: str, character: str) -> bool:
    """Say whether a character belongs to the one before it."""
    return before in JOINERS or character in JOINERS or unicodedata.category(character)[0] == "M"
