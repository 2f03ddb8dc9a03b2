import pytest

from streams.evaluation.running import FoundSpan
from streams.evaluation.spans import measured
from tests.unit.evaluation.given import answer, row

CARD, MAIL = [0, 4, "CREDIT_CARD"], [10, 20, "EMAIL_ADDRESS"]


def test_a_span_that_overlaps_one_of_the_same_kind_is_right() -> None:
    rows = [row(1, spans=[CARD, MAIL]), row(2, spans=[])]
    answers = [
        answer(spans=[FoundSpan("card", 3, 9), FoundSpan("email", 20, 22)]),
        answer(spans=[FoundSpan("card", 0, 4)]),
    ]
    card, mail, every = measured("a", rows, answers)
    assert (card.kind, card.given, card.found, card.precision, card.recall) == ("card", 1, 2, 0.5, 1.0)
    assert card.f1 == pytest.approx(2 / 3)
    assert (mail.kind, mail.precision, mail.recall, mail.f1) == ("email", 0.0, 0.0, 0.0)
    assert (every.kind, every.given, every.found) == (None, 2, 3)
    assert every.precision == pytest.approx(1 / 3)
    assert every.recall == 0.5


def test_the_right_place_with_the_wrong_kind_is_wrong() -> None:
    (card, phone, _) = measured("a", [row(1, spans=[CARD])], [answer(spans=[FoundSpan("phone", 0, 4)])])
    assert (card.recall, card.precision, card.f1) == (0.0, None, 0.0)
    assert (phone.precision, phone.recall, phone.f1) == (0.0, None, None)


def test_two_engines_that_find_the_same_count_once() -> None:
    spans = [FoundSpan("card", 0, 4), FoundSpan("card", 0, 3)]
    assert measured("a", [row(1, spans=[CARD])], [answer(spans=spans)])[0].found == 1


def test_one_span_may_cover_two() -> None:
    rows = [row(1, spans=[[0, 4, "CREDIT_CARD"], [5, 9, "CREDIT_CARD"]])]
    card = measured("a", rows, [answer(spans=[FoundSpan("card", 0, 9)])])[0]
    assert (card.given, card.found, card.recall, card.precision) == (2, 1, 1.0, 1.0)


def test_kinds_that_no_engine_looks_for_are_left_out() -> None:
    assert measured("a", [row(1, spans=[[0, 4, "PERSON"]])], [answer()]) == []
    both = measured("a", [row(1, spans=[[0, 4, "PERSON"], CARD])], [answer()])
    assert [line.kind for line in both] == ["card", None]


def test_a_span_whose_kind_the_engine_does_not_tell_counts_for_none() -> None:
    card = measured("a", [row(1, spans=[CARD])], [answer(spans=[FoundSpan(None, 0, 4)])])[0]
    assert (card.found, card.recall) == (0, 0.0)


def test_spans_without_types_and_things_that_are_no_spans_are_left_aside() -> None:
    for spans in ([[0, 4]], "x", [["a", 4, "CREDIT_CARD"]], [[0, 4, 7]], None):
        assert measured("a", [row(1, spans=spans)], [answer()]) == []
