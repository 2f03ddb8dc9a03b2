from typing import Any, get_args

import boto3
import pytest

from streams.core.engine import Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.engines.comprehend import TOXIC, Comprehend, Entity, Pii

PII = [{"name": "contact", "types": ["EMAIL", "PHONE"], "threshold": 50, "action": "mask"}]


def engine(**changes: Any) -> Comprehend:
    return Comprehend(Comprehend.Config.model_validate({"region": "us-east-1", **changes}))


def test_without_more_than_a_region_every_kind_with_a_label_is_looked_for() -> None:
    assert {rule.name: (rule.label, rule.severity) for rule in engine().rules} == {
        "harassment_or_abuse": ("harassment", None),
        "hate_speech": ("hate_speech", None),
        "insult": ("harassment", None),
        "profanity": ("profanity", None),
        "sexual": ("sexual_harassment", None),
        "violence_or_threat": ("violence", "high"),
    }


def test_what_reaches_its_threshold_is_a_finding_with_its_confidence() -> None:
    answer = engine().answer({"SEXUAL": 0.7, "INSULT": 0.699, "VIOLENCE_OR_THREAT": 0.987654}, None)

    assert answer.findings == (
        Finding("sexual_harassment", "sexual", confidence=70.0, threshold=70.0),
        Finding("violence", "violence_or_threat", severity="high", confidence=98.77, threshold=70.0),
    )
    assert answer.scores == {
        "harassment": 0.699,
        "hate_speech": 0.0,
        "profanity": 0.0,
        "sexual_harassment": 0.7,
        "violence": 0.987654,
    }


def test_personal_data_is_found_with_its_spans_and_nothing_of_itself() -> None:
    entities = [Entity("EMAIL", 0.9, (3, 10)), Entity("PHONE", 0.6, (12, 20)), Entity("NAME", 0.99, (0, 2))]

    answer = engine(toxic=[], pii=PII).answer(None, [*entities, Entity("PHONE", 0.4, (30, 40))])

    assert answer.findings == (
        Finding(
            "pii",
            "contact",
            confidence=90.0,
            threshold=50.0,
            evidence=(Evidence(span=(3, 10)), Evidence(span=(12, 20))),
        ),
    )
    assert answer.scores == {"pii": 0.9}


def test_all_kinds_of_personal_data_can_be_asked_for_at_once() -> None:
    made = engine(toxic=[], pii=[{"name": "any", "types": ["ALL"]}])

    assert made.answer(None, [Entity("SOMETHING_NEW", 0.9, (0, 2))]).findings[0].rule == "any"


@pytest.mark.parametrize(
    ("language", "toxicity", "pii"),
    [
        (None, "en", "en"),
        ("en", "en", "en"),
        ("en-US", "en", "en"),
        ("EN_gb", "en", "en"),
        ("es", None, "es"),
        ("es-419", None, "es"),
        ("de", None, None),
        ("english", None, None),
        ("", None, None),
    ],
)
def test_only_languages_that_are_served_are_asked_for(
    language: str | None, toxicity: str | None, pii: str | None
) -> None:
    made = engine(pii=PII)

    assert (made.toxicity_in(language), made.pii_in(language)) == (toxicity, pii)


def test_what_the_policy_does_not_name_is_not_asked_for() -> None:
    assert engine(toxic=[], pii=PII).toxicity_in("en") is None
    assert engine().pii_in("en") is None


def test_a_text_in_another_language_is_not_evaluated_and_what_was_found_counts() -> None:
    made = engine(pii=PII)

    assert made.answer(None, None) == Answer("not_evaluated", "language")
    spanish = made.answer(None, [Entity("EMAIL", 0.9, (0, 5))])
    assert (spanish.status, spanish.reason) == ("not_evaluated", "language")
    assert [finding.rule for finding in spanish.findings] == ["contact"]


def test_graphic_content_has_the_label_that_the_policy_gives_it() -> None:
    made = engine(toxic=[{"name": "gore", "detects": "GRAPHIC", "label": "violence_graphic", "threshold": 90}])

    assert made.labels == {"violence_graphic"}
    with pytest.raises(ValueError, match="label"):
        Comprehend.Config.model_validate({"region": "us-east-1", "toxic": [{"name": "gore", "detects": "GRAPHIC"}]})


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"region": "us-east-1", "toxic": [{"name": "a", "detects": "RUDENESS"}]},
        {"region": "us-east-1", "toxic": [{"name": "a", "detects": "SEXUAL", "threshold": 101}]},
        {"region": "us-east-1", "toxic": [{"name": "a", "detects": ["SEXUAL"]}]},
        {"region": "us-east-1", "pii": [{"name": "a", "types": []}]},
        {"region": "us-east-1", "pii": [{"name": "a", "types": ["FAX"]}]},
        {"region": "us-east-1", "pii": [{"name": "a", "types": ["EMAIL"], "label": "spam"}]},
        {"region": "https://evil.example"},
    ],
)
def test_what_cannot_be_meant_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Comprehend.Config.model_validate(raw)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"toxic": []}, "there is nothing to ask for"),
        ({"endpoint": "http://proxy.example"}, "would carry texts in the clear"),
    ],
)
def test_what_makes_no_sense_is_said(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        engine(**changes)


def test_every_kind_that_the_service_knows_can_be_named() -> None:
    client: Any = boto3.session.Session().client("comprehend", region_name="us-east-1")
    model = client.meta.service_model

    assert set(model.shape_for("PiiEntityType").enum) == set(get_args(Pii))
    assert set(model.shape_for("ToxicContentType").enum) == set(TOXIC)
    client.close()
