from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.signals.signal import MOST, NONE, TO_SOMEBODY, TONE, TOPICS, Signals, signals

SHOWS: Final = {
    "directed": ["are you there", "@sam come here", "what about ur dog"],
    "playful": ["lol ok", "hahaha", "just kidding", "see you \U0001f602", "that was close :)"],
    "reported": ['he wrote "i will find you tonight"', "my boss said that i am late", "in the movie they all fall"],
    "urgency": ["tonight", "goodbye everyone", "this is it", "right now"],
    "real": ["i will kill you irl", "i will hurt you in real life", "i know where you live"],
    "threat": [
        "i'm going to punch you in the face",
        "we will burn your house",
        "ill slit your throat",
        "im gonna kill u",
        "i swear to god i'll break your legs",
        "i will kill your family",
        "let's beat him up",
        "someone should shoot her",
        "you're going to get stabbed",
        "i'm going to beat the shit out of you",
    ],
    "menace": [
        "watch your back",
        "i know where you live",
        "you will regret this",
        "you're dead",
        "we're coming for you",
    ],
    "wish": [
        "i hope you die",
        "you should be shot",
        "he deserves to die",
        "die in a fire",
        "the world would be better without you",
    ],
    "urging": ["kill yourself", "just kys", "go drink bleach", "why don't you kill yourself"],
    "kills": ["ready to get some kills today", "i want to kill everyone", "they all must die", "on a killing spree"],
    "attack": [
        "i'm gonna blow up the school tomorrow",
        "there is a bomb in the airport",
        "join isis brothers",
        "how to make a pipe bomb",
        "we will open fire on the crowd",
    ],
    "asks_harm": ["are you going to hurt him?", "will you really kill her"],
    "intent": [
        "i want to die",
        "i can't go on",
        "going to end it",
        "i took all the pills",
        "i'm going to kill myself tonight",
        "i don't want to live anymore",
        "i am planning to overdose",
        "i have the gun in my hand, goodbye",
    ],
    "despair": [
        "i can't take it anymore",
        "no reason to live",
        "everyone would be better off without me",
        "this is my last message",
    ],
    "asks_intent": [
        "are you going to kill yourself tonight?",
        "do you want to hurt yourself",
        "have you been cutting yourself",
    ],
    "recovery": ["i used to cut myself", "call the suicide hotline", "three years clean", "you are not alone"],
    "explicit": ["he showed his dick", "free porn", "send nudes"],
    "advance": [
        "send me nudes",
        "do you want to have sex?",
        "show me your tits",
        "what are you wearing",
        "take off your clothes",
    ],
    "minor": ["my little sister", "she is 15 yo", "a 12 year old", "i'm 14", "he is in 7th grade", "underage"],
    "child": [
        "i'm 13 and he wants nudes",
        "looking for cp links",
        "i like having sex with kids",
        "selling pics of my 12 year old naked",
    ],
    "insult_mild": ["you're such a nerd lol", "you noob", "hey dork"],
    "insult_strong": [
        "you're stupid",
        "idiot",
        "you are a pathetic loser",
        "what a bunch of idiots you are",
        "fuck you",
    ],
    "ridicule": ["nobody likes you, go away", "everyone hates you", "you have no friends", "you are a waste of space"],
    "dismissal": ["go away", "ok, shut up"],
    "dig": [
        "nice of you to finally show up",
        "did you even read it",
        "typical",
        "nobody asked",
        "maybe think before you post",
    ],
    "coarse": ["what a shit day", "fucking hell"],
    "credentials": [
        "just enter your credit card",
        "send me your seed phrase",
        "confirm your password",
        "reply with the 6 digit code",
    ],
    "lure": ["claim your free prize", "you have won", "double your bitcoin"],
    "pressure": ["your account has been suspended", "avoid suspension", "unusual activity"],
    "money": ["$500", "20 pounds", "a gift card"],
    "link": ["http", "bit.ly", "click here"],
}

HARMLESS: Final = [
    "this commute makes me want to die",
    "i'm so embarrassed i want to die",
    "if i hear this song again i'm going to kill myself",
    "i want to die laughing",
    "i could die of embarrassment",
    "kill it at the interview",
    "i'm gonna kill it on stage",
    "killing time before the train",
    "we need to kill the process",
    "shoot me an email",
    "you're killing me",
    "i would never hurt you",
    "i'm not going to kill you",
    "don't kill yourself, call 988",
    "telling people to kill yourself is wrong",
    "i'll hit you up later",
    "i'll beat you at chess",
    "i'm going to kill you at tennis",
    "break a leg",
    "my phone is dead",
    "you're dead right",
    "i can't go on holiday this year",
    "i have to end the call",
    "smoking will kill you",
    "you'll be killed by the boss if you don't heal",
    "let's hang out at the mall",
    "bath bomb sale",
    "photo shoot at the school",
    "is this the bomb site b?",
    "the attack on the school was terrible",
    "you are not stupid",
    "this boss is stupid",
    "i feel stupid",
    "nobody likes mondays",
    "nobody wants you to fail",
    "everyone loves you",
    "what the fuck you think is up",
    "when you look like trash and someone compliments you",
    "my 6 year old is running around",
    "what is your account manager's name?",
    "it is illegal to have sex with a minor",
    "the teacher talked to the kids about sex",
]
GRAVE: Final = (
    "threat",
    "menace",
    "wish",
    "urging",
    "kills",
    "attack",
    "intent",
    "despair",
    "child",
    "insult_strong",
    "ridicule",
    "credentials",
)


def shown(text: str) -> set[str]:
    found = signals(text)
    return {name for name in Signals.__struct_fields__ if getattr(found, name)}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SHOWS.items() for text in texts])
def test_a_phrase_shows_its_signal(name: str, text: str) -> None:
    assert name in shown(text)


def test_every_signal_has_phrases_and_every_phrase_a_signal() -> None:
    named = [*TONE, *TO_SOMEBODY, *(name for topic in TOPICS for name in topic.phrases)]
    assert sorted(named) == sorted(Signals.__struct_fields__) == sorted(SHOWS)


@pytest.mark.parametrize("text", HARMLESS)
def test_an_idiom_or_a_denial_shows_nothing_grave(text: str) -> None:
    assert not shown(text) & set(GRAVE)


def test_a_threat_beside_an_idiom_is_seen() -> None:
    assert signals("this commute makes me want to die. i'm going to stab you").threat
    assert signals("i would never hurt him but i will kill you").threat


def test_who_asks_whether_somebody_will_does_not_urge() -> None:
    assert not signals("are you going to kill yourself tonight?").urging
    assert signals("are you sad? kill yourself").urging


def test_a_minor_far_from_a_demand_is_no_child_at_risk() -> None:
    far = "my little sister came home. " + "we had a long day at the beach. " * 10 + "send nudes"
    assert signals(far).minor
    assert signals(far).explicit
    assert not signals(far).child
    assert signals("my little sister. send nudes").child
    assert not signals("my little sister. he fell hard on the stairs, moaned").child


def test_an_ordinary_text_shows_nothing() -> None:
    assert signals("the train leaves at noon") == NONE
    assert signals("") == NONE


def test_what_stands_past_the_limit_is_not_read() -> None:
    assert not signals("x " * (MOST // 2) + "i will kill you").threat


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_string_is_read(text: str) -> None:
    assert isinstance(signals(text), Signals)


@pytest.mark.parametrize(
    "text", ["i will " * 3000, "you are a " * 2000, "kill " * 4000, "\ud800" * 20_000, "my little sister porn " * 950]
)
def test_the_longest_texts_are_read(text: str) -> None:
    assert isinstance(signals(text), Signals)
