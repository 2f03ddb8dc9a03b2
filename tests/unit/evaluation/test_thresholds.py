"""What each threshold of a filter finds in a sample, and which is best."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from streams.evaluation.measures import ranked
from streams.evaluation.rows import BadRows, Labels
from streams.evaluation.thresholds import Filter, Sample, samples, suggestion, threshold
from tests.unit.evaluation.given import file, line


def matches(answers: str) -> list[Sample]:
    """Return a sample of texts that match, `+`, or do not, `-`."""
    return [Sample("a text", match=answer == "+") for answer in answers]


def near(*scores: float) -> NDArray[np.float64]:
    return np.array(scores, np.float64)


def test_the_best_threshold_has_the_highest_f1_and_lies_below_what_it_finds() -> None:
    found = suggestion(matches("++-+-"), Filter("f", "spam", 0.5, near(0.7, 0.6, 0.5, 0.4, 0.1)))
    figures = {each.threshold: each for each in found.lines}

    assert (found.rows, found.positives, found.current) == (5, 3, 0.5)
    assert found.suggested == 0.25
    assert figures[0.25].f1 == pytest.approx(6 / 7)
    assert figures[0.5].precision == pytest.approx(2 / 3)
    assert figures[0.5].recall == pytest.approx(2 / 3)
    assert figures[0.5].share == 0.6
    assert [each.threshold for each in found.lines] == sorted(figures)


def test_the_lowest_threshold_of_a_precision_is_suggested_when_one_is_asked_for() -> None:
    sample = matches("++-+-")
    one = Filter("f", "spam", 0.5, near(0.7, 0.6, 0.5, 0.4, 0.1))

    assert suggestion(sample, one, 0.9).suggested == 0.55
    assert suggestion(sample, one, 0.75).suggested == 0.25
    assert suggestion(matches("-+"), Filter("f", "spam", 0.5, near(0.7, 0.6)), 0.9).suggested is None


def test_a_suggestion_tells_near_scores_apart() -> None:
    found = suggestion(matches("+-"), Filter("f", "spam", 0.5, near(0.44442, 0.44441)))

    assert found.suggested is not None
    assert 0.44441 < found.suggested <= 0.44442


def test_without_positives_nothing_is_suggested_and_the_share_is_told() -> None:
    found = suggestion(matches("--"), Filter("f", "spam", 0.5, near(0.7, 0.1)))

    assert (found.suggested, found.average_precision) == (None, None)
    assert {each.threshold: each.share for each in found.lines}[0.5] == 0.5


@pytest.mark.parametrize("scores", [(-1.0, -1.0), (-0.2, 0.0)])
def test_what_no_threshold_can_find_is_not_suggested(scores: tuple[float, float]) -> None:
    assert threshold(ranked(np.array([True, False]), near(*scores))) is None


@pytest.mark.parametrize("score", [1.0, 0.999999, 0.001])
def test_a_suggestion_is_a_threshold_that_a_policy_may_have(score: float) -> None:
    best = threshold(ranked(np.array([True]), near(score)))

    assert best is not None
    assert 0 < best < 1
    assert best <= score


def test_a_row_counts_only_for_labels_that_it_lists_but_for_the_share_it_always_does() -> None:
    sample = [
        Sample("a", Labels(("spam",), ())),
        Sample("b", Labels((), ("spam",))),
        Sample("c", Labels(("scam",), ())),
        Sample("d", Labels((), ())),
    ]
    found = suggestion(sample, Filter("f", "spam", 0.5, near(0.6, 0.4, 0.7, 0.8)))

    assert (found.rows, found.positives, found.suggested) == (2, 1, 0.5)
    assert {each.threshold: each.share for each in found.lines}[0.5] == 0.75


def test_both_forms_of_rows_are_read(tmp_path: Path) -> None:
    path = file(tmp_path / "s.jsonl", line(1, "a", positive=["spam"]), {"text": "b", "match": False}, b"")

    assert [(each.text, each.truth("spam")) for each in samples(path)] == [("a", True), ("b", False)]
    assert "a" not in repr(samples(path)[0]).removeprefix("Sample(1 characters)")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b'{"text": ', "line 2: is no JSON"),
        (b'{"text": "a secret"}', 'line 2: needs either "labels"'),
        (b'{"text": "a secret", "match": true, "labels": {"positive": [], "negative": []}}', "line 2: needs either"),
        (b'{"text": "a secret", "match": "yes"}', r"line 2: is no row of a sample: .*\$.match"),
        (b'{"text": "\\ud800", "match": true}', "line 2: is no"),
        (b'{"text": "\xff", "match": true}', "line 2: is no"),
        (b'{"match": true}', "line 2: is no row of a sample: .*`text`"),
    ],
)
def test_a_line_that_is_no_row_is_told_without_its_text(tmp_path: Path, record: bytes, said: str) -> None:
    path = file(tmp_path / "s.jsonl", {"text": "b", "match": False}, record)

    with pytest.raises(BadRows, match=said) as wrong:
        samples(path)
    assert "secret" not in str(wrong.value)


def test_a_file_without_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match="holds no rows"):
        samples(file(tmp_path / "s.jsonl"))
