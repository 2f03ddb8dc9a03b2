import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.shown import MARKS, RUN, Segment, excerpt, inert, named, segments
from streams.core.span import Span

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HIDDEN = (
    f"{BIDI}\u200b\u2060\ufeff\u00ad\u2028\u2029\x00\x07\x1b\x7f\x85\x9f\ue000\U000f0000\ud800\udfff\u0378\U000e0041"
)
ESCAPE = re.compile(r"⟨U\+([0-9A-F]{4,6})(?: x([0-9]+))?⟩")
MARKED_MORE = re.compile(r"⟨\+([0-9]+) marks?⟩")

ACTS = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}

TEXTS = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.text(alphabet=HIDDEN, max_size=4),
        st.text(alphabet="ab \n\r\t", max_size=8),
        st.text(alphabet="e\u0301\u0316\u0338\u20dd\u034f", max_size=14),
        st.text(alphabet="👨👩🏽♂1#❤می\u200d\u200c\ufe0f\u20e3क्ष", max_size=8),
        st.integers(0, 130).map("w".__mul__),
    ),
    max_size=8,
).map("".join)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    place = st.integers(0, len(text) + 3)
    return text, draw(st.lists(st.tuples(place, place), max_size=5))


def given_back(segment: Segment) -> list[str]:
    """Return the characters that a segment stands for; `?` for a mark that is only counted."""
    if segment.kind == "text":
        return list(segment.text)
    code = ESCAPE.fullmatch(segment.text)
    if code is not None:
        return [chr(int(code[1], 16))] * int(code[2] or 1)
    counted = MARKED_MORE.fullmatch(segment.text)
    assert counted is not None
    return ["?"] * int(counted[1])


@given(texts_with_spans())
def test_every_character_is_shown_or_written_as_its_code_and_marked_where_a_span_has_it(
    case: tuple[str, list[Span]],
) -> None:
    text, spans = case
    covered = {place for start, end in spans for place in range(start, end)}
    expected = [
        (character, place in covered)
        for place, character in enumerate(text)
        if not (character == "\r" and text[place + 1 : place + 2] == "\n")
    ]

    shown = [(one, segment.marked) for segment in segments(text, spans) for one in given_back(segment)]

    assert len(shown) == len(expected)
    for (seen, marked), (character, is_covered) in zip(shown, expected, strict=True):
        assert marked == is_covered
        assert seen == character or (seen == "?" and unicodedata.category(character) in {"Mn", "Me"})


@given(texts_with_spans())
def test_nothing_that_acts_on_a_page_comes_out(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    for shown in (segments(text, spans), excerpt(text, spans, 20)):
        for character in "".join(segment.text for segment in shown):
            assert character == "\n" or unicodedata.category(character) not in ACTS
            assert character not in HIDDEN
    assert not any(character in HIDDEN or character in "\n\r\t" for character in named(text))
    assert not any(character in HIDDEN or character in "\r\t" for character in inert(text))


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_what_can_be_seen_is_shown_as_it_is(text: str) -> None:
    assert "".join(segment.text for segment in segments(text)) == text
    assert {segment.kind for segment in segments(text)} <= {"text"}


@given(TEXTS)
def test_no_letter_bears_more_marks_than_writing_needs_and_none_is_without_a_letter(text: str) -> None:
    for segment in segments(text):
        if segment.kind == "text":
            marks = 0
            for character in segment.text:
                marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} and character != "\ufe0f" else 0
                assert marks <= MARKS


@given(texts_with_spans(), st.integers(1, 40))
def test_the_cut_tells_how_many_characters_follow(case: tuple[str, list[Span]], limit: int) -> None:
    text, spans = case
    shown = segments(text, spans, limit)
    cut = [segment for segment in shown if segment.kind == "cut"]

    assert [segment.text for segment in cut] == ([f"⟨+{len(text) - limit} characters⟩"] if len(text) > limit else [])
    for segment in cut:
        assert segment.marked == any(start < end and end > limit and start < len(text) for start, end in spans)


@given(TEXTS, st.integers(8, 90))
def test_a_name_is_one_line_of_at_most_its_length(text: str, limit: int) -> None:
    line = named(text, limit)
    assert len(line) <= limit
    assert not {"\n", "\r"} & set(line)


@given(texts_with_spans(), st.integers(8, 200))
def test_an_excerpt_holds_the_first_span_or_its_start(case: tuple[str, list[Span]], width: int) -> None:
    text, spans = case
    within = [(start, end) for start, end in spans if start < end and start < len(text)]
    shown = excerpt(text, spans, width)

    assert not any("\n" in segment.text for segment in shown)
    whole = any(end > start and text[start:end] not in {"\r", "\n"} for start, end in within)
    assert any(segment.marked for segment in shown) or not whole


def test_a_bidi_override_is_written_as_its_code() -> None:
    assert segments("a\u202eb", [(0, 2)]) == (
        Segment("a", marked=True),
        Segment("⟨U+202E⟩", marked=True, kind="escaped"),
        Segment("b"),
    )


def test_the_same_hidden_character_many_times_is_counted() -> None:
    assert segments("a" + "\u200b" * 20_000, limit=30_000)[1:] == (Segment("⟨U+200B x20000⟩", kind="escaped"),)


def test_a_tower_of_marks_is_cut_down_and_counted() -> None:
    (letter, rest, end) = segments("e" + "\u0301\u0316" * 300 + "f")
    assert (letter.text, rest.text, end.text) == ("e\u0301\u0316\u0301\u0316", "⟨+596 marks⟩", "f")


def test_a_mark_without_a_letter_is_written_as_its_code() -> None:
    assert [segment.text for segment in segments("\u0338>\n\u0338\u200b\u0338")] == [
        "⟨U+0338⟩",
        ">\n",
        "⟨U+0338⟩",
        "⟨U+200B⟩",
        "⟨U+0338⟩",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧 ❤️ 1️⃣ #️⃣ 👩🏽‍🚀 🏳️‍🌈",
        "می‌خواهم",  # Persian: the joiner tells two words from one
        "क्‍ष",
        "tiếng Việt",
        "שָׁלוֹם",
        "สวัสดี",
        "葛\U000e0100城",  # a variant of an ideograph, as names are written
    ],
)
def test_what_writing_systems_and_emoji_need_stays(text: str) -> None:
    assert segments(text) == (Segment(text),)


@pytest.mark.parametrize("text", ["sc\u200cam", "sc\u200dam", "a\ufe0fb", "a\U000e0100b", "x\u3164y", "x\u2800y"])
def test_what_hides_between_latin_letters_does_not(text: str) -> None:
    assert [segment.kind for segment in segments(text)] == ["text", "escaped", "text"]


def test_a_long_word_is_cut_where_no_letter_loses_its_marks() -> None:
    word = "e\u0301" * 100
    parts = [segment.text for segment in segments(word)]
    assert "".join(parts) == word
    assert len(parts) > 1
    assert all(len(part) <= RUN + MARKS and part[0] == "e" for part in parts)


def test_a_text_of_short_words_is_one_segment() -> None:
    text = "all of it in words and\nlines " * 50
    assert segments(text) == (Segment(text),)


def test_a_windows_line_break_is_one_and_a_lone_return_is_written() -> None:
    assert "".join(segment.text for segment in segments("a\r\nb\rc")) == "a\nb⟨U+000D⟩c"


def test_markup_comes_out_as_it_went_in() -> None:
    text = "<script>alert(1)</script> javascript:alert(1) <svg onload=x>"
    assert segments(text) == (Segment(text),)


def test_an_excerpt_shows_what_was_found_and_that_more_stands_around() -> None:
    text = "word " * 100 + "idiot" + " word" * 100
    shown = excerpt(text, [(500, 505)], 60)
    assert [segment.text for segment in shown if segment.marked] == ["idiot"]
    assert (shown[0], shown[-1]) == (Segment("…", kind="cut"), Segment("…", kind="cut"))
    assert sum(len(segment.text) for segment in shown) == 62


def test_an_excerpt_of_a_short_text_is_all_of_it() -> None:
    assert excerpt("two\nlines", [(0, 3)]) == (Segment("two", marked=True), Segment(" lines"))


def test_a_name_of_hostile_characters_is_short_and_one_line() -> None:
    assert named("Bob\u202e\nexe.png") == "Bob⟨U+202E⟩⏎exe.png"
    assert named("x" * 500, 10) == "x" * 9 + "…"
    assert named("\u202e\u200b" * 40, 20) == "⟨U+202E⟩⟨U+200B⟩…"


def test_no_two_text_segments_stand_beside_each_other_without_need() -> None:
    shown = segments("one two\n" * 500, [(3, 5)])
    assert all(before.marked != after.marked for before, after in pairwise(shown))
