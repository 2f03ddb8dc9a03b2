from streams.evaluation.functional import measured
from tests.unit.evaluation.given import answer, row

HATE = ["hate_speech"]


def test_each_test_says_which_share_is_right_positive_ones_first() -> None:
    rows = [
        row(1, negative=HATE, functionality="ident_nh", target="women"),
        row(2, negative=HATE, functionality="ident_nh", target="women"),
        row(3, negative=HATE, functionality="ident_nh", target=""),
        row(4, positive=HATE, functionality="threat_h", target="women"),
        row(5, positive=HATE, functionality="threat_h", target="women"),
    ]
    answers = [answer(found=HATE), answer(), answer(found=HATE), answer(found=HATE), answer(found=["spam"])]
    threat, ident = measured("hatecheck", rows, answers)
    assert (threat.test, threat.label, threat.positive, threat.rows, threat.right) == ("threat_h", *HATE, True, 2, 0.5)
    assert (threat.naming, threat.naming_found) == (0, 0)
    assert (ident.test, ident.positive, ident.rows, ident.right) == ("ident_nh", False, 3, 1 / 3)
    assert (ident.naming, ident.naming_found) == (2, 1)


def test_what_is_no_name_of_a_test_is_left_aside() -> None:
    for name in ("a secret text", "x" * 65, 7, None):
        assert measured("a", [row(1, positive=HATE, functionality=name)], [answer()]) == []
