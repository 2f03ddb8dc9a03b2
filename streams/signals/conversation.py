"""The messages before a text: what they change about it. Prepared texts in (`models/prepared.py`), answers out.

Gamers speak of kills, a short yes means what it answers, small remarks weigh by repetition, friends tease each other.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from streams.core.label import Severity
from streams.core.window import Entry
from streams.signals.game import NAMED, PLAYED, SHARED
from streams.signals.severity import Found
from streams.signals.signal import Signals, signals
from streams.solicitation.expression import compiled

GAME_WORDS: Final = 2  # different ones that make a conversation one about a game, where one means nothing else
PLAY_WORDS: Final = 3  # the same, where two are words of play that other talk seldom uses together
MOST: Final = 2_000  # characters of each text that are read for them

WEAK: Final = 0.3  # a remark counts from this score on
REPEATED: Final = 3  # remarks of one author against one target, this one included: harassment, medium
PERSISTENT: Final = 5  # the same: high
REPLIES: Final = 1  # messages of the author between a question and its answer: "hm" before "yes"
SHORT: Final = 40  # characters of a reply that says nothing without what it replies to

# What a remark weighs, 0..1; laughter halves it, so that a playful dig counts for nothing.
STRONG: Final = 0.9
SMALL: Final = 0.5

_ASSENT: Final = (
    r"(?:(?:oh|well|um|uh|hm+|i guess|so|and|but|lol) ?,? ?)*(?:y(?:es+|eah+|ea|ep|eh|up|us|a+s*)|ya|"
    r"sure(?: thing)?|ok(?:ay|ie|i)?|k+|of course|definitely|absolutely|certainly|indeed|totally|exactly|mh?m+|"
    r"uh ?huh|affirmative|correct|right|true|deal|agreed|fine|alright|gladly|please(?: do)?|why not|100 ?%?|"
    r"for sure|i (?:will|am|do|did|have|would|might|want to|already (?:did|have|am|do)|think so|guess(?: so)?|"
    r"promise)|i'?ll do it|i'?m (?:going to|gonna|about to|on it|doing it|in|ready)|already (?:did|have|done|on it)|"
    r"(?:i |just |i just |i already )?(?:do|send|did|done|take|taking) (?:it|that|them)|done|let'?s (?:do it|go)|"
    r"it is|that'?s right|you bet|\x{1F44D}|\x{1F44C}|\x{2705})(?:[ ,.!]+(?:yes|yeah|yep|please|do it|send it|"
    r"i (?:will|am|do|did|have|want to)|i'?ll do it|sure|ok|okay|tonight|tomorrow|now|right now|today|soon|already|"
    r"lol|haha|of course|then|i'?m (?:ready|in|going to|gonna)|just do it|sir|bro|man|dude|babe|mate|i think so|"
    r"it is|that'?s right|so|go ahead|probably|definitely|we are|we will))*[ .!~]*"
)
# A clear yes and whatever follows, unless it takes the yes back.
_YES: Final = r"(?:yes+|yeah|yep|yup|sure)(?:[ ,.!]|$)"
_BUT: Final = r"\b(?:no|not|nah|nope|never|but|only|if|jk|kidding|[a-z]+n'?t|lol|haha)\b|\?"
_NAME: Final = re.compile(r"@[a-z0-9_][a-z0-9_.\-]*")


@cache
def _expression(pattern: str) -> Any:
    return compiled(pattern)


def _encoded(text: str) -> bytes:
    return text[:MOST].encode("utf-8", "ignore")  # lone surrogates


def gaming(texts: Iterable[str]) -> bool:
    """Say whether texts, the last ten and the one judged, speak of a video game: two different words of it at least."""
    all_of_them = [_encoded(text) for text in texts]
    named, played_with, shared = (
        {match.group() for text in all_of_them for match in _expression(pattern).finditer(text)}
        for pattern in (NAMED, PLAYED, SHARED)
    )
    words = len(named | played_with | shared)
    return (bool(named) and words >= GAME_WORDS) or (len(played_with) >= GAME_WORDS and words >= PLAY_WORDS)


def played(label: str, found: Signals) -> bool:
    """Say whether a label that was found is part of the game, once the conversation is about one.

    Violence against whoever plays is. What reaches out of the game is not: real life, addresses, death wished to the
    player, attacks on places.
    """
    if found.real or found.wish or found.urging or found.attack:
        return False
    if label in {"violence", "violence_graphic"}:
        return True
    fight = found.threat or found.kills or found.menace
    return label in {"harassment", "toxicity", "abuse"} and fight and not (found.insult_strong or found.ridicule)


def assent(text: str) -> bool:
    """Say whether a text is a short reply that affirms: yes, ok do it, i will, already did."""
    if len(text.strip()) > SHORT:
        return False
    said = _encoded(text.strip())
    if _expression(_ASSENT).fullmatch(said) is not None:
        return True
    return _expression(_YES).match(said) is not None and _expression(_BUT).search(said) is None


def answered(entries: Sequence[Entry], user_id: str) -> Entry | None:
    """Return the message that an author's next text replies to: the last one of somebody else.

    None where the author has written more than REPLIES messages since: by then it is answered.
    """
    return next((entry for entry in reversed(entries[-1 - REPLIES :]) if entry.user_id != user_id), None)


def affirmed(asked: Signals) -> list[Found]:
    """Return the labels that a yes carries, by the signals of what it answers."""
    if asked.asks_intent:
        return [("self_harm", "medium" if asked.recovery else "critical")]
    if asked.asks_harm:
        return [("violence", "medium" if asked.playful else "high")]
    return []


def weight(found: Signals) -> float:
    """Return how much a text puts somebody down, 0..1, by its signals."""
    if found.insult_strong or found.ridicule or found.menace or found.threat or found.wish or found.urging:
        heavy = STRONG
    elif found.dig or found.insult_mild or found.dismissal:
        heavy = SMALL
    else:
        return 0.0
    return heavy / 2 if found.playful else heavy


def remarks(entries: Sequence[Entry], user_id: str, text: str = "") -> tuple[Entry, ...]:
    """Return an author's earlier messages that speak to somebody: to whom `text` speaks, as far as it can be told.

    A target is a name after @, or the only other speaker. Where none can be told, a message counts for any.
    """
    others = {entry.user_id for entry in entries if entry.user_id != user_id}
    whom = _target(text, others)
    return tuple(
        entry
        for entry in entries
        if entry.user_id == user_id and _aimed(signals(entry.text)) and _same(_target(entry.text, others), whom)
    )


def _aimed(found: Signals) -> bool:
    return found.directed or weight(found) > 0


def _target(text: str, others: set[str]) -> frozenset[str]:
    """Return names of whom a text speaks to; none: it cannot be told."""
    names = frozenset(name.rstrip(".-") for name in _NAME.findall(text[:MOST]))
    return names or (frozenset(others) if len(others) == 1 else frozenset())


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two targets may be one; a user id and a name may."""
    known = all(name.startswith("@") for name in one) == all(name.startswith("@") for name in other)
    return not one or not other or not known or not one.isdisjoint(other)


def adding_up(scores: Sequence[float]) -> Severity | None:
    """Return what remarks of one author against one target are together; `scores` 0..1, the present one included.

    Three that count are harassment of medium severity, five of high; fewer are nothing.
    """
    count = sum(score >= WEAK for score in scores)
    if count >= PERSISTENT:
        return "high"
    return "medium" if count >= REPEATED else None


def banter(entries: Sequence[Entry], user_id: str) -> bool:
    """Say whether an author and the others tease each other: remarks from both sides, and laughter from both."""
    own = [signals(entry.text) for entry in entries if entry.user_id == user_id]
    others = [signals(entry.text) for entry in entries if entry.user_id != user_id]
    return all(
        any(weight(found) > 0 for found in side) and any(found.playful for found in side) for side in (own, others)
    )


def accumulated(entries: Sequence[Entry], user_id: str, text: str) -> Severity | None:
    """Return the severity of harassment that a remark has together with the author's earlier ones; None: it has none.

    By signals alone; with the scores of a detector, call `remarks` and `adding_up`.
    """
    score = weight(signals(text))
    if score < WEAK or banter(entries, user_id):
        return None
    return adding_up([score, *(weight(signals(entry.text)) for entry in remarks(entries, user_id, text))])
