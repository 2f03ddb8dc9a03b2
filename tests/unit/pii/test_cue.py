from streams.pii.cue import Cue

CUE = Cue("card|บัตร")


def test_a_cue_is_a_whole_word_in_any_case() -> None:
    assert CUE.before("My CARD: 1", 9)
    assert CUE.before("card1", 4)
    assert not CUE.before("discard 1", 8)
    assert not CUE.before("cardboard 1", 10)


def test_a_cue_of_a_script_without_spaces_stands_anywhere() -> None:
    assert CUE.before("เลขบัตรประชาชน 1", 15)


def test_a_cue_counts_only_when_it_is_near() -> None:
    assert not CUE.before("card" + " " * 40 + "1", 44)
    assert CUE.before("card" + " " * 30 + "1", 34)
    assert CUE.after("1 is my card", 1)
    assert not CUE.after("1" + " " * 30 + "card", 1)
    assert CUE.near("1 card", 0, 1)
