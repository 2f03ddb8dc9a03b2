import pytest

from streams.core.rights import Grant
from streams.web.view_words import age, band, field_moment, field_time, grant_told, moment_of, percent, words

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        (0, "now"),
        (MINUTE - 1, "now"),
        (MINUTE, "1 min"),
        (HOUR - 1, "59 min"),
        (HOUR, "1 h"),
        (DAY - 1, "23 h"),
        (DAY, "1 d"),
        (364 * DAY, "364 d"),
        (366 * DAY, "1 y"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(gone: int, told: str) -> None:
    assert age(1_700_000_000_000 - gone, 1_700_000_000_000) == told
    assert age(1_700_000_000_000 + gone, 1_700_000_000_000) == told


@pytest.mark.parametrize(
    ("confidence", "name"),
    [(None, ""), (0.0, "low"), (69.99, "low"), (70.0, "medium"), (94.99, "medium"), (95.0, "high"), (100.0, "high")],
)
def test_bands_meet_at_70_and_95(confidence: float | None, name: str) -> None:
    assert band(confidence) == name


def test_a_confidence_is_not_rounded_up_into_the_next_band() -> None:
    assert [percent(value) for value in (94.99, 95.0, 70.06, 100.0)] == ["94.9", "95", "70", "100"]


def test_names_of_ours_are_shown_as_words() -> None:
    assert words("shadow_block") == "shadow block"


def test_moments_of_fields_are_utc_and_go_back_and_forth() -> None:
    assert field_time(1_700_000_040_000) == "2023-11-14T22:14"
    assert field_moment("2023-11-14T22:14") == 1_700_000_040_000
    assert field_moment("1700000040000") == 1_700_000_040_000
    assert field_time(None) == ""
    with pytest.raises(ValueError, match="yesterday"):
        field_moment("yesterday")


def test_a_text_that_is_no_moment_leaves_the_other_one() -> None:
    assert moment_of("2023-11-14T22:14:00.000Z") == 1_700_000_040_000
    assert moment_of("2023-11-14T22:14:00", 7) == 7
    assert moment_of("soon", 7) == 7


def test_a_grant_tells_over_what_it_holds() -> None:
    assert grant_told(Grant("admin")) == "admin of everything"
    assert grant_told(Grant("senior", tenants=("", "eu"), labels=("scam",))) == "senior: tenants none, eu; labels scam"
