from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.queue_filter import Filter
from streams.store.cursor import Beside, ForeignCursor, Place, read, written

NUMBERS = st.integers(0, 2**53)
PLACES = st.builds(Place, st.integers(0, 1), st.integers(0, 2**31 - 1), NUMBERS, NUMBERS)
PLACE = Place(1, 480_500, 1_700_000_000_000, 77)


@given(PLACES, st.sampled_from((Filter(), Filter(text="free"))))
def test_a_cursor_tells_its_place(place: Place, wanted: Filter) -> None:
    assert read(wanted, written(wanted, place), Place) == place


def test_a_cursor_goes_into_an_address_as_it_is() -> None:
    assert all(each.isalnum() or each in "-_" for each in written(Filter(), PLACE))


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "ümlaut",
        "A" * 300,
        "W10",  # []
        "bnVsbA",  # null
        written(Filter(), PLACE)[:-4],
        written(Filter(), PLACE)[4:],
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ForeignCursor, match="none of ours"):
        read(Filter(), cursor, Place)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(ForeignCursor):
        read(Filter(), text, Place)


def test_a_cursor_of_another_question_is_refused() -> None:
    with pytest.raises(ForeignCursor, match="another question"):
        read(Filter(labels=("scam",)), written(Filter(), PLACE), Place)


def test_a_place_in_a_conversation_is_no_place_in_a_queue() -> None:
    with pytest.raises(ForeignCursor, match="none of ours"):
        read(Filter(), written(Filter(), Beside(later=True, place=3)), Place)
