from typing import Any, ClassVar

from streams.core.finding import Answer, Finding
from streams.core.score import scores


class Named:
    """As much of an engine as scores need."""

    name: ClassVar[str] = "named"

    def __init__(self, *labels: str) -> None:
        self.labels = frozenset(labels)


ENGINES: dict[str, Any] = {"one": Named("spam", "scam"), "two": Named("spam")}


def test_an_engine_that_answered_scores_all_its_labels() -> None:
    assert scores(ENGINES, [("one", Answer())]) == {"scam": 0.0, "spam": 0.0}


def test_the_highest_score_of_all_engines_counts() -> None:
    answered = [("one", Answer(scores={"spam": 0.4, "scam": 0.1})), ("two", Answer(scores={"spam": 0.3}))]
    assert scores(ENGINES, answered) == {"scam": 0.1, "spam": 0.4}


def test_a_finding_without_a_score_counts_by_its_confidence_or_as_certain() -> None:
    sure, unsure = Finding("spam"), Finding("scam", confidence=70)
    assert scores(ENGINES, [("one", Answer(findings=(sure, unsure)))]) == {"scam": 0.7, "spam": 1.0}
    assert scores(ENGINES, [("two", Answer(findings=(sure,), scores={"spam": 0.6}))]) == {"spam": 0.6}


def test_an_engine_that_failed_or_did_not_look_scores_nothing() -> None:
    failed, skipped = Answer(status="error", scores={"spam": 1.0}), Answer(status="not_evaluated")
    assert scores(ENGINES, [("one", failed), ("two", skipped)]) == {}


class Calibrated(Named):
    """An engine whose scores are probabilities."""

    calibrated: ClassVar[bool] = True


def test_a_hit_beside_a_probability_lowers_what_remains_of_doubt() -> None:
    engines = {**ENGINES, "model": Calibrated("spam")}
    hit = ("two", Answer(scores={"spam": 1.0}))

    assert scores(engines, [("model", Answer(scores={"spam": 0.2})), hit]) == {"spam": 0.6}
    assert scores(engines, [hit, ("model", Answer(scores={"spam": 0.2}))]) == {"spam": 0.6}
    assert scores(engines, [("model", Answer(scores={"spam": 0.9})), ("two", Answer())]) == {"spam": 0.9}


def test_an_engine_that_could_not_look_well_scores_what_it_names() -> None:
    assert scores(ENGINES, [("one", Answer(status="not_evaluated", scores={"spam": 0.9}))]) == {"spam": 0.9}
