from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.core.span import MASK, Span, capped, masked, merged

TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="*"), max_size=40)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS)
    place = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(place, place).map(lambda ends: (min(ends), max(ends))), max_size=8))
    return text, spans


@given(texts_with_spans())
def test_what_no_span_covers_stays_and_what_one_covers_goes(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    covered = {position for start, end in spans for position in range(start, end)}

    kept = masked(text, spans).replace(MASK, "")

    assert kept == "".join(character for position, character in enumerate(text) if position not in covered)


@given(texts_with_spans())
def test_each_merged_span_becomes_one_mask(case: tuple[str, list[Span]]) -> None:
    text, spans = case

    assert masked(text, spans).count(MASK) == len(merged(spans))


@given(texts_with_spans())
def test_merged_spans_are_in_order_and_do_not_overlap(case: tuple[str, list[Span]]) -> None:
    _, spans = case
    result = merged(spans)

    assert all(before[1] <= after[0] for before, after in pairwise(result))
    assert merged(result) == result


def test_spans_that_touch_stay_two() -> None:
    assert merged([(2, 4), (0, 2)]) == [(0, 2), (2, 4)]


def test_offsets_are_characters_not_bytes() -> None:
    assert masked("a😀bc😀d", [(2, 4)]) == "a😀****😀d"


def test_a_text_without_spans_is_itself() -> None:
    assert masked("nothing here", []) == "nothing here"


@given(texts_with_spans(), st.integers(1, 5))
def test_capped_spans_cover_all_that_was_found(case: tuple[str, list[Span]], most: int) -> None:
    _, spans = case
    covered = {position for start, end in spans for position in range(start, end)}
    result = capped(spans, most)

    assert len(result) <= most
    assert covered <= {position for start, end in result for position in range(start, end)}


def test_spans_within_the_cap_are_only_sorted() -> None:
    assert capped([(5, 6), (0, 2), (5, 6)], 3) == [(0, 2), (5, 6)]


def test_the_last_span_within_the_cap_reaches_over_the_rest() -> None:
    assert capped([(0, 1), (2, 3), (4, 5), (6, 7)], 2) == [(0, 1), (2, 7)]
