# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import sys
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.normal import _offsets, is_plain, normal, spans_of

# Characters that normalisation moves, joins, drops or multiplies, beside ordinary ones.
AWKWARD = (
    "aIıİßẞﬁ①⒜🅰ＡéÅ\u0301\u0307\u0345\u200b\u00ad\ufe0f\u034f\u2060 \t\n\u00a0\u3000"
    "ｶﾞ가ㄱㅏ각\u1100\u1161\u11a8а́йΣςοк😀👨‍👩‍👧字ไ۱’_x"
)
TEXTS = st.text(st.one_of(st.sampled_from(AWKWARD), st.characters(exclude_categories=["Cs"])), max_size=30)


def found(text: str, part: str, *, alike: bool = True) -> list[str]:
    """Return the pieces of a text whose normal form is that of `part`."""
    form, wanted = normal(text, alike=alike), normal(part, alike=alike)
    at = [place for place in range(len(form)) if form.startswith(wanted, place)]
    spans = spans_of(text, [(place, place + len(wanted)) for place in at], alike=alike)
    return [text[start:end] for start, end in spans]


@given(text=TEXTS, alike=st.booleans())
def test_every_character_of_the_form_comes_from_a_place_in_the_text(text: str, *, alike: bool) -> None:
    form = normal(text, alike=alike)
    spans = spans_of(text, [(place, place + 1) for place in range(len(form))], alike=alike)

    assert len(spans) == len(form)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(text=TEXTS, alike=st.booleans())
def test_places_never_go_back(text: str, *, alike: bool) -> None:
    form = normal(text, alike=alike)
    spans = spans_of(text, [(place, place + 1) for place in range(len(form))], alike=alike)

    assert spans == sorted(spans)


@given(text=st.text(st.sampled_from("aZ9.\u2019éÉ£€😀ß \t\n\r\u00a0\u200b"), max_size=20), alike=st.booleans())
def test_the_quick_way_back_leads_where_the_slow_one_does(text: str, *, alike: bool) -> None:
    form = normal(text, alike=alike)
    starts, ends = _offsets(text, alike=alike)

    assert spans_of(text, [(place, place + 1) for place in range(len(form))], alike=alike) == list(
        zip(starts, ends, strict=True)
    )


@given(before=TEXTS, part=TEXTS, after=TEXTS, alike=st.booleans())
def test_a_part_between_spaces_is_found_as_it_was_written(before: str, part: str, after: str, *, alike: bool) -> None:
    wanted = normal(f"|{part}|", alike=alike)
    text = f"{before} |{part}| {after}"
    place = normal(text, alike=alike).index(wanted, len(normal(f"{before} ", alike=alike)) - 1)
    ((start, end),) = spans_of(text, [(place, place + len(wanted))], alike=alike)

    assert normal(text[start:end], alike=alike) == wanted


@given(text=TEXTS, alike=st.booleans())
def test_no_form_holds_a_line_break_or_two_spaces(text: str, *, alike: bool) -> None:
    form = normal(text, alike=alike)

    assert "\n" not in form
    assert "  " not in form


@given(
    text=st.text(
        st.one_of(
            st.characters(max_codepoint=0x17F),
            st.characters(min_codepoint=0x2010, max_codepoint=0x27FF),
            st.characters(min_codepoint=0x1F300, max_codepoint=0x1FAFF),
        )
    ),
    alike=st.booleans(),
)
def test_an_unseen_character_at_the_end_changes_nothing(text: str, *, alike: bool) -> None:
    assert normal(f"{text}x\u200b", alike=alike) == normal(f"{text}x", alike=alike)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30))
def test_a_plain_text_is_its_lower_case(text: str) -> None:
    if is_plain(text):
        assert normal(text, alike=True) == normal(text, alike=False) == text.lower()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("IDIOT", "idiot"),
        ("ｉｄｉｏｔ", "idiot"),  # full width
        ("ℑ𝔡𝔦𝔬𝔱", "idiot"),  # mathematical letters
        ("id\u200bi\u2060o\u00adt", "idiot"),  # zero-width space, word joiner, soft hyphen
        ("i\x00diot", "idiot"),
        ("piece\n\t of\u00a0\u3000trash", "piece of trash"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("İDIOT", "idiot"),
        ("oﬃce", "office"),  # one ligature, three letters
        ("caf\u0065\u0301", "café"),  # composed and not
        ("ｶﾞ", "ガ"),  # half-width letter and voice mark
        ("\u1112\u1161\u11ab", "한"),  # Hangul letters and syllable
        ("you’re", "you're"),
        ("✌\ufe0f", "✌"),  # variation selector
    ],
)
def test_spellings_of_one_text_have_one_form(written: str, read: str) -> None:
    assert normal(written, alike=False) == normal(read, alike=False)


@pytest.mark.parametrize(
    "written",
    [
        "іdіоt",  # Cyrillic i and o
        "ιdιοτ",  # Greek
        "⒤⒟⒤⒪⒯",
        "🅘🅓🅘🅞🅣",
        "🄸🅳🄸🄾🅃",
        "i̷d̷i̷o̷t̷",  # struck through
        "i\u033f\u035bd\u0489i\u033fo\u034at\u0346",
    ],
)
def test_look_alikes_are_read_as_latin(written: str) -> None:
    assert normal(written, alike=True) == "idiot"
    assert normal(written, alike=False) != "idiot"


def test_small_and_capital_cyrillic_have_one_form() -> None:
    assert normal("НЕТ, ТАК КАК", alike=True) == normal("нет, так как", alike=True)  # Cyrillic


def test_arabic_and_indic_letters_stay_what_they_are() -> None:
    assert normal("مرحبا ఓం", alike=True) == normal("مرحبا ఓం", alike=False)


@pytest.mark.parametrize(
    ("text", "part", "pieces"),
    [
        ("😀 Idiot 😀", "idiot", ["Idiot"]),
        ("👨‍👩‍👧 idiot", "idiot", ["idiot"]),
        ("a\u0301\u0302 idiot", "idiot", ["idiot"]),
        ("字idiot字", "idiot", ["idiot"]),
        ("Maß", "ss", ["ß"]),  # a character that became two is covered whole
        ("Maß", "as", ["aß"]),
        ("oﬃce", "fi", ["ﬃ"]),
        ("i\u200bd\u200biot\u200b!", "idiot", ["i\u200bd\u200biot"]),
        ("İdiot", "idiot", ["İdiot"]),
        ("ＡＢＣ ｉｄｉｏｔ", "idiot", ["ｉｄｉｏｔ"]),
        ("x piece \n\u00a0 of trash", "piece of", ["piece \n\u00a0 of"]),
        ("idiot\u0301", "idio", ["idio"]),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "글", ["\u1100\u1173\u11af"]),
    ],
)
def test_a_match_is_the_text_as_it_was_written(text: str, part: str, pieces: list[str]) -> None:
    assert found(text, part) == pieces


def test_only_marks_and_hangul_vowels_and_finals_join_the_character_before() -> None:
    """What makes it right to normalise cluster by cluster; fails when Unicode adds a letter that joins."""
    for point in range(sys.maxunicode + 1):
        parts = unicodedata.decomposition(chr(point)).split()
        if len(parts) == 2 and not parts[0].startswith("<"):
            second = chr(int(parts[1], 16))
            assert unicodedata.category(second)[0] == "M" or "\u1160" <= second <= "\u11ff", hex(point)


def test_thousands_of_marks_cost_little() -> None:
    marks = sorted(map(chr, range(0x300, 0x370)), key=unicodedata.combining, reverse=True)
    text = "a" + "".join(mark * 180 for mark in marks)

    before = time.process_time()
    form = normal(text, alike=False)
    spans_of(text, [(0, 1)], alike=False)

    assert len(form) <= 9
    assert time.process_time() - before < 0.5
