from collections import Counter

import msgspec
import pytest

from streams.evaluation.measuring import Part, benign, file_report, measured, severities, side, speed
from streams.evaluation.question import Question
from streams.evaluation.report import Detection
from streams.evaluation.rows import LabelledFile
from streams.evaluation.running import Run, Timed
from tests.unit.evaluation.given import Words, answer, policy, row

SPAM = Question("spam", frozenset({"spam"}))


def test_figures_of_a_label_come_from_the_rows_that_list_it() -> None:
    rows = [row(1, positive=["spam"]), row(2, positive=["spam"]), row(3, negative=["spam"]), row(4, negative=["abuse"])]
    answers = [
        answer({"spam": 0.9}, found=["spam"], acted=["spam"]),
        answer({"spam": 0.4}),
        answer({"spam": 0.6}, found=["spam"]),
        answer({"spam": 1.0}, found=["spam"], acted=["spam"]),
    ]
    line = measured(Part("a", rows, answers), SPAM)
    assert (line.file, line.label, line.rows, line.positives) == ("a", "spam", 3, 2)
    assert line.auc == 0.5
    assert line.ap == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert line.found == Detection(0.5, 0.5, 0.5, 0.25)
    assert (line.acted.precision, line.acted.recall) == (1.0, 0.5)
    assert line.acted.f1 == line.acted.macro_f1 == pytest.approx(2 / 3)
    assert line.at_precision is not None
    assert (line.at_precision.threshold, line.at_precision.recall) == (0.9, 0.5)
    assert line.curve == [(0.9, 1.0, 0.5), (0.4, pytest.approx(2 / 3), 1.0)]
    assert line.calibration.positives == [0, 0, 0, 0, 1, 0, 0, 0, 0, 1]


def test_a_label_without_positive_rows_has_no_figures_that_need_them() -> None:
    line = measured(Part("a", [row(1, negative=["spam"])], [answer()]), SPAM)
    assert (line.positives, line.auc, line.ap, line.at_precision, line.curve) == (0, None, None, None, [])
    assert line.found == Detection(None, None, None, None)


def test_a_harmless_row_has_a_negative_label_and_no_positive_one() -> None:
    rows = [
        row(1, negative=["spam"]),
        row(2, negative=["spam"], positive=["abuse"]),
        row(3),
        row(4, negative=["abuse"]),
    ]
    answers = [answer(action="flag"), answer(action="block"), answer(action="block"), answer(action="allow")]
    line = benign(Part("a", rows, answers))
    assert (line.rows, line.acted, line.share) == (2, 1, 0.5)


def test_severities_are_compared_where_rows_have_one() -> None:
    rows = [row(1, severity="low"), row(2, severity="low"), row(3, severity="high"), row(4)]
    answers = [answer(severity="low"), answer(), answer(severity="critical"), answer(severity="low")]
    line = severities(Part("a", rows, answers))
    assert line is not None
    assert (line.rows, line.found, line.exact_of_found) == (3, 2, 0.5)
    assert line.exact == pytest.approx(1 / 3)
    assert line.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert line.confusion["low"] == {"low": 1, "medium": 0, "high": 0, "critical": 0, "none": 1}
    assert line.confusion["high"]["critical"] == 1
    assert list(line.confusion) == ["low", "high"]


def test_without_a_severity_there_is_nothing_to_compare() -> None:
    assert severities(Part("a", [row(1)], [answer()])) is None


def test_speed_is_milliseconds_a_text_over_batches() -> None:
    line = speed(Timed("words", [0.1, 0.3], [100, 100]))
    assert line.texts == 200
    assert line.ms_mean == line.ms_p50 == pytest.approx(2.0)
    assert line.ms_p99 == pytest.approx(2.98)
    assert line.per_second == pytest.approx(500)
    assert speed(Timed("words", [], [])).per_second is None


def test_a_policy_has_figures_for_each_file_and_for_all_of_them() -> None:
    files = [
        LabelledFile("a", (row(1, positive=["spam"]), row(2, negative=["spam"]))),
        LabelledFile("b", (row(3, negative=["spam"]),), refused=2),
    ]
    run = Run([answer(), answer(action="flag"), answer()], [], {"words": Counter(ok=3)}, {"words": 1})
    made = side(files, run, policy(), [Words()], ())
    assert [(line.file, line.label, line.rows) for line in made.measured] == [
        ("a", "spam", 2),
        ("b", "spam", 1),
        (None, "spam", 3),
    ]
    assert [(line.file, line.acted) for line in made.benign] == [("a", 1), ("b", 0), (None, 1)]
    assert made.engines[0].trained_on == 1
    assert file_report(files[1]).refused == 2
    assert file_report(files[0]).listed == {"spam": 2}
    assert msgspec.json.decode(msgspec.json.encode(made), type=type(made)) == made


def test_one_file_is_not_measured_twice() -> None:
    run = Run([answer()], [], {"words": Counter()}, {})
    made = side([LabelledFile("a", (row(1, positive=["spam"]),))], run, policy(), [Words()], ())
    assert [line.file for line in made.measured] == ["a"]
