from streams.core.breadth import breadth
from tests.unit.core.given import Words, WordsConfig


def test_breadth_is_the_share_of_texts_in_which_a_rule_finds_something() -> None:
    engine = Words(WordsConfig(words=("a", "b", "z")))

    assert breadth(engine, ["a b", "a", "c", "d"]) == {"a": 0.5, "b": 0.25, "z": 0.0}


def test_without_texts_there_is_no_breadth() -> None:
    assert breadth(Words(WordsConfig(words=("a",))), []) == {}
