# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.models.prepared import vocabulary
from streams.obfuscation.revealed import revealed

KNOWN = vocabulary()

PIECES = (
    *"aikluf13!$@*#._-&;x '\t\n\x00\x92\u200b\u202e\ud800\u0301\u0337іаеｋ①ﬁ⒜🅰😀👨‍👩‍👧",
    "&amp;", "&#102;", "f u c k", "k.i.l.l", "fuuuck", "1d!ot", "fr33", "сука", "pидор", "sh*t", "www.", "…", "ﷺ",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1d!ot", "idiot"),
        ("fr33 m0ney", "free money"),
        ("I'll k1ll you.", "i'll kill you."),
        ("a$$hole", "asshole"),
        ("you @ss", "you ass"),
        ("sh!t, $hit", "shit, shit"),
        ("m0n€y", "money"),
        ("hell0 th3re", "hello there"),
        ("n1gg3r", "nigger"),  # not in the model's vocabulary
        ("f u c k y o u", "fuck you"),
        ("i w i l l k i l l y o u", "i will kill you"),
        ("k.i.l.l", "kill"),
        ("k 1 l l yourself", "kill yourself"),
        ("s e x", "sex"),
        ("fuuuuck", "fuck"),
        ("soooo coooool, noooo", "so cool, no"),
        ("fuuuck1ng", "fucking"),
        ("sh*t f**k b***h f***", "shit fuck bitch fuck"),
        ("s.hit fu.ck as-shole", "shit fuck asshole"),
        ("&#102;uck &amp;amp; &lt;you&gt;", "fuck & <you>"),
        ("ＦＵＣＫ ℑ𝔡𝔦𝔬𝔱 ①", "fuck idiot 1"),
        ("f\u200bu\u00adck\u202e y\ud800ou\x00", "fuck you"),
        ("don\x92t", "don't"),  # an apostrophe of Windows-1252
        ("send me nudеs", "send me nudes"),  # a Cyrillic letter
        ("і will tell", "i will tell"),  # a word that is all Cyrillic
        ("i̷d̷i̷o̷t̷ ⓘⓓⓘⓞⓣ 🅘🅓🅘🅞🅣", "idiot idiot idiot"),
        ("hi😀😀you", "hi 😀😀 you"),
        ("  too \n\t many\u00a0 spaces ", "too many spaces"),
    ],
)
def test_a_disguise_is_undone(written: str, read: str) -> None:
    assert revealed(written, KNOWN) == read


@pytest.mark.parametrize(
    "text",
    [
        "gr8 b4 2nd 4pm covid19 u2 mp3 $50 c3po 1st 5am 10am 3rd 50ml ps4 h1n1 room5 area51 t&cs apply",
        "call 08712 402050 before 11:30pm, 150p/msg, 18+",
        "u s a, a b c, u r a star, vitamins a/b/c, plan b or c",
        "i live @home, mail k1ll@example.com or http://k1ll.example/a55",
        "www.xxx.example",
        "porn* free* *bold* 5 * 3 #1 100%",
        "hi!how are you!! well-known re-sent e.g. no.one",
        "привет, как дела? скорость и страховка",
        "нет, я не знаю",
        "مرحبا 你好 こんにちは",
        "café año naïve",
    ],
)
def test_what_may_be_meant_as_written_stays(text: str) -> None:
    assert revealed(text, KNOWN) == text


def test_a_word_that_is_known_as_written_stays() -> None:
    assert revealed("the b0ss", KNOWN | {"b0ss"}) == "the b0ss"
    assert revealed("the b0ss", KNOWN) == "the boss"


@pytest.mark.parametrize("text", ["", " ", "\u200b\u200d", "\ud800", "\x00", "\u202e", "\u0301"])
def test_nothing_seen_is_nothing(text: str) -> None:
    assert revealed(text, KNOWN) in ("", "\u0301")


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_what_is_revealed_does_not_change_any_more(text: str) -> None:
    once = revealed(text, KNOWN)

    assert revealed(once, KNOWN) == once


@given(st.text(st.characters(), max_size=50))
def test_any_string_is_read_and_can_be_encoded(text: str) -> None:
    read = revealed(text, KNOWN)

    assert read.encode().decode() == read
    assert read == read.strip()
    assert "  " not in read


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a b ", "a.", "a-", "1a", "1a ", "k1ll ", "f*", "f*** ", "&amp;", "&a;", "😀", "pидор ", "x@$! ", "ﷺ"),
        *(
            "f u c k ",
            "soooo ",
            "aaabbbccc ",
            "b1!|1!|d ",
            "0 1 a ",
            "w@w-",
            "\u0301\u0316",
            "\u200b",
            "\ud800",
            "сука ",
        ),
    ],
)
def test_long_hostile_texts_take_little_time(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    revealed("wärm", KNOWN)

    before = time.process_time()
    read = revealed(text, KNOWN)

    assert len(read) <= 20_000
    assert time.process_time() - before < 0.25  # a fifth of it on an idle machine


def test_plain_messages_take_microseconds() -> None:
    text = "Nah I don't think he goes to usf, he lives around here though. Call me when you are done?"
    revealed(text, KNOWN)

    before = time.process_time()
    for _ in range(1000):
        revealed(text, KNOWN)

    assert time.process_time() - before < 0.02  # two or three milliseconds on an idle machine
