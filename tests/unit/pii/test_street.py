import re

import pytest

from streams.pii import street


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (street.NAME, "Paseo del Atlántico"),
        (street.NUMBER, "221B"),
        (street.UNIT, "apt. 12"),
        (street.BOX, "p.o. box"),
        (street.STATE, "NY"),
        (street.POSTCODE, "SW1A 1AA"),
        (street.POSTCODE, "62704-1234"),
        (street.AFTER_NAME, "street"),
        (street.ENDING, "strasse"),
        (street.BEFORE_NAME, "rue"),
    ],
)
def test_each_part_matches_what_it_is_named_for(part: str, text: str) -> None:
    assert re.fullmatch(part, text)


def test_a_word_of_a_name_starts_with_a_capital() -> None:
    assert not re.fullmatch(street.CAPITAL, "street")
    assert re.fullmatch(street.CAPITAL, "Šárka")
