"""Conversations of ten messages, each judged with what stands before it."""

from collections.abc import Sequence
from typing import Final

import pytest

from streams.core.label import Severity
from streams.core.window import Entry
from streams.signals.conversation import accumulated, affirmed, answered, assent, gaming, played
from streams.signals.severity import by_signals
from streams.signals.signal import signals
from tests.unit.signals.given import entries

GAMERS: Final = entries(
    ("ann", "anyone up for valorant tonight"),
    ("bob", "yes, need to finish my ranked matches"),
    ("ann", "my k/d is terrible this season"),
    ("bob", "you camp too much lol"),
    ("cem", "new patch nerfed my main"),
    ("ann", "i'm on the server"),
    ("bob", "lobby is open"),
    ("cem", "one sec, updating"),
    ("ann", "hurry, the queue is short"),
    ("bob", "we will destroy them"),
)
DIGS: Final = (
    "nice of you to finally show up",
    "did you even read it",
    "typical",
    "nobody asked",
    "maybe think before you post",
)


def judged(before: Sequence[Entry], author: str, text: str) -> dict[str, Severity]:
    """Return what signals and conversation say of a text, as an engine without a model would."""
    found = list(by_signals(signals(text)))
    if gaming([*(entry.text for entry in before), text]):
        found = [(label, severity) for label, severity in found if not played(label, signals(text))]
    question = answered(before, author)
    if question is not None and assent(text):
        found += affirmed(signals(question.text))
    together = accumulated(before, author, text)
    return dict(found) | ({"harassment": together} if together else {})


def test_kills_are_severe_alone_and_nothing_among_gamers() -> None:
    assert judged((), "ann", "ready to get some kills today") == {"violence": "medium"}
    assert judged(GAMERS, "ann", "ready to get some kills today") == {}


def test_gamers_may_threaten_each_other_in_the_game() -> None:
    assert judged(GAMERS, "bob", "i'm going to kill you first") == {}
    assert judged((), "bob", "i'm going to kill you first") == {"violence": "high"}


@pytest.mark.parametrize(
    "text",
    ["i will find you and kill you in real life", "i know where you live, 12 baker street", "i will stab you irl"],
)
def test_a_threat_that_leaves_the_game_stays_one(text: str) -> None:
    assert "violence" in judged(GAMERS, "bob", text)


def test_an_attack_is_critical_among_gamers_too() -> None:
    assert judged(GAMERS, "cem", "tomorrow i'm going to shoot up my school") == {"terrorism": "critical"}


def test_small_digs_over_a_thread_become_harassment() -> None:
    before: tuple[Entry, ...] = ()
    answers = []
    for number, dig in enumerate(DIGS):
        answers.append(judged(before, "ann", dig).get("harassment"))
        said = [(entry.user_id, entry.text) for entry in before]
        before = entries(*said, ("ann", dig), ("bob", f"i am sorry, here is point {number}"))
    assert answers == [None, None, "medium", "medium", "high"]


def test_the_same_digs_from_five_people_are_nobody_s_harassment() -> None:
    before = entries(*[(f"user{number}", dig) for number, dig in enumerate(DIGS[:4])], ("bob", "ok"))
    assert judged(before, "user9", DIGS[4]) == {}


def test_friends_who_tease_each_other_do_not_harass() -> None:
    before = entries(
        ("ann", "nice of you to finally show up lol"),
        ("bob", "haha you nerd, did you even set an alarm"),
        ("ann", "did you even read my message"),
        ("bob", "typical ann lol"),
        ("ann", "who asked you, noob"),
        ("bob", "cry about it haha"),
        ("ann", "love you too"),
        ("bob", "you goof"),
        ("ann", "you dork lol"),
        ("bob", "same time tomorrow?"),
    )
    assert judged(before, "ann", "did you even check your calendar") == {}


def test_a_yes_to_the_question_is_intent() -> None:
    before = entries(("bob", "i am so tired of it all"), ("ann", "are you going to kill yourself tonight?"))
    assert judged(before, "bob", "yes") == {"self_harm": "critical"}
    assert judged(before, "bob", "no, i'm fine") == {}
    assert judged(before, "ann", "yes") == {}
    assert judged((), "bob", "yes") == {}


def test_questions_as_of_one_who_grooms_are_not_claimed_to_be_found() -> None:
    before = entries(
        ("max", "hey, you play here often?"),
        ("kim", "every day after school"),
        ("max", "cool, how old are you"),
        ("kim", "why"),
        ("max", "just curious, you seem mature"),
        ("kim", "thanks"),
        ("max", "are your parents home"),
        ("kim", "no"),
        ("max", "this stays between us ok"),
        ("kim", "ok"),
    )
    assert judged(before, "max", "do you have your own room") == {}
