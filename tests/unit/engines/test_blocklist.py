# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import json
import random
from pathlib import Path
from typing import Any

import pytest

from streams.core.engine import Refused, Text
from streams.engines.blocklist import MOST_SPANS, Blocklist, BlocklistConfig


def built(*lists: dict[str, Any]) -> Blocklist:
    """Return an engine with these lists, called a, b, c … where they have no name."""
    named = [{"name": chr(ord("a") + index % 26), **entry} for index, entry in enumerate(lists)]
    return Blocklist(BlocklistConfig.model_validate({"lists": named}))


def pieces(engine: Blocklist, text: str) -> list[str]:
    """Return what was found, as it stands in the text."""
    (answer,) = engine.inspect([Text(text)])
    return [text[slice(*evidence.span or ())] for finding in answer.findings for evidence in finding.evidence]


@pytest.mark.parametrize("text", ["Idiot", "IDIOT", "you idiot!", "(idiot)", "idiot,idiotic", "¿idiot?", "x-idiot-y"])
def test_a_word_is_found_whatever_its_case_and_its_neighbours(text: str) -> None:
    assert [piece.lower() for piece in pieces(built({"terms": ["idiot"]}), text)] == ["idiot"]


@pytest.mark.parametrize("text", ["sickness", "homesick", "sick_1", "sick\u0301", "sickе", "s ick", "si\nck"])
def test_a_word_is_not_found_in_a_longer_one(text: str) -> None:
    assert pieces(built({"terms": ["sick"]}), text) == []


def test_a_substring_is_found_anywhere_on_request() -> None:
    assert pieces(built({"terms": ["sick"], "match": "substring"}), "homesickness") == ["sick"]


@pytest.mark.parametrize("space", [" ", "  ", "\n", "\t", "\u00a0", " \r\n ", "\u3000", "\u2028"])
def test_a_phrase_is_found_across_any_white_space(space: str) -> None:
    text = f"piece{space}of{space}trash"

    assert pieces(built({"terms": ["piece of trash"]}), text) == [text]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("😀 Idiot 😀", "Idiot"),
        ("👩🏽‍🚀idiot👩🏽‍🚀", "idiot"),
        ("e\u0301e\u0301 idiot", "idiot"),
        ("我idiot", None),  # a Han character is a letter, and the term's edge is Latin
        ("ｉｄｉｏｔ!", "ｉｄｉｏｔ"),
        ("i\u200bdiot\u200b", "i\u200bdiot"),
        ("ﬁ idiot", "idiot"),
        ("ß idiot", "idiot"),
        ("İ İDIOT", "İDIOT"),
        ("іdіоt", "іdіоt"),  # Cyrillic i and o
    ],
)
def test_spans_are_characters_of_the_text_as_written(text: str, found: str | None) -> None:
    assert pieces(built({"terms": ["idiot"]}), text) == ([found] if found else [])


def test_scripts_without_spaces_need_no_border() -> None:
    engine = built({"terms": ["傻瓜", "ばか", "โง่"]})

    assert pieces(engine, "你是个傻瓜吗") == ["傻瓜"]
    assert pieces(engine, "おまえはばかだ") == ["ばか"]
    assert pieces(engine, "เธอโง่มาก") == ["โง่"]


def test_cyrillic_terms_meet_cyrillic_texts_in_any_case() -> None:
    engine = built({"terms": ["дурак", "КОЗЁЛ"]})

    assert pieces(engine, "ДУРАК и козёл") == ["ДУРАК", "козёл"]
    assert pieces(engine, "дураков") == []


def test_look_alikes_are_told_apart_where_a_list_says_so() -> None:
    assert pieces(built({"terms": ["idiot"], "normalize": []}), "іdіоt") == []


def test_leet_is_read_on_request_only() -> None:
    assert pieces(built({"terms": ["idiot"]}), "1d!ot") == []
    assert pieces(built({"terms": ["idiot"], "normalize": ["leet"]}), "you 1d!0t!") == ["1d!0t"]


@pytest.mark.parametrize("text", ["a55", "@ss", "4s$", "(a$s)", "A5S!"])
def test_signs_stand_for_letters(text: str) -> None:
    assert pieces(built({"terms": ["ass"], "normalize": ["leet"]}), text) != []


@pytest.mark.parametrize("text", ["455", "$55 a day", "cl@ss", "p@55word", "hell", "4$$", "45 5"])
def test_numbers_and_other_words_are_not_leet(text: str) -> None:
    assert pieces(built({"terms": ["ass", "heil"], "normalize": ["leet"]}), text) == []


def test_one_is_read_as_i_and_as_l() -> None:
    engine = built({"terms": ["heil", "hell"], "normalize": ["leet"]})

    assert pieces(engine, "he1l") == ["he1l"]
    assert pieces(engine, "hel1") == ["hel1"]


def test_a_term_that_fails_at_a_border_hides_no_other() -> None:
    engine = built({"terms": ["piece of", "of trash", "piece of trashy"]})

    assert pieces(engine, "a piece of trash") == ["piece of", "of trash"]


def test_signs_at_a_terms_edge_need_no_border() -> None:
    assert pieces(built({"terms": ["c++", "🖕"]}), "c++11 x🖕y") == ["c++", "🖕"]


def test_each_list_gives_one_finding_with_its_label_and_severity() -> None:
    engine = built(
        {"terms": ["idiot"], "label": "harassment", "severity": "low"},
        {"terms": ["idiot", "fool"], "label": "abuse", "severity": "high", "normalize": ["leet"]},
        {"terms": ["nothing"]},
    )
    (answer,) = engine.inspect([Text("idiot idiot fool")])

    assert [(finding.rule, finding.label, finding.severity) for finding in answer.findings] == [
        ("a", "harassment", "low"),
        ("b", "abuse", "high"),
    ]
    assert [len(finding.evidence) for finding in answer.findings] == [2, 3]
    assert answer.scores == {"harassment": 1.0, "abuse": 1.0}


def test_spans_are_at_most_fifty_and_the_last_covers_the_rest() -> None:
    text = "idiot " * 80
    (answer,) = built({"terms": ["idiot"]}).inspect([Text(text)])
    spans = [evidence.span for evidence in answer.findings[0].evidence]

    assert len(spans) == MOST_SPANS
    assert spans[-1] == (49 * 6, 79 * 6 + 5)


def test_texts_of_a_batch_do_not_run_into_each_other() -> None:
    answers = built({"terms": ["piece of trash"]}).inspect([Text("piece"), Text("of trash"), Text("piece of trash")])

    assert [bool(answer.findings) for answer in answers] == [False, False, True]


def test_lines_of_a_file_may_be_blank_or_comments() -> None:
    engine = built({"lines": ["# words", "", "  idiot  ", "#", "#hashtag"]})

    assert pieces(engine, "idiot #hashtag words") == ["idiot", "#hashtag"]


def test_terms_of_which_nothing_is_left_are_refused_with_list_and_line() -> None:
    with pytest.raises(Refused) as caught:
        built({"lines": ["good", "\u200b"], "file": "words.txt"}, {"terms": ["\u00ad"]}, {"name": "empty"})

    assert [where for where, _ in caught.value.errors] == ["lists[0] a", "lists[1] b", "lists[2] empty"]
    assert "words.txt line 2" in caught.value.errors[0][1]
    assert "has no terms" in caught.value.errors[2][1]


def test_ten_thousand_terms_are_all_found() -> None:
    draw = random.Random(5)
    terms = sorted({"".join(draw.choices("abcdefgh", k=draw.randint(5, 9))) for _ in range(10_100)})[:10_000]
    engine = built({"terms": terms})
    answers = engine.inspect([Text(f"so {term}!") for term in terms])

    assert len(terms) == 10_000
    assert all(answer.findings for answer in answers)


def test_every_language_finds_its_own_terms(shared: Path) -> None:
    folder = shared / "data" / "blocklists" / "naughty_words_npm_1.2.0"
    languages = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    names = {f"list_{number}": [term.strip() for term in terms] for number, terms in enumerate(languages)}
    for normalize in ([], ["confusables"], ["leet", "confusables"]):
        engine = built(*({"name": name, "terms": terms, "normalize": normalize} for name, terms in names.items()))
        for name, terms in names.items():
            for term, answer in zip(terms, engine.inspect([Text(f"({term})") for term in terms]), strict=True):
                found = {finding.rule: finding.evidence for finding in answer.findings}
                assert (1, len(term) + 1) in [evidence.span for evidence in found.get(name, ())], (name, term)
    assert len(languages) == 28


@pytest.mark.parametrize("number", ["06", "07", "08", "09", "10", "11"])
def test_the_specifications_examples_come_out_as_stated(shared: Path, number: str) -> None:
    cases = {case["id"]: case for case in json.loads((shared / "data" / "seed_cases.json").read_text("utf-8"))}
    case = cases[f"seed-{number}"]
    slips_through = "slip through" in case["expected"]

    assert bool(pieces(built({"terms": [case["term"]]}), case["input"])) is not slips_through


DISGUISES = ["leet", "confusables", "spaced", "repeated", "masked"]


@pytest.mark.parametrize("text", ["i d i o t", "id.iot", "idiooot", "id*ot", "id**t", "i.d.i.o.t", "1d!oot"])
def test_disguised_words_are_found_on_request_only(text: str) -> None:
    assert pieces(built({"terms": ["idiot"], "normalize": ["leet", "confusables"]}), text) == []
    assert pieces(built({"terms": ["idiot"], "normalize": DISGUISES}), f"you {text}!") == [text]


@pytest.mark.parametrize("text", ["an id, I. Otto", "idiom", "id io t", "xi.d.i.o.ta"])
def test_other_words_are_no_disguise(text: str) -> None:
    assert pieces(built({"terms": ["idiot"], "normalize": DISGUISES}), text) == []


def test_a_span_covers_the_whole_disguise_as_it_was_written() -> None:
    engine = built({"terms": ["idiot"], "normalize": DISGUISES})

    assert pieces(engine, "😀 I\u200b D\u200b I O T 😀  ｉｄ＊ｏｔ іdіoооt") == [
        "I\u200b D\u200b I O T",
        "ｉｄ＊ｏｔ",
        "іdіoооt",
    ]


def test_plain_and_disguised_words_of_a_text_are_all_found() -> None:
    engine = built({"terms": ["idiot"], "normalize": DISGUISES}, {"terms": ["idiot"]})
    (answer,) = engine.inspect([Text("idiot id*ot idiot i d i o t")])

    assert [[evidence.span for evidence in finding.evidence] for finding in answer.findings] == [
        [(0, 5), (6, 11), (12, 17), (18, 27)],
        [(0, 5), (12, 17)],
    ]


def test_stars_are_prefixes_and_endings_where_words_are_inflected() -> None:
    engine = built({"terms": ["*дурак*", "fool*"], "normalize": ["inflected"]})

    assert pieces(engine, "ДУРАКАМИ, придураковатый, foolish, tomfool") == ["ДУРАКАМИ", "придураковатый", "foolish"]
    assert pieces(built({"terms": ["*дурак*"]}), "дурак *дурак*") == ["*дурак*"]


def test_exceptions_are_never_found() -> None:
    listed = {"terms": ["cunt", "cock"], "match": "substring", "exceptions": ["Scunthorpe", "cocktail*"]}

    assert pieces(built(listed), "Scunthorpe COCKTAILS cuntish") == ["cunt"]


def test_too_many_terms_to_look_for_in_disguise_are_refused() -> None:
    terms = [f"word{number:04}".translate(str.maketrans("0123456789", "abcdefghij")) for number in range(3001)]

    with pytest.raises(Refused, match="3,001 terms"):
        built({"terms": terms, "normalize": ["masked"]})
    assert pieces(built({"terms": terms}), "wordaaab") == ["wordaaab"]


def test_half_a_surrogate_pair_is_not_seen() -> None:
    assert pieces(built({"terms": ["idiot"]}), "id\ud800iot \udfff") == ["id\ud800iot"]


def test_lists_that_no_memory_holds_are_refused_before_they_are_built() -> None:
    lines = ["x" * 990 + str(number) for number in range(8_000)]

    with pytest.raises(Refused) as caught:
        built({"lines": lines}, {"lines": lines, "normalize": []}, {"lines": lines})

    assert [where for where, _ in caught.value.errors] == ["lists[2] c"]
    assert "more than 16,000,000 bytes of terms" in caught.value.errors[0][1]


def test_of_very_many_empty_terms_the_first_are_named_and_the_others_counted() -> None:
    with pytest.raises(Refused) as caught:
        built({"lines": ["\u200b"] * 1_020})

    complaints = [what for _, what in caught.value.errors]
    assert complaints[0].startswith("lines line 1: nothing is left")
    assert complaints[20:] == ["1,000 more terms of which nothing is left"]
