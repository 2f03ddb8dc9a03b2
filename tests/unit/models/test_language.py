# ruff: noqa: RUF001 (letters of other scripts are what is tested here)
"""English chat is English, however short and careless; other languages are told apart."""

import pytest

from streams.models.language import LETTERS, is_foreign

ENGLISH = (
    "lol",
    "brb",
    "omg no way",
    "gg wp",
    "wtf dude",
    "u ok?",
    "idk tbh",
    "smh my head",
    "that slaps ngl",
    "no cap fr fr",
    "bruh moment",
    "im dead haha",
    "yo wanna play",
    "gonna grab pizza",
    "lmaooooo stop it",
    "thx m8 c u l8r",
    "lowkey kinda tired",
    "bet, see ya tmrw",
    "aight imma head out",
    "ur mom lol",
    "fml missed my train",
    "anyone selling concert tickets??",
    "nice shot bro",
    "pls respond asap",
    "damn that's crazy",
    "cya later alligator",
    "rip my phone battery",
    "can't even rn",
    "best pizza ever omg",
    "wish me luck tomorrow",
    "he ghosted me again ffs",
    "dope beat man, drop it",
    "sounds good mate, cheers",
    "ain't nobody got time for that",
    "y'all tripping fr",
    "sup homie long time no see",
    "told ya so lmao",
    "servers down again ugh",
    "need healer for raid, dm me",
    "nerf this champ already",
    "that boss fight was insane",
    "shut up and take my money",
    "good morning sunshine!",
    "happy bday bestie xoxo",
    "movie night friday?",
    "finally got new headphones",
    "mum says dinner is ready",
    "stuck in traffic ugh hate mondays",
    "coffee first, talk later",
    "my cat knocked over everything",
    "free shipping ends tonight",
    "watch ur back punk",
    "nobody likes you, go away",
    "kys loser",
    "such a sore loser haha",
    "u suck at this game noob",
    "did you see that goal last night",
    "is it just me or is discord lagging",
    "HELLO ANYBODY HERE PLEASE HELP",
    "sending good vibes only",
)
FOREIGN = (
    "Je ne comprends pas pourquoi tu ne viens jamais avec nous",
    "on se retrouve devant la gare vers huit heures ce soir",
    "Ich habe heute leider keine Zeit, vielleicht morgen Abend",
    "warum antwortest du mir eigentlich nie auf meine Nachrichten",
    "No entiendo por qué nunca quieres salir con nosotros",
    "mañana vamos a la playa con toda la familia de mi hermano",
    "Я не понимаю, почему ты никогда не отвечаешь на сообщения",
    "завтра утром мы поедем на дачу вместе с родителями",
    "لا أفهم لماذا لا تأتي معنا أبدا إلى المدينة",
    "سوف نذهب غدا إلى البحر مع جميع أفراد العائلة",
    "我不明白你为什么从来不跟我们一起去城里吃饭看电影",
    "明天早上我们全家人要坐火车去海边玩两三天再回来",
    "Neden bizimle hiç dışarı çıkmak istemediğini anlamıyorum",
    "yarın sabah bütün ailemizle birlikte denize gideceğiz",
)


def test_english_chat_is_never_foreign() -> None:
    assert len(ENGLISH) == 60
    assert [text for text in ENGLISH if is_foreign(text)] == []


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages_are_foreign(text: str) -> None:
    assert is_foreign(text)


@pytest.mark.parametrize("told", ["en", "EN", "en-GB", "en_US", "eng", "English", "und"])
def test_what_is_told_to_be_english_is(told: str) -> None:
    assert not is_foreign(FOREIGN[0], told)


@pytest.mark.parametrize("told", ["fr", "de-AT", "PT_br", "deu"])
def test_what_is_told_to_be_another_language_is(told: str) -> None:
    assert is_foreign("shall we have lunch together tomorrow?", told)


def test_nothing_told_is_not_a_language() -> None:
    assert is_foreign(FOREIGN[0], "")
    assert not is_foreign("shall we have lunch together tomorrow?", "")


@pytest.mark.parametrize("text", ["", "oui", "ja klar", "да ладно", "12345 67890 12345 67890", "\U0001f600" * 100])
def test_too_few_letters_tell_no_language(text: str) -> None:
    assert sum(map(str.isalpha, text)) < LETTERS
    assert not is_foreign(text)


@pytest.mark.parametrize("oddity", ["\ud800", "\x00", "\n", "\u202e", "\u200b"])
def test_odd_characters_hide_no_language(oddity: str) -> None:
    assert is_foreign(f"завтра утром мы{oddity} поедем на дачу {oddity}вместе с родителями")
    assert not is_foreign(f"please tell{oddity} me when dinner {oddity}is going to be ready")


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert not is_foreign("the weather is nice and you should go for a walk. " * 12 + FOREIGN[2] * 500)
