import pytest

from streams.core.script import bounds_word, is_word


@pytest.mark.parametrize("character", ["a", "é", "я", "7", "٣", "_", "\u0301", "字", "ー", "한"])
def test_letters_digits_and_marks_are_parts_of_words(character: str) -> None:
    assert is_word(character)


@pytest.mark.parametrize("character", [" ", "-", ".", "'", "😀", "$", "\n", "。", "\u200d"])
def test_signs_and_spaces_are_not(character: str) -> None:
    assert not is_word(character)
    assert not bounds_word(character)


@pytest.mark.parametrize("character", ["字", "々", "か", "カ", "ー", "ก", "ລ", "ក", "မ", "𠀋"])
def test_scripts_without_spaces_show_no_border(character: str) -> None:
    assert not bounds_word(character)


@pytest.mark.parametrize("character", ["a", "я", "ع", "ह", "한", "7"])
def test_scripts_with_spaces_do(character: str) -> None:
    assert bounds_word(character)
