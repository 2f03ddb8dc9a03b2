import pytest

from streams.signals.conversation import (
    accumulated,
    adding_up,
    affirmed,
    answered,
    assent,
    banter,
    gaming,
    played,
    remarks,
    weight,
)
from streams.signals.signal import Signals, signals
from tests.unit.signals.given import entries


def test_two_different_words_of_games_make_a_conversation_about_one() -> None:
    assert gaming(["who is up for fortnite", "ready to get some kills today"])
    assert gaming(["gg", "that respawn was late"])
    assert gaming(["let's play tonight, squad up", "the new map is great"])


@pytest.mark.parametrize(
    "texts",
    [
        ["fortnite fortnite", "fortnite"],
        ["we played football and our team had a win", "nice match, good game"],
        ["the map is on the server"],
        ["ready to get some kills today"],
        [],
    ],
)
def test_one_word_or_words_that_other_talk_shares_are_not_enough(texts: list[str]) -> None:
    assert not gaming(texts)


@pytest.mark.parametrize(
    ("text", "excused"),
    [
        ("ready to get some kills today", True),
        ("i'm going to kill you", True),
        ("we will slaughter them all", True),
        ("i will find you and kill you in real life", False),
        ("i'm going to kill you irl", False),
        ("i know where you live", False),
        ("i will stab you at 12 baker street", False),
        ("i hope you die of cancer", False),
        ("kill yourself", False),
        ("i'm gonna shoot up the school tomorrow", False),
    ],
)
def test_violence_is_part_of_the_game_unless_it_reaches_out_of_it(text: str, excused: bool) -> None:  # noqa: FBT001
    assert played("violence", signals(text)) is excused


def test_a_game_excuses_no_other_label() -> None:
    assert played("harassment", signals("i'm going to kill you"))
    assert not played("harassment", signals("i'm going to kill you, you worthless idiot"))
    assert not played("hate_speech", signals("i'm going to kill you"))
    assert not played("scam", signals("get some kills and enter your password"))


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yeah".lower(),
        "ok do it",
        "sure, send it",
        "i will",
        "already did",
        "yep.",
        "of course!",
        "yes i am",
        "i guess so",
        "yes, i have the pills",
        "yes. goodbye",
        "i did it",
        "\U0001f44d",
    ],
)
def test_a_short_yes_is_an_assent(text: str) -> None:
    assert assent(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        "yes but no",
        "never",
        "i will not",
        "ok what time is it there",
        "yes " * 30,
        "not sure",
        "yes if you pay",
        "sure?",
        "yesterday",
        "i did my homework",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not assent(text)


def test_a_reply_answers_the_last_message_of_somebody_else() -> None:
    before = entries(("a", "hello"), ("b", "hi"), ("a", "are you ok?"), ("b", "hm"))
    found = answered(before, "b")
    assert found is not None
    assert found.text == "are you ok?"
    assert answered(entries(("a", "are you ok?"), ("b", "hm"), ("b", "well")), "b") is None
    assert answered(entries(("b", "hi")), "b") is None
    assert answered((), "b") is None


def test_a_yes_says_what_was_asked() -> None:
    assert affirmed(signals("are you going to kill yourself tonight?")) == [("self_harm", "critical")]
    assert affirmed(signals("are you going to hurt him?")) == [("violence", "high")]
    assert affirmed(signals("shall we meet at noon?")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you are pathetic", 0.9),
        ("nobody likes you", 0.9),
        ("did you even read it", 0.5),
        ("you nerd", 0.5),
        ("you nerd lol", 0.25),
        ("thank you", 0.0),
    ],
)
def test_a_remark_weighs_by_how_it_is_meant(text: str, expected: float) -> None:
    assert weight(signals(text)) == expected


def test_remarks_are_the_author_s_own_and_speak_to_somebody() -> None:
    before = entries(("a", "typical"), ("b", "you are late"), ("a", "the weather is fine"), ("a", "you again"))
    assert [entry.text for entry in remarks(before, "a")] == ["typical", "you again"]


def test_remarks_to_another_target_are_left_out() -> None:
    before = entries(("a", "@sam did you even read it"), ("a", "@kim did you even try"), ("b", "hm"), ("c", "hm"))
    assert [entry.content_id for entry in remarks(before, "a", "@sam typical")] == ["m0"]
    assert [entry.content_id for entry in remarks(before, "a", "typical")] == ["m0", "m1"]


@pytest.mark.parametrize(
    ("scores", "severity"),
    [
        ([], None),
        ([1.0, 1.0], None),
        ([0.3, 0.3, 0.3], "medium"),
        ([0.3, 0.29, 0.29, 0.3], None),
        ([0.4] * 4, "medium"),
        ([0.3] * 5, "high"),
        ([0.9] * 11, "high"),
    ],
)
def test_three_remarks_are_harassment_and_five_are_worse(scores: list[float], severity: str | None) -> None:
    assert adding_up(scores) == severity


def test_banter_needs_teasing_and_laughter_from_both_sides() -> None:
    both = entries(("a", "you noob lol"), ("b", "haha did you even try"))
    one = entries(("a", "you noob lol"), ("b", "please stop"))
    serious = entries(("a", "you noob lol"), ("b", "did you even try"))
    assert banter(both, "a")
    assert not banter(one, "a")
    assert not banter(serious, "a")
    assert not banter((), "a")


def test_a_text_that_is_no_remark_adds_nothing_up() -> None:
    before = entries(*[("a", "did you even read it")] * 5, ("b", "ok"))
    assert accumulated(before, "a", "see you at noon") is None
    assert accumulated(before, "a", "typical") == "high"
    assert weight(Signals()) == 0.0


def test_lone_surrogates_are_read_past() -> None:
    assert assent("yes \ud800")
    assert gaming(["gg \ud800", "respawn"])
    assert remarks(entries(("a", "you \ud800")), "a", "@sam \ud800") != ()
