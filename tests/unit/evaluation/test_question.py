from streams.evaluation.question import Question, questions
from tests.unit.evaluation.given import answer, row

ROWS = [row(1, positive=["spam"], negative=["scam"]), row(2, negative=["abuse"]), row(3)]


def names(*only: str) -> list[str]:
    """Return the names of what the rows can be asked."""
    return [question.name for question in questions(ROWS, only)]


def test_rows_are_asked_for_each_label_that_one_of_them_lists() -> None:
    assert names() == ["abuse", "scam", "spam", "spam_or_scam", "any"]


def test_only_some_are_asked_for_when_they_are_named() -> None:
    assert names("any", "spam") == ["spam", "any"]


def test_a_single_label_is_not_asked_for_twice() -> None:
    assert [question.name for question in questions([row(1, positive=["spam"]), row(2, negative=["spam"])])] == ["spam"]
    assert questions([row(1)]) == []


def test_a_label_that_a_row_does_not_list_is_unknown() -> None:
    spam = Question("spam", frozenset({"spam"}))
    assert [spam.truth(each) for each in ROWS] == [True, None, None]


def test_of_several_labels_one_that_holds_is_enough() -> None:
    either = Question("spam_or_scam", frozenset({"spam", "scam"}))
    assert either.truth(ROWS[0]) is True
    assert either.truth(row(4, negative=["scam"])) is False
    assert either.truth(ROWS[1]) is None


def test_the_score_of_several_labels_is_the_highest_and_none_is_nought() -> None:
    either = Question("spam_or_scam", frozenset({"spam", "scam"}))
    assert either.score(answer({"spam": 0.2, "scam": 0.7, "abuse": 0.9})) == 0.7
    assert either.score(answer({"abuse": 0.9})) == 0.0
