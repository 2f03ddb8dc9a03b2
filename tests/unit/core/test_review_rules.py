from typing import Any

import pytest
from pydantic import ValidationError

from streams.core.policy import Document
from streams.core.review_rules import DEFAULT, ReviewConfig, by_default


def test_who_overrules_the_machine_or_hands_an_item_on_says_why_by_default() -> None:
    document = Document.model_validate({"id": "chat", "engines": {"pii": {}}})

    assert document.review.rules() == DEFAULT == by_default("chat")
    assert DEFAULT.require_reason == {"override", "escalate"}


@pytest.mark.parametrize("acts", [[], ["approve"], ["approve", "override", "escalate", "deescalate"]])
def test_a_policy_says_which_acts_want_a_reason(acts: list[str]) -> None:
    document = Document.model_validate({"id": "chat", "engines": {"pii": {}}, "review": {"require_reason": acts}})

    assert document.review.rules().require_reason == set(acts)


@pytest.mark.parametrize("section", [{"require_reason": ["undo"]}, {"require_reasons": []}, {"require_reason": None}])
def test_what_review_does_not_know_is_refused(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReviewConfig.model_validate(section)
