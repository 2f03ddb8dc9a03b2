import pytest

from streams.core.finding import Evidence
from streams.core.transcript import Line, Page, around

PAGE = Page((Line("pay me", (10, 10, 60, 20)), Line("outside", (10, 30, 70, 40))))


def test_lines_stand_on_lines_of_their_own_in_the_text() -> None:
    assert PAGE.text == "pay me\noutside"


def test_lines_in_one_row_stand_on_one_line_and_keep_their_places() -> None:
    row = Page((Line("4111 1111", (0, 0, 40, 9)), Line("1111 1111", (50, 0, 90, 9), beside=True)))
    assert row.text == "4111 1111 1111 1111"
    assert [place.box for place in row.places((10, 12))] == [(50, 0, 90, 9)]


@pytest.mark.parametrize(
    ("span", "boxes"),
    [
        ((0, 3), [(10, 10, 60, 20)]),
        ((5, 7), [(10, 10, 60, 20)]),  # reaches over the line's end
        ((6, 7), []),  # what stands between two lines stands nowhere
        ((4, 8), [(10, 10, 60, 20), (10, 30, 70, 40)]),
        ((7, 14), [(10, 30, 70, 40)]),
    ],
)
def test_a_span_lies_in_the_lines_that_it_touches(
    span: tuple[int, int], boxes: list[tuple[int, int, int, int]]
) -> None:
    assert [place.box for place in PAGE.places(span)] == boxes


def test_what_is_said_of_the_whole_text_lies_in_the_box_around_all_lines() -> None:
    assert list(PAGE.places(None)) == [Evidence(box=(10, 10, 70, 40))]
    assert list(Page(()).places(None)) == []


def test_a_place_names_the_time_of_its_frame() -> None:
    (place,) = Page(PAGE.lines[:1], (400, 900)).places((0, 1))
    assert place.frame == (400, 900)


def test_a_box_around_boxes_is_the_smallest() -> None:
    assert around([(5, 6, 7, 8), (1, 9, 3, 12)]) == (1, 6, 7, 12)


def test_what_is_written_does_not_show_in_a_log() -> None:
    assert "pay" not in f"{PAGE!r}"
