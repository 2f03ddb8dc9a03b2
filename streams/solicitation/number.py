"""Numbers and addresses in disguise: a plain form in, the places where somebody spells out how to be reached."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from streams.core.span import Span
from streams.solicitation.expression import compiled, occurs, places, words
from streams.solicitation.form import ENDINGS, Form

# Subscriber numbers have at least seven digits, numbers with a country code at most fifteen (E.164).
FEWEST, MOST = 7, 15
WITH_AREA: Final = 10  # digits of most numbers that can be called from anywhere

_NUMBER: Final = compiled(r"\+?[0-9](?:[ ().,-]{0,2}[0-9]){6,18}")
_ADDRESS: Final = compiled(rf"[a-z0-9._+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+){{0,3}}\.(?:{ENDINGS})\b")
_CUE: Final = compiled(
    words(
        "text|call|number|reach|phone|cell|whatsapp|ring|contact|digits|mobile|hmu|plus|message|msg|dial|nr|hit me|me"
    )
)
_FREE_MAIL: Final = compiled(words("gmail|hotmail|yahoo|ymail|outlook|icloud|proton|protonmail|aol|gmx|live|msn|mail"))

IN_WORDS: Final = 0.6  # nobody spells out seven digits by chance
SPACED: Final = 0.4  # scores and ratings stand apart too
CUE: Final = 0.2
ADDRESS: Final = 0.5
FREE_MAIL: Final = 0.2


class Spelled(NamedTuple):
    """What was spelled out, where in the plain form, and how sure it is contact (0..1)."""

    points: float
    span: Span


def is_count(digits: str) -> bool:
    """Say whether digits only count up or down, or repeat one."""
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    return steps <= {1, -9} or steps <= {-1, 9} or steps <= {0}


def numbers(form: Form) -> list[Spelled]:
    """Return telephone numbers that stood in words, or digit by digit."""
    found = []
    for start, end in places(_NUMBER, form.text):
        digits = "".join(filter(str.isdigit, form.text[start:end]))
        how = form.undisguised((start, end))
        if not FEWEST <= len(digits) <= MOST or is_count(digits) or not how & {"numbers", "spaced"}:
            continue
        cue = occurs(_CUE, form.text[max(0, start - 60) : end + 30])
        found.append(Spelled((IN_WORDS if "numbers" in how else SPACED) + cue * CUE, (start, end)))
    return found


def addresses(form: Form) -> list[Spelled]:
    """Return mail addresses of which a sign stood in words."""
    return [
        Spelled(ADDRESS + occurs(_FREE_MAIL, form.text[slice(*span)]) * FREE_MAIL, span)
        for span in places(_ADDRESS, form.text)
        if "address" in form.undisguised(span)
    ]


PIECE: Final = r"^[ +(),.-]*[0-9][0-9 +(),.-]{0,17}$"
_PIECE: Final = compiled(PIECE)
FEWEST_PIECES, MOST_PIECES = 2, 6
SHORTEST_PIECE, LONGEST_PIECE_LEAST = 2, 3  # digits: of the last piece, of the longest
# How people break a number: 555 / 123 / 4567, with or without a country code, 123 / 4567.
_BREAKS: Final = frozenset(
    {(3, 3, 4), (1, 3, 3, 4), (2, 3, 3, 4), (3, 4), (6, 4), (3, 7), (5, 6), (5, 3, 3), (4, 3, 3), (4, 4)}
)
_NUMBER_ASKED: Final = compiled(
    words(
        "number|digits|phone|cell|whatsapp|call me|text me|hmu|reach me|reach you|call you|text you|contact|mobile|"
        "snap|telegram|signal"
    )
)
PIECES: Final = 0.6
PIECES_UNASKED: Final = 0.3  # three answers of a quiz look alike


def digits_of(form: str) -> str:
    """Return the digits of a text that is nothing but a piece of a number, else nothing."""
    return "".join(filter(str.isdigit, form)) if occurs(_PIECE, form) else ""


def joined(pieces: Sequence[str], others: Iterable[str]) -> float:
    """Return how sure it is that pieces of one author, oldest first, are a telephone number: 0..1.

    `others` are the plain forms of what was said around them.
    """
    digits = "".join(pieces)
    widths = tuple(map(len, pieces))
    if not (
        FEWEST_PIECES <= len(pieces) <= MOST_PIECES
        and FEWEST <= len(digits) <= MOST
        and max(widths) >= LONGEST_PIECE_LEAST
    ) or is_count(digits):
        return 0.0
    steps = {int(after) - int(before) for before, after in pairwise(pieces)}
    if len(pieces) > FEWEST_PIECES and len(steps) == 1:  # counts on: 100, 101, 102
        return 0.0
    if any(occurs(_NUMBER_ASKED, other) for other in others):
        return PIECES
    return PIECES if widths in _BREAKS and len(digits) >= WITH_AREA else PIECES_UNASKED
