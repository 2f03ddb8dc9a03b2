from streams.core.content import TEXT_LIMIT
from streams.core.policy import Marks
from streams.core.velocity import WIDTH, mark, same
from streams.evaluation.subject import BEGIN, HOUR, MINUTE, speakers_of, subject
from tests.unit.evaluation.given import row


def test_a_text_comes_with_the_messages_before_it() -> None:
    made = subject(row(1, "no", context=["hi", "bye"]), 5, 500)
    assert made.text == "no"
    assert [entry.text for entry in made.context] == ["hi", "bye"]
    assert [made.at - entry.at for entry in made.context] == [2 * MINUTE, MINUTE]


def test_only_the_last_ten_count_and_each_is_cut_as_a_window_does() -> None:
    made = subject(row(1, context=[f"{number} " + "x" * 30 for number in range(13)]), 0, 8)
    assert [entry.text for entry in made.context] == [f"{number} xxxxxxxx"[:8] for number in range(3, 13)]


def test_two_unknown_people_take_turns() -> None:
    made = subject(row(1, context=["a", "b", "c"]), 0, 500)
    speakers = [entry.user_id for entry in made.context]
    assert speakers[0] == speakers[2] != speakers[1]
    assert made.user_id == speakers[1]


def test_speakers_are_those_of_the_row_and_the_author_is_who_did_not_speak_last() -> None:
    assert speakers_of(row(1, context=["a", "b", "c"], context_speakers=["agent", "user", "agent"])) == [
        "agent",
        "user",
        "agent",
        "user",
    ]
    assert speakers_of(row(1, context=["a"], context_speakers=["agent"])) == ["agent", "author"]


def test_speakers_that_do_not_fit_the_context_are_left_aside() -> None:
    for speakers in (["agent"], "user", [1, 2], None):
        assert speakers_of(row(1, context=["a", "b"], context_speakers=speakers)) == ["one", "other", "one"]


def test_no_author_and_no_message_belongs_to_two_rows() -> None:
    made = [subject(row(1, context=["a", "b"]), number, 500) for number in (0, 1)]
    users = [{entry.user_id for entry in each.context} | {each.user_id} for each in made]
    assert not users[0] & users[1]
    assert made[1].at - made[0].at == HOUR


def test_a_window_remembers_as_many_marks_of_texts_as_the_policy_wants() -> None:
    repeated = row(1, context=["buy", "no", "buy"])
    assert subject(repeated, 0, 500).before.marks == b""
    made = subject(repeated, 0, 500, Marks(most=10, horizon_ms=HOUR))
    assert len(made.before.marks) == 3 * WIDTH
    again = mark("buy", made.context[0].user_id, BEGIN)
    assert same(made.before.marks, again, HOUR) == 3
    assert len(subject(repeated, 0, 500, Marks(most=2, horizon_ms=HOUR)).before.marks) == 2 * WIDTH
    assert len(subject(repeated, 0, 500, Marks(most=9, horizon_ms=MINUTE)).before.marks) == 2 * WIDTH


def test_a_row_without_context_has_an_empty_window() -> None:
    made = subject(row(1, "x" * TEXT_LIMIT), 0, 500)
    assert made.context == ()
    assert len(made.text) == TEXT_LIMIT
