"""Reading: a text and its context in, the families that it belongs to out, with points, signals and places.

One set of phrases is matched first; a clause is looked for only where all its phrases stand, signals and mentions
only where a clause was found. Every step is linear in the text.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import re2

from streams.core.engine import Text
from streams.core.span import Span
from streams.solicitation import answer, number
from streams.solicitation.clause import Family
from streams.solicitation.expression import SET_MAX_MEM, compiled, options, places
from streams.solicitation.form import HINTS, Form
from streams.solicitation.lexicon import families
from streams.solicitation.mention import mentions
from streams.solicitation.signal import EACH, signals_of

# Points from which a family is found. Set on lines of our own and on SMS: one clause with act, object and channel, or
# two that say little each, reach it; a single word does not.
THRESHOLD: Final = 0.5
# Points that say something at all; from here on signals of the text count too: they tell how, not what.
COUNTS: Final = 0.3
# What remains of the points where a text only speaks of it: never enough to be found.
MENTIONED: Final = 0.4
# Clauses further apart than this many characters do not add up: about three SMS.
REACH: Final = 480
ROUNDING: Final = 1e-6  # sums of points are compared this exactly
# Words of every second message, and a number.
EVERYDAY: Final = (
    *("you", "u", "your", "ur", "i", "we", "me", "my", "it", "the", "a", "this", "that", "they", "he", "she", "is"),
    *("are", "was", "be", "have", "has", "do", "can", "will", "just", "please", "get", "got", "make", "to", "on", "in"),
    *("at", "of", "for", "with", "from", "by", "as", "or", "and", "if", "not", "no", "go", "now", "here", "there"),
    *("one", "1", "x."),
)
# Turns of speech in which no family is meant: a phrase that stands here too says little.
ORDINARY: Final = (
    "this is it: the order is £10, i am not home before 5, until then. my name is ann and it is on the way - see "
    "nice.pictures of user99 in order"
)
MOST_MATCHES: Final = 20  # of one clause in one text
COMBINATIONS: Final = 16_384  # of phrases, whose clauses are remembered


class Hit(NamedTuple):
    """What a text says of one family."""

    family: str
    points: float  # 0..1
    spans: tuple[Span, ...]  # in the text as written; () below the threshold
    signals: frozenset[str]  # of the text around


Sought = tuple[str, tuple[int, ...], float]  # a family, its clauses, and the points that they add up to


class _Found(NamedTuple):
    """A clause where it stands in the plain form."""

    start: int
    end: int
    clause: int
    points: float


class Reader:
    """Compiled families."""

    def __init__(self, families: Sequence[Family]) -> None:
        self._families = {family.name: family for family in families}
        self._order = {family.name: number for number, family in enumerate(families)}
        self._set = re2.Set.SearchSet(options(SET_MAX_MEM))
        numbers: dict[str, int] = {}
        clauses = [(family.name, each) for family in families for each in family.clauses]
        counts: dict[str, int] = defaultdict(int)
        for _, each in clauses:
            for phrase in each.needed:
                counts[phrase] += 1
        for _, each in clauses:
            for phrase in list(filter(_tells, each.needed)) or each.needed:
                if phrase not in numbers:
                    numbers[phrase] = self._set.Add(phrase)
        self._hints = {self._set.Add(hint): name for name, hint in HINTS}
        self._hinted = frozenset(self._hints)
        self._names = self._set.Add(answer.NAMES)
        self._piece = self._set.Add(number.PIECE)
        self._set.Compile()
        self._clauses: list[tuple[str, float, Any]] = []
        # phrase -> clauses that are looked for where it and these phrases stand
        self._by_key: dict[int, list[tuple[frozenset[int], int]]] = defaultdict(list)
        for index, (name, each) in enumerate(clauses):
            self._clauses.append((name, each.points, compiled(each.pattern)))
            needed = [phrase for phrase in each.needed if phrase in numbers]
            key = min(needed, key=lambda phrase: (counts[phrase], -len(phrase)))  # shared by the fewest clauses
            self._by_key[numbers[key]].append((frozenset(numbers[phrase] for phrase in needed), index))
        self._keys = frozenset(self._by_key)
        self._possible = lru_cache(COMBINATIONS)(self._sought)

    def read(self, subject: Text) -> list[Hit]:
        """Return what a text says of each family of which it says anything, the strongest reading of each."""
        form = Form(subject.text)
        found = frozenset(self._set.Match(form.text.encode()) or ())
        if not found:
            return []
        hints = [self._hints[index] for index in found & self._hinted]
        if hints and form.undisguise(hints):
            found = frozenset(self._set.Match(form.text.encode()) or ())
        readings = self._spelled(form) if hints else []
        by_family = self._clauses_of(form.text, found)
        if by_family:
            readings += self._added_up(form, by_family)
        if subject.before.ids and len(form.text) <= answer.LONGEST:
            if self._names in found and "messenger" in self._families:
                readings = self._answered(form, subject, readings)
            if self._piece in found and "number_in_pieces" in self._families:
                readings += _pieces(form, subject)
        return _placed(form, readings) if readings else []

    def _clauses_of(self, text: str, known: frozenset[int]) -> dict[str, list[_Found]]:
        """Return by family where its clauses stand in a plain form; families that cannot reach COUNTS are left out."""
        by_family: dict[str, list[_Found]] = {}
        for name, clauses, most in self._possible(known):
            standing = self._standing(clauses, most, text)
            if standing and sum({each.clause: each.points for each in standing}.values()) >= COUNTS:
                by_family[name] = standing
        return by_family

    def _sought(self, known: frozenset[int]) -> tuple[Sought, ...]:
        """Return what is looked for in a text with these phrases: what can reach COUNTS, in the families' order."""
        possible: dict[str, list[int]] = {}
        for index in known & self._keys:
            for needed, clause in self._by_key[index]:
                if needed <= known:
                    possible.setdefault(self._clauses[clause][0], []).append(clause)
        sought = []
        for name in sorted(possible, key=self._order.__getitem__):
            # Those with the most points first: where they are missing, the search ends soonest.
            clauses = sorted(possible[name], key=lambda clause: -self._clauses[clause][1])
            most = sum(self._clauses[clause][1] for clause in clauses) + ROUNDING
            if most >= COUNTS:
                sought.append((name, tuple(clauses), most))
        return tuple(sought)

    def _standing(self, clauses: Sequence[int], most: float, text: str) -> list[_Found]:
        """Return where clauses of one family stand, nothing as soon as those that are left cannot reach COUNTS."""
        left = most
        standing: list[_Found] = []
        for clause in clauses:
            if left < COUNTS:
                return []
            found = self._places(clause, text)
            if found:
                standing += found
            else:
                left -= self._clauses[clause][1]
        return standing

    def _places(self, clause: int, text: str) -> list[_Found]:
        _, points, pattern = self._clauses[clause]
        return [_Found(start, end, clause, points) for start, end in places(pattern, text, MOST_MATCHES)]

    def _added_up(self, form: Form, by_family: dict[str, list[_Found]]) -> list[Hit]:
        negated, spoken = mentions(form.text)
        hits = []
        for name, found in by_family.items():
            meant = [each for each in found if not _is_mentioned(each, negated, spoken)]
            points, best = _densest(meant)
            signals: frozenset[str] = frozenset()
            if points >= COUNTS:
                signals = _signals_around(form.text, best)
                points += EACH * len(signals & self._families[name].signals)
            aside, elsewhere = _densest(found) if len(meant) < len(found) else (0.0, [])
            if points < min(aside, 1.0) * MENTIONED:
                points, best, signals = min(aside, 1.0) * MENTIONED, elsewhere, frozenset()
            hits.append(Hit(name, min(points, 1.0), tuple((each.start, each.end) for each in best), signals))
        return hits

    def _spelled(self, form: Form) -> list[Hit]:
        hits = []
        for name, spelled in (("number_in_words", number.numbers(form)), ("mail_in_words", number.addresses(form))):
            if spelled and name in self._families:
                spans = tuple(each.span for each in spelled)
                hits.append(Hit(name, min(1.0, max(each.points for each in spelled)), spans, frozenset()))
        return hits

    def _answered(self, form: Form, subject: Text, readings: list[Hit]) -> list[Hit]:
        """Return the readings, that of `messenger` with the points of an answer where the text is one."""
        if not answer.is_answer(form.text):
            return readings
        before = [_plain(entry.text).text for entry in subject.context[-answer.OFFERS_SEEN :]]
        if not answer.offered(before):
            return readings
        said = next((hit for hit in readings if hit.family == "messenger"), None)
        points = min(1.0, max(THRESHOLD, (said.points if said else 0.0) + answer.POINTS))
        rest = [hit for hit in readings if hit is not said]
        return [*rest, Hit("messenger", points, ((0, len(form.text)),), said.signals if said else frozenset())]


def _signals_around(text: str, found: Sequence[_Found]) -> frozenset[str]:
    start = max(0, min(each.start for each in found) - REACH)
    return signals_of(text[start : max(each.end for each in found) + REACH])


def _tells(phrase: str) -> bool:
    """Say whether a phrase is rare enough to be searched for first: it is no word of every second message.

    The set remembers which of its phrases a text has shown so far, in a state for each combination: every common phrase
    doubles them, and a state that is new costs fifty times as much as one that is known.
    """
    expression = compiled(phrase)
    return not expression.search(ORDINARY) and not any(expression.fullmatch(word) for word in EVERYDAY)


def _is_mentioned(each: _Found, negated: Sequence[Span], spoken: Sequence[Span]) -> bool:
    """Say whether a clause begins soon after a negation or within a sentence that only speaks of things."""
    last = bisect_left(negated, (each.start, 0)) - 1  # the last that begins before the clause
    if last >= 0 and each.start <= negated[last][1]:
        return True
    last = bisect_right(spoken, (each.start, 1 << 62)) - 1
    return last >= 0 and each.start < spoken[last][1]


def _densest(found: Sequence[_Found]) -> tuple[float, list[_Found]]:
    """Return the most points that clauses within reach of each other add up to, each counted once, and which."""
    if len(found) == 1:
        return found[0].points, list(found)
    ordered = sorted(found)
    within: dict[int, int] = {}  # clause -> how often it stands in the window
    points, best, total, first = 0.0, (0, 0), 0.0, 0
    for index, each in enumerate(ordered):
        within[each.clause] = within.get(each.clause, 0) + 1
        total += each.points if within[each.clause] == 1 else 0.0
        while each.start - ordered[first].start > REACH:
            gone = ordered[first]
            within[gone.clause] -= 1
            total -= 0.0 if within[gone.clause] else gone.points
            first += 1
        if total > points + ROUNDING:
            points, best = total, (first, index + 1)
    once: dict[int, _Found] = {}
    for each in ordered[slice(*best)]:
        once.setdefault(each.clause, each)
    return sum(each.points for each in once.values()), list(once.values())


def _placed(form: Form, readings: Sequence[Hit]) -> list[Hit]:
    """Return the readings with their places in the text as written: one way back for all of them."""
    spans = form.origin(span for hit in readings if hit.points >= THRESHOLD for span in hit.spans)
    placed, start = [], 0
    for hit in readings:
        end = start + (len(hit.spans) if hit.points >= THRESHOLD else 0)
        placed.append(Hit(hit.family, hit.points, tuple(spans[start:end]), hit.signals))
        start = end
    return placed


def _plain(text: str) -> Form:
    form = Form(text)
    form.undisguise(name for name, _ in HINTS)
    return form


def _pieces(form: Form, subject: Text) -> list[Hit]:
    """Return a number of which the text is the last piece, after others by the same author."""
    pieces, others = [number.digits_of(form.text)], []
    if not subject.user_id or len(pieces[0]) < number.SHORTEST_PIECE:
        return []
    for entry in reversed(subject.context):
        said = _plain(entry.text).text
        digits = number.digits_of(said) if entry.user_id == subject.user_id else ""
        if digits and len("".join(pieces)) + len(digits) <= number.MOST:
            pieces.insert(0, digits)
        else:
            others.append(said)
    points = number.joined(pieces, others)
    return [Hit("number_in_pieces", points, ((0, len(form.text)),), frozenset())] if points else []


@cache
def reader(names: frozenset[str]) -> Reader:
    """Return the reader of the families of these names, compiled once per process."""
    return Reader([family for family in families() if family.name in names])
