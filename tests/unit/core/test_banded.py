"""Confidences of categories lead to actions by threshold and band; presets fill what is not said."""

from typing import Any

import pytest
from pydantic import ValidationError

from streams.core.banded import PRESETS, Banded, Categories
from streams.core.engine import Refused

KNOWN = ("explicit", "alcohol", "gambling")


def banded(**raw: Any) -> Banded:
    return Banded("image_model", Categories.model_validate(raw), KNOWN)


def test_without_categories_all_that_the_engine_knows_are_flagged_from_the_balanced_thresholds_on() -> None:
    made = banded()

    assert [(rule.label, rule.action, rule.threshold) for rule in made.rules] == [
        ("explicit", "flag", 60.0),
        ("alcohol", "flag", 70.0),
        ("gambling", "flag", 70.0),
    ]
    assert made.least == 60.0
    assert made.uncovered == ()


@pytest.mark.parametrize(("preset", "low", "high"), [("strict", 80, 90), ("balanced", 60, 70), ("sensitive", 40, 50)])
def test_presets_lie_in_the_ranges_of_the_specification(preset: str, low: float, high: float) -> None:
    assert all(low <= rule.threshold <= high for rule in banded(preset=preset).rules if rule.threshold)
    assert sorted(PRESETS) == ["balanced", "sensitive", "strict"]


@pytest.mark.parametrize(
    ("confidence", "action"), [(59.9, None), (60.0, "flag"), (94.99, "flag"), (95.0, "block"), (100.0, "block")]
)
def test_a_confidence_leads_to_the_action_of_its_band(confidence: float, action: str | None) -> None:
    made = banded(categories={"alcohol": {"bands": [{"from": 60, "action": "flag"}, {"from": 95, "action": "block"}]}})
    finding = made.finding("alcohol", confidence)
    by_name = {rule.name: rule.action for rule in made.rules}

    assert (finding and by_name[finding.rule or ""]) == action
    if finding is not None:
        assert finding.confidence == confidence
        assert finding.severity is None


def test_an_action_alone_holds_from_the_preset_on_and_spells_as_users_do() -> None:
    made = banded(preset="strict", categories={"explicit": "remove"})

    assert [(rule.action, rule.threshold) for rule in made.rules] == [("block", 80.0)]


def test_a_category_that_the_engine_has_no_detector_for_is_named_and_not_scored() -> None:
    made = banded(categories={"explicit": "block", "hate_symbols": "block"})

    assert made.uncovered == ("hate_symbols",)
    assert made.labels == frozenset({"explicit"})
    assert made.finding("hate_symbols", 99.0) is None


def test_an_engine_that_has_no_detector_for_anything_asked_for_is_refused() -> None:
    with pytest.raises(Refused, match="it has explicit, alcohol, gambling"):
        banded(categories={"hate_symbols": "block"})


@pytest.mark.parametrize(
    ("category", "said"),
    [
        ({"min_confidence": 0}, "greater than or equal to 1"),
        ({"min_confidence": 100.1}, "less than or equal to 100"),
        ({"bands": [{"from": 95, "action": "block"}, {"from": 60, "action": "flag"}]}, "lowest first"),
        ({"bands": [{"from": 60, "action": "flag"}, {"from": 60, "action": "block"}]}, "lowest first"),
        ({"bands": [{"from": 60, "action": "flag"}], "action": "block"}, "bands say it all"),
        ({"bands": [{"from": 60, "action": "burn"}]}, "burn"),
    ],
)
def test_what_is_wrong_is_said(category: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        banded(categories={"explicit": category})


def test_an_unknown_category_is_no_category() -> None:
    with pytest.raises(ValidationError, match="weapons: no category"):
        banded(categories={"weapons": "block"})
