from itertools import product

import pytest

from streams.core.label import SEVERITY_RANK, TEXT_LABELS, Severity
from streams.signals.severity import CLEAR, SCALES, by_signals, graded
from streams.signals.signal import NONE, Signals, signals


def clear(text: str) -> dict[str, Severity]:
    return dict(by_signals(signals(text)))


@pytest.mark.parametrize(
    ("text", "label", "severity"),
    [
        ("you're such a nerd lol", "harassment", "low"),
        ("nobody likes you, go away", "harassment", "medium"),
        ("i'm going to punch you in the face", "violence", "high"),
        ("claim your free prize here, just enter your credit card", "scam", "high"),
        ("verify your account details to avoid suspension", "scam", "high"),
        ("ready to get some kills today", "violence", "medium"),
        ("we will burn your house", "violence", "high"),
        ("kill yourself", "self_harm", "high"),
        ("i hope you die", "harassment", "high"),
        ("i'm going to end my life tonight", "self_harm", "critical"),
        ("i can't go on", "self_harm", "critical"),
        ("this is my last message, goodbye everyone", "self_harm", "high"),
        ("i'm gonna blow up the school tomorrow", "terrorism", "critical"),
        ("trading cp links", "child_safety", "critical"),
        ("i'm 13 and he wants nudes", "child_safety", "critical"),
    ],
)
def test_clear_words_are_found_whatever_a_detector_says(text: str, label: str, severity: Severity) -> None:
    assert clear(text)[label] == severity


@pytest.mark.parametrize(
    "text",
    [
        "this commute makes me want to die",
        "i'm dying \U0001f602",
        "kill it at the interview",
        "shoot me an email",
        "you're killing me lol",
        "are you going to kill yourself tonight?",
        "i used to self harm, i've been clean for 3 years",
        "police arrested a man who said he would bomb the airport",
        "nice of you to finally show up",
        "your account manager will call you tomorrow",
    ],
)
def test_idioms_questions_and_news_are_not_found(text: str) -> None:
    assert clear(text) == {}


def test_laughter_and_quotation_marks_make_a_threat_weaker_and_do_not_hide_it() -> None:
    assert clear("i'm going to kill you lol")["violence"] == "medium"
    assert clear('in the book he says "i will kill you"')["violence"] == "medium"
    assert clear("i'm going to kill you lol, i know where you live")["violence"] == "high"


def test_laughter_does_not_hide_a_wish_to_die() -> None:
    assert clear("i'm going to kill myself lol") == {"self_harm": "medium"}
    assert clear("i'm going to kill myself tonight lol") == {"self_harm": "high"}


def test_other_people_s_words_in_a_text_do_not_hide_what_the_author_says() -> None:
    assert clear("my therapist said that i should rest. i'm going to kill myself tonight") == {"self_harm": "high"}
    assert clear("i got better last year, now i'm going to end my life tonight") == {"self_harm": "critical"}
    assert clear("my friend said that it is fun so i will shoot up the school") == {"terrorism": "high"}


@pytest.mark.parametrize(
    ("label", "text", "severity"),
    [
        ("scam", "hello dear", "medium"),
        ("scam", "give me your password", "high"),
        ("spam", "buy my new course", "low"),
        ("spam", "you have won, click here", "medium"),
        ("sexual_harassment", "do you like porn", "medium"),
        ("sexual_harassment", "can i kiss you", "low"),
        ("sexual_harassment", "i'm 13. show me your dick", "critical"),
        ("sexual", "she is 15 yo and they kiss, porn", "critical"),
        ("hate_speech", "they are all the same", "medium"),
        ("hate_speech", "all of them should be shot", "high"),
        ("harassment", "you nerd", "low"),
        ("harassment", "you are an idiot", "medium"),
        ("harassment", "you are an idiot lol", "low"),
        ("violence", "there was a fight", "low"),
        ("violence", "i will stab you", "high"),
        ("violence", "the police said i will stab you", "medium"),
        ("violence", "i will shoot up the school", "critical"),
        ("self_harm", "i feel empty", "medium"),
        ("self_harm", "i want to die", "critical"),
        ("self_harm", "i used to want to die", "medium"),
        ("profanity", "what a shit day", "low"),
        ("child_safety", "hello there", "high"),
        ("terrorism", "join isis", "critical"),
        ("a_label_of_a_policy", "hello there", "low"),
    ],
)  # fmt: skip
def test_what_was_found_is_graded_by_what_the_text_says(label: str, text: str, severity: Severity) -> None:
    assert graded(label, 0.6, 0.5, signals(text)) == severity


def test_certainty_lifts_by_one_step_and_only_where_the_text_says_nothing_itself() -> None:
    assert graded("hate_speech", 0.89, 0.5, NONE) == "medium"
    assert graded("hate_speech", 0.9, 0.5, NONE) == "high"
    assert graded("violence", 1.0, 0.5, Signals(kills=True)) == "medium"
    assert graded("spam", 1.0, 0.5, NONE) == "low"


@pytest.mark.parametrize(("label", "probability"), [*product([*sorted(TEXT_LABELS), "of_a_policy"], [0.5, 0.9, 1.0])])
def test_no_probability_makes_anything_critical(label: str, probability: float) -> None:
    assert graded(label, probability, 0.5, NONE) in {"low", "medium", "high"}


def test_steps_go_from_the_strongest_to_the_weakest() -> None:
    for scale in SCALES.values():
        ranks = [SEVERITY_RANK[step.severity] for step in scale.steps]
        assert ranks == sorted(ranks, reverse=True)
        assert all(rank > SEVERITY_RANK[scale.start] for rank in ranks)


def test_each_label_is_answered_once_with_its_strongest_severity() -> None:
    everything = Signals(
        **{name: name not in {"playful", "reported", "recovery"} for name in Signals.__struct_fields__}
    )
    found = by_signals(everything)
    assert len(found) == len(dict(found)) == len({each.label for each in CLEAR})
    for label, severity in found:
        assert SEVERITY_RANK[severity] == max(SEVERITY_RANK[each.severity] for each in CLEAR if each.label == label)


def test_nothing_shown_is_nothing_found() -> None:
    assert by_signals(NONE) == ()
