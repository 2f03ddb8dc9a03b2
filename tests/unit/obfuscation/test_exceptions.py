import pytest

from streams.obfuscation.exceptions import Exceptions


@pytest.mark.parametrize(
    ("text", "part", "covered"),
    [
        ("in scunthorpe today", "cunt", True),
        ("a cunt", "cunt", False),
        ("cocktails", "cock", True),
        ("cock tails", "cock", False),
        ("peacocktail", "cock", False),
    ],
)
def test_a_match_within_an_excepted_word_is_covered(text: str, part: str, *, covered: bool) -> None:
    start = text.index(part)

    assert Exceptions(["Scunthorpe", "cocktail*"]).cover(text, (start, start + len(part))) is covered


def test_a_word_that_never_ends_is_not_walked_through() -> None:
    assert not Exceptions(["aaa"]).cover("a" * 20_000, (10_000, 10_003))
