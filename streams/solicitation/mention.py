"""Mentions: where a text warns of, forbids, reports or asks about something, it does not do it.

A plain form in, its stretches that only speak of a thing out. Whoever writes both in one sentence gets away with it;
a moderator's policy sentence must not be held, and models that read meaning stand beside this engine.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from streams.core.span import Span
from streams.solicitation.expression import compiled, occurs, places, together
from streams.solicitation.lexicon import speech

# Negation: what begins at most so many characters after it is not done. About four words.
NEAR: Final = 26
_URGING: Final = compiled(speech("urging"))
_NEGATION: Final = compiled(speech("negation"))
_TELLING: Final = compiled(speech("telling"))
_SPOKEN_OF: Final = compiled(speech("spoken_of"))
# Says of all three in one look which of them occur.
_ANY: Final = together(map(speech, ("negation", "telling", "spoken_of")))
_SENTENCE: Final = compiled(r"[.!?]+(?: |$)")


def mentions(form: str) -> tuple[list[Span], list[Span]]:
    """Return where a clause must begin to be negated, and the sentences that only speak of things."""
    negations, tellings, mentioned = map((_ANY.Match(form.encode()) or ()).__contains__, range(3))
    if not (negations or tellings or mentioned):
        return [], []
    borders = [0, *(end for _, end in places(_SENTENCE, form)), len(form)]
    negated = [(start, end + 1) for start, end in places(_TELLING, form)] if tellings else []
    for start, end in places(_NEGATION, form) if negations else ():
        if not occurs(_URGING, form[start:end]):
            border = borders[bisect_right(borders, start, hi=len(borders) - 1)]
            negated.append((start, min(end + NEAR, border - 1)))
    spoken = [
        (borders[index], borders[index + 1])
        for span in (places(_SPOKEN_OF, form) if mentioned else ())
        for index in _sentences(borders, span)
    ]
    return _reaching(negated), sorted(set(spoken))


def _reaching(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, each reaching at least as far as those before it."""
    reach, result = 0, []
    for start, end in sorted(spans):
        reach = max(reach, end)
        result.append((start, reach))
    return result


def _sentences(borders: Sequence[int], span: Span) -> Iterator[int]:
    """Yield the numbers of the sentences that a span touches."""
    index = max(0, bisect_right(borders, span[0]) - 1)
    while index < len(borders) - 1 and borders[index] < span[1]:
        yield index
        index += 1
