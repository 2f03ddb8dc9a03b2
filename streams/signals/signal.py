"""Signals: a prepared text in, what it shows beside its topic out, such as a threat, a minor or a laugh.

One set of expressions says in one walk which signals a text shows. What sounds dangerous is read a second time with
idioms and denials taken out ("makes me want to die", "i would never hurt you").
"""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple, cast

import msgspec

from streams.signals import deceit, harm, insult, self_harm, sexual, tone
from streams.signals.idiom import IDIOM
from streams.solicitation.expression import compiled, together

MOST: Final = 20_000  # characters that are read
NEAR: Final = 80  # characters between a minor and a sexual demand that belong together


class Signals(msgspec.Struct, frozen=True, gc=False):
    """What a text shows. Each field is a phrase that occurs; none of them is a verdict."""

    # whom and how
    directed: bool = False  # you, your, @name
    playful: bool = False  # laughter, affection, "just kidding"
    reported: bool = False  # quoted, told of others, news, fiction
    urgency: bool = False  # tonight, goodbye, right now
    real: bool = False  # "in real life", where somebody lives
    # violence
    threat: bool = False  # the author means to harm somebody
    menace: bool = False  # harm is hinted at: "watch your back"
    wish: bool = False  # death or suffering is wished to somebody
    urging: bool = False  # somebody is told to kill themselves
    kills: bool = False  # killing without a victim that is named: game or not
    attack: bool = False  # on a place or a crowd; recruiting for terror; making bombs
    asks_harm: bool = False  # whether the other one means to harm somebody
    # self-harm
    intent: bool = False  # of the author
    despair: bool = False  # of the author, without intent
    asks_intent: bool = False  # whether the other one means to
    recovery: bool = False  # long ago, got over, help offered
    # sex
    explicit: bool = False  # explicit words
    advance: bool = False  # a sexual request or remark
    minor: bool = False  # somebody is younger than 18
    child: bool = False  # a minor and a sexual demand side by side, or what can mean nothing else
    # putting down
    insult_mild: bool = False  # aimed at whoever is addressed: nerd, noob, clown
    insult_strong: bool = False  # the same, meant to hurt
    ridicule: bool = False  # shut out or held up to scorn: "nobody likes you"
    dismissal: bool = False  # go away, shut up
    dig: bool = False  # a small remark that weighs by repetition
    coarse: bool = False  # coarse words
    # fraud
    credentials: bool = False  # a card, password, code or account is asked for
    lure: bool = False  # a prize, a gain
    pressure: bool = False  # a loss, a time limit
    money: bool = False
    link: bool = False


# Read in every text.
TONE: Final[Mapping[str, str]] = {
    "directed": tone.DIRECTED,
    "playful": tone.PLAYFUL,
    "urgency": tone.URGENCY,
    "money": deceit.MONEY,
    "link": deceit.LINK,
}
# Too common for a trigger: read in every text, too, but in a set of their own, which stays small.
TO_SOMEBODY: Final[Mapping[str, str]] = {
    "insult_mild": insult.INSULT_MILD,
    "insult_strong": insult.INSULT_STRONG,
    "ridicule": insult.RIDICULE,
    "dismissal": insult.DISMISSAL,
    "dig": insult.DIG,
    "coarse": insult.COARSE,
}


class Topic(NamedTuple):
    """Signals that are read together, in texts that their trigger occurs in."""

    trigger: str
    phrases: Mapping[str, str]


TOPICS: Final = (
    Topic(tone.REPORTED_TRIGGER, {"reported": tone.REPORTED}),
    Topic(
        harm.TRIGGER,
        {
            "real": harm.REAL,
            "threat": harm.THREAT,
            "menace": harm.MENACE,
            "wish": harm.WISH,
            "urging": harm.URGING,
            "kills": harm.KILLS,
            "attack": harm.ATTACK,
            "asks_harm": harm.ASKS_HARM,
        },
    ),
    Topic(
        self_harm.TRIGGER,
        {
            "intent": self_harm.INTENT,
            "despair": self_harm.DESPAIR,
            "asks_intent": self_harm.ASKS_INTENT,
            "recovery": self_harm.RECOVERY,
        },
    ),
    Topic(
        sexual.TRIGGER,
        {"explicit": sexual.EXPLICIT, "advance": sexual.ADVANCE, "minor": sexual.MINOR, "child": sexual.CHILD},
    ),
    Topic(deceit.TRIGGER, {"credentials": deceit.CREDENTIALS, "lure": deceit.LURE, "pressure": deceit.PRESSURE}),
)
# What an idiom can look like; the rest is taken from the text as it stands.
MISTAKABLE: Final = frozenset(
    {"threat", "wish", "urging", "kills", "attack", "intent", "despair", "insult_mild", "insult_strong", "ridicule"}
)
SEXUAL: Final = frozenset({"advance", "explicit"})
DEMANDS: Final = frozenset({"advance", "nudes"})
NONE: Final = Signals()


class _Reader:
    """A set of expressions for each topic, and one that is read first."""

    def __init__(self) -> None:
        self._first = tuple(TONE)
        self._start = together((*TONE.values(), *(topic.trigger for topic in TOPICS))).Match
        self._insults = tuple(TO_SOMEBODY)
        self._insult = together(TO_SOMEBODY.values()).Match
        self._topics = tuple((tuple(topic.phrases), together(topic.phrases.values()).Match) for topic in TOPICS)

    def read(self, encoded: bytes) -> frozenset[str]:
        """Return the names of what a text shows."""
        found = [self._insults[index] for index in self._insult(encoded) or ()]
        for index in self._start(encoded) or ():
            if index < len(self._first):
                found.append(self._first[index])
            else:
                names, match = self._topics[index - len(self._first)]
                found += [names[number] for number in match(encoded) or ()]
        return frozenset(found)


@cache
def _reader() -> _Reader:
    return _Reader()


@cache
def _expression(name: str) -> Any:
    known = {
        "idiom": IDIOM,
        "asks_intent": self_harm.ASKS_INTENT,
        "advance": sexual.ADVANCE,
        "nudes": sexual.NUDES,
        "minor": sexual.MINOR,
    }
    return compiled(known[name])


def signals(text: str) -> Signals:
    """Return the signals of a prepared text (`models/prepared.py`); of its first 20,000 characters."""
    read = _reader().read
    encoded = text[:MOST].encode("utf-8", "ignore")  # lone surrogates
    found = read(encoded)
    if not found.isdisjoint(MISTAKABLE) and (plain := _literal(encoded, found)) is not None:
        found = (found - MISTAKABLE) | (MISTAKABLE & read(plain))
    if "minor" in found and "child" not in found and not found.isdisjoint(SEXUAL) and _beside(encoded):
        found |= {"child"}
    return _of(found)


def _literal(encoded: bytes, found: frozenset[str]) -> bytes | None:
    """Return a text without its idioms, denials and questions; None where it has none."""
    asks = "asks_intent" in found  # who asks whether somebody will does not say that they should
    if not asks and not _idiomatic()(encoded):
        return None
    plain = _expression("idiom").sub(b" - ", encoded)
    return cast("bytes", _expression("asks_intent").sub(b" - ", plain) if asks else plain)


@cache
def _idiomatic() -> Any:
    """Return what says whether a text holds an idiom: a walk, where the substitution is a search."""
    return together([IDIOM]).Match


@lru_cache(maxsize=4096)
def _of(found: frozenset[str]) -> Signals:
    return Signals(**dict.fromkeys(found, True)) if found else NONE


def _beside(encoded: bytes) -> bool:
    """Say whether a minor and a sexual demand stand near each other."""
    demands = [match.span() for name in DEMANDS for match in _expression(name).finditer(encoded)]
    minors = sorted(match.span() for match in _expression("minor").finditer(encoded))
    last = 0
    for start, end in sorted(demands):
        while last < len(minors) and minors[last][1] < start - NEAR:
            last += 1
        if last < len(minors) and minors[last][0] <= end + NEAR:
            return True
    return False
