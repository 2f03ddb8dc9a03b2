"""Plain form of a text that disguises names, numbers and addresses, and the way back to the text as written.

On top of the normal form of the core: leet in names of services, single spaced letters and digits, numbers in words,
`(at)` and `dot` become what they stand for. Each step is one substitution that remembers what it replaced.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import re2

from streams.core.normal import is_plain, normal, spans_of
from streams.core.span import Span
from streams.solicitation.expression import compiled, places
from streams.solicitation.service import LEET_NAMES, plain_name

WHITE: Final = re.compile(r"\s")  # each stays one character
DIGITS: Final = {
    "zero": "0", "oh": "0", "o": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
}  # fmt: skip
TIMES: Final = {"double": 2, "triple": 3}
_NUMBER: Final = rf"(?:(?:{'|'.join(TIMES)}) )?(?:{'|'.join(DIGITS)}|[0-9]{{1,4}})"
_APART: Final = r"(?:[ ,.]|-| - )+"

# Endings of addresses that are spelled out; a bare `dot me` is no address.
ENDINGS: Final = "com|net|org|co|uk|io|info|ru|de|fr|edu|gg|biz|us|ca|au|in|ng|app|xyz"
# Words before ` at ` that are no local part: `meet me at shop.com` names a place.
NO_LOCAL_PART: Final = frozenset(
    {"me", "us", "you", "it", "him", "her", "them", "here", "shop", "order", "look", "available", "online", "now",
     "out", "visit", "check", "buy", "page", "site", "link", "was", "is", "are", "be", "sign", "log", "work"}
)  # fmt: skip


class Edit(NamedTuple):
    """One replacement: where it stands in the new text, and what it stands for in the old one."""

    start: int
    end: int
    old_start: int
    old_end: int


class Step(NamedTuple):
    """One way to disguise: where it may be at work, what the disguise is, and what is under it."""

    name: str
    hint: str  # matches wherever the pattern does; cheap
    pattern: Any
    plain: Callable[[str], str | None]  # the matched text -> what it stands for; None: leave it


def _digits(matched: str) -> str | None:
    """Return numbers in words as digits; None where no word is among them."""
    if not any(map(str.isalpha, matched)):
        return None
    result, times = "", 1
    for word in re2.findall("[a-z]+|[0-9]+", matched):
        if word in TIMES:
            times = TIMES[word]
            continue
        result += DIGITS.get(word, word) * times
        times = 1
    return result


def _joined(matched: str) -> str:
    return "".join(filter(str.isalnum, matched))


def _address(matched: str) -> str | None:
    local, _, domain = matched.partition(" at ")
    return None if local in NO_LOCAL_PART else f"{local}@{domain.strip()}"


STEPS: Final = (
    Step("leet", LEET_NAMES, compiled(LEET_NAMES), plain_name),
    # `w h a t s a p p`, `k i k`, `5 5 5 1 2 3`
    Step(
        "spaced",
        r"\b[a-z0-9][ ._*-][a-z0-9][ ._*-][a-z0-9]\b",
        compiled(r"\b[a-z0-9](?:[ ._*-]{1,2}[a-z0-9]){2,}\b"),
        _joined,
    ),
    Step(
        "numbers",
        rf"\b(?:{'|'.join(word for word in DIGITS if len(word) > 1)}){_APART}{_NUMBER}\b",
        compiled(rf"\b{_NUMBER}(?:{_APART}{_NUMBER}){{2,}}\b"),
        _digits,
    ),
    Step(
        "address",
        rf"[(\[{{<*_] ?(?:at|dot) ?[)\]}}>*_]|\bdot +(?:{ENDINGS})\b",
        compiled(r" ?[(\[{<*_]+ ?at ?[)\]}>*_]+ ?"),
        lambda _: "@",
    ),
    Step(
        "address",
        "",
        compiled(rf" ?[(\[{{<*_]+ ?dot ?[)\]}}>*_]+ ?| dot (?:{ENDINGS})\b"),
        lambda matched: "." + matched.strip(" ()[]{}<>*_").removeprefix("dot").strip(),
    ),
    Step(
        "address",
        "",
        compiled(rf"\b[a-z0-9._+-]+ at [a-z0-9-]+(?: ?\. ?[a-z0-9-]+){{0,2}} ?\. ?(?:{ENDINGS})\b"),
        _address,
    ),
    Step("address", "", compiled(r"\b[a-z0-9]+ dot [a-z0-9._+-]+@"), lambda matched: matched.replace(" dot ", ".")),
)
HINTS: Final[tuple[tuple[str, str], ...]] = tuple((step.name, step.hint) for step in STEPS if step.hint)


class Form:
    """A text in plain form; `undisguised` tells what was brought to light, `origin` leads back."""

    __slots__ = ("_normal", "_passes", "_text", "text")

    def __init__(self, text: str) -> None:
        self._text = text
        form = normal(text, alike=True)
        self.text = self._normal = form if form.isascii() else form.encode("utf-8", "replace").decode()  # surrogates
        self._passes: list[tuple[str, list[Edit]]] = []

    def undisguise(self, names: Iterable[str]) -> bool:
        """Apply the steps of these names; say whether the text changed."""
        wanted = frozenset(names)
        before = len(self._passes)
        for step in STEPS:
            if step.name in wanted:
                self.text, edits = _edited(self.text, step)
                if edits:
                    self._passes.append((step.name, edits))
        return len(self._passes) > before

    def undisguised(self, span: Span) -> frozenset[str]:
        """Return the names of the steps that changed something within a span of the plain form."""
        names = set()
        for name, edits in reversed(self._passes):
            if any(edit.start < span[1] and span[0] < edit.end for edit in edits):
                names.add(name)
            span = _before(span, edits)
        return frozenset(names)

    def origin(self, spans: Iterable[Span]) -> list[Span]:
        """Return spans of the plain form as the spans of the text that they stand for."""
        found = list(spans)
        for _, edits in reversed(self._passes):
            found = [_before(span, edits) for span in found]
        if (
            not found
            or is_plain(self._text)
            or self._normal == WHITE.sub(" ", self._text.lower()).replace("\u2019", "'")
        ):
            return found  # character by character the same: the slow way back is for what is not
        return spans_of(self._text, found, alike=True)


def _edited(text: str, step: Step) -> tuple[str, list[Edit]]:
    parts: list[str] = []
    edits: list[Edit] = []
    position = length = 0
    for start, end in places(step.pattern, text):
        plain = step.plain(text[start:end])
        if plain is None or plain == text[start:end]:
            continue
        parts += text[position:start], plain
        length += start - position
        edits.append(Edit(length, length + len(plain), start, end))
        length += len(plain)
        position = end
    return "".join((*parts, text[position:])) if edits else text, edits


def _before(span: Span, edits: Sequence[Edit]) -> Span:
    """Return a span as it was before the edits; one that cuts into a replacement covers all of what it replaced."""
    return _position(span[0], edits, end=False), _position(span[1], edits, end=True)


def _position(position: int, edits: Sequence[Edit], *, end: bool) -> int:
    index = bisect_right(edits, (position - 1 if end else position, 1 << 62)) - 1
    if index < 0:
        return position
    edit = edits[index]
    if position <= edit.end if end else position < edit.end:
        return edit.old_end if end else edit.old_start
    return position - edit.end + edit.old_end
