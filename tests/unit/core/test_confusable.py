# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import pytest

from streams.core.confusable import alike_as_leet, decorated, in_leet, look_alikes


def test_no_ascii_character_is_a_look_alike() -> None:
    assert not any(chr(point).isascii() for point in look_alikes())
    assert not any(character.isascii() for character in decorated())


def test_every_look_alike_is_read_as_small_ascii_letters() -> None:
    assert all(1 <= len(read) <= 2 and read.isascii() and read.islower() for read in look_alikes().values())
    assert all(len(read) == 1 and read.isascii() and read.islower() for read in decorated().values())


@pytest.mark.parametrize(
    ("character", "read"), [("а", "a"), ("о", "o"), ("к", "k"), ("ο", "o"), ("ρ", "p"), ("æ", "ae")]
)
def test_cyrillic_greek_and_ligatures_are_read_as_latin(character: str, read: str) -> None:
    assert look_alikes()[ord(character)] == read


def test_all_letters_in_brackets_and_boxes_are_known() -> None:
    assert {decorated()[chr(0x249C + number)] for number in range(26)} == set("abcdefghijklmnopqrstuvwxyz")
    assert {decorated()[chr(0x1F170 + number)] for number in range(26)} == set("abcdefghijklmnopqrstuvwxyz")


@pytest.mark.parametrize("text", ["1d!0t é", "1d!0t"])
def test_leet_keeps_the_length(text: str) -> None:
    assert in_leet(text) == text.replace("1", "i").replace("!", "i").replace("0", "o")


@pytest.mark.parametrize(
    ("term", "text", "alike"),
    [
        ("hell", "he1l", True),
        ("heil", "he1l", True),
        ("heil", "hell", False),
        ("ass", "455", False),
        ("911", "911", True),
    ],
)
def test_leet_is_that_of_the_term(term: str, text: str, *, alike: bool) -> None:
    assert alike_as_leet(term, text) is alike
