import pytest

from streams.core.action import ACTIONS, Action
from streams.core.judge import judged
from streams.core.notices import combined, notice, speechless
from streams.core.rule import Rule
from tests.unit.core.given import NOON, facts, found, policy

SAID = {"en": {"default": "Not here.", "scam": "A scam."}, "fr": {"default": "Pas ici."}, "it": {"abuse": "Offensivo."}}


def test_the_first_label_that_has_a_sentence_is_told_by_locale() -> None:
    assert notice(SAID, "block", ["own", "scam", "abuse"]) == {"en": "A scam.", "fr": "Pas ici.", "it": "Offensivo."}
    assert notice(SAID, "bounce", ["own"]) == {"en": "Not here.", "fr": "Pas ici."}
    assert notice({}, "bounce", ["scam"]) is None
    assert notice({"it": {"abuse": "Offensivo."}}, "block", ["scam"]) is None


@pytest.mark.parametrize("action", ACTIONS)
def test_the_author_is_told_of_what_he_sees_and_of_nothing_else(action: Action) -> None:
    told = {"mask", "mask_flag", "bounce", "bounce_flag", "bounce_block", "block"}
    assert (notice(SAID, action, ["scam"]) is not None) is (action in told)


@pytest.mark.parametrize("action", ACTIONS)
def test_only_what_is_returned_may_be_sent_again(action: Action) -> None:
    decision = judged(
        policy([Rule("words", "one", "scam", action)]), facts(), [("words", found("scam", "one"))], (), NOON
    )
    assert decision.may_resubmit is (action in {"bounce", "bounce_flag", "bounce_block"})


def test_a_policy_overrides_single_sentences_and_adds_locales() -> None:
    assert combined(
        {"en": {"default": "No.", "scam": "A scam."}}, {"en": {"scam": "Fraud."}, "fr": {"spam": "Pub."}}
    ) == {
        "en": {"default": "No.", "scam": "Fraud."},
        "fr": {"spam": "Pub."},
    }
    assert speechless({"en": {"default": "No."}, "fr": {"spam": "Pub."}}) == ["fr"]
