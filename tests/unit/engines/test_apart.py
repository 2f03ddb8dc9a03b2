"""What holds for every engine with a role of its own; a new one needs a configuration here."""

import re
from typing import Any

import pytest

from streams.core.asking import AskWhen
from streams.core.engine import Apart
from streams.core.label import NAME
from streams.engines.catalog import APART, BUILT_IN, apart_named
from streams.topology import ROLES

CONFIGS: dict[str, dict[str, Any]] = {
    "text_llm": {"provider": "openai", "endpoint": "http://127.0.0.1:1/v1", "model": "any"},
    "comprehend": {"region": "us-east-1"},
    "velocity_user": {},
}
ALWAYS_ASKED = {"velocity_user"}  # what it does not see, it cannot count


@pytest.fixture(params=list(APART))
def kind(request: pytest.FixtureRequest) -> type[Apart]:
    """Return each engine's class."""
    return apart_named(request.param)


def built(kind: type[Apart], **more: Any) -> Apart:
    return kind(kind.Config.model_validate({**CONFIGS[kind.name], **more}))


def test_it_is_called_what_the_catalog_and_its_role_are_called(kind: type[Apart]) -> None:
    assert APART[kind.name]() is kind
    assert kind.name in ROLES
    assert kind.name not in BUILT_IN
    assert NAME.fullmatch(kind.name)
    assert re.fullmatch(r"[0-9A-Za-z._-]{1,64}", kind.version)
    assert (kind.accepts, kind.apart) == ("text", True)


def test_its_rules_are_its_own_unique_and_of_its_labels(kind: type[Apart]) -> None:
    engine = built(kind)
    names = [rule.name for rule in engine.rules]
    assert names
    assert len(names) == len(set(names))
    assert {rule.engine for rule in engine.rules} == {kind.name}
    assert {rule.label for rule in engine.rules} <= engine.labels


def test_an_unknown_key_is_refused(kind: type[Apart]) -> None:
    with pytest.raises(ValueError, match="made_up_key"):
        built(kind, made_up_key=1)


def test_a_policy_says_when_it_is_asked(kind: type[Apart]) -> None:
    if kind.name in ALWAYS_ASKED:
        assert "ask_when" not in kind.Config.model_fields
        return
    assert built(kind).name == kind.name
    config = kind.Config.model_validate({**CONFIGS[kind.name], "ask_when": {"labels": ["scam"]}})
    assert config.ask_when == AskWhen(labels=["scam"])
