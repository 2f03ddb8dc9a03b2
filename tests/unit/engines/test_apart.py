import re
from typing import Any

import pytest

from streams.core.engine import Apart
from streams.core.label import NAME
from streams.engines.catalog import APART, BUILT_IN, apart_named

# The least that a policy says of each, where an empty configuration is not enough.
LEAST: dict[str, dict[str, Any]] = {
    "text_llm": {"provider": "bedrock", "model": "m", "region": "us-east-1"},
    "comprehend": {"region": "us-east-1"},
}


@pytest.fixture(params=list(APART))
def kind(request: pytest.FixtureRequest) -> type[Apart]:
    """Return each engine's class."""
    return apart_named(request.param)


def built(kind: type[Apart]) -> Apart:
    return kind(kind.Config.model_validate(LEAST.get(kind.name, {})))


def test_an_engine_is_called_what_the_catalog_calls_it_and_no_inline_engine(kind: type[Apart]) -> None:
    assert APART[kind.name]() is kind
    assert NAME.fullmatch(kind.name)
    assert kind.name not in BUILT_IN


def test_an_engine_is_for_texts_and_apart_and_has_a_version(kind: type[Apart]) -> None:
    assert (kind.accepts, kind.apart) == ("text", True)
    assert re.fullmatch(r"[0-9A-Za-z._-]{1,64}", kind.version)
    assert not hasattr(kind, "inspect")


def test_the_least_configuration_has_rules_with_unique_names_and_labels_of_the_engine(kind: type[Apart]) -> None:
    engine = built(kind)

    assert engine.rules
    assert len({rule.name for rule in engine.rules}) == len(engine.rules)
    assert {rule.label for rule in engine.rules} == engine.labels
    assert {rule.engine for rule in engine.rules} == {kind.name}


def test_an_unknown_key_is_refused(kind: type[Apart]) -> None:
    with pytest.raises(ValueError, match="made_up_key"):
        kind.Config.model_validate({**LEAST.get(kind.name, {}), "made_up_key": 1})


def test_a_policy_can_say_when_an_engine_is_asked(kind: type[Apart]) -> None:
    if kind.name in LEAST:
        config = kind.Config.model_validate({**LEAST[kind.name], "ask_when": {"labels": ["scam"], "unless": ["spam"]}})
        assert config.ask_when.compiled().labels == {"scam"}
