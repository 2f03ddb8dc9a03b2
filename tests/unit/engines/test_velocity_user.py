from typing import Any

import pytest

from streams.core.policy import PolicyRef
from streams.core.task import TextTask
from streams.engines.velocity_user import VelocityUser, VelocityUserConfig

ASKED = "Hello, is this still available?"


def built(config: dict[str, Any] | None = None) -> VelocityUser:
    """Return an engine, with its default limits where none are given."""
    return VelocityUser(VelocityUserConfig.model_validate(config or {}))


def task(text: str, at: int) -> TextTask:
    """Return what is asked about a text of Ann in a conversation of its own."""
    return TextTask(
        content_id=f"c{at}",
        kind="message",
        user_id="ann",
        engine="velocity_user",
        text=text,
        policy=PolicyRef("test", "0"),
        deadline_at=at + 30_000,
        at=at,
        conversation_id=f"conversation {at}",
    )


def rules_found(engine: VelocityUser, tasks: list[TextTask]) -> list[list[str | None]]:
    """Return the rules that each text of one author exceeds."""
    marks, found = b"", []
    for each in tasks:
        found.append([finding.rule for finding in engine.judged(each, marks).findings])
        marks = engine.kept(each, marks)
    return found


def test_a_text_that_an_author_spreads_over_conversations_is_found() -> None:
    found = rules_found(built(), [task(ASKED, number * 10_000) for number in range(10)])

    assert found == [[]] * 8 + [["spread_text"]] * 2


def test_a_flood_over_conversations_is_found() -> None:
    found = rules_found(built(), [task(f"number {number}", number * 100) for number in range(91)])

    assert found[89:] == [[], ["spread_messages"]]


def test_texts_that_come_out_of_order_count_all_the_same() -> None:
    times = [50_000, 20_000, 90_000, 10_000]
    limit = {"name": "again", "kind": "same_text", "most": 3, "within": "5m"}

    assert rules_found(built({"limits": [limit]}), [task(ASKED, at) for at in times])[3] == ["again"]


def test_the_engine_is_one_with_a_role_of_its_own() -> None:
    engine = built()

    assert (engine.name, engine.apart, engine.accepts) == ("velocity_user", True, "text")
    assert engine.labels == {"spam"}
    assert engine.horizon_ms == 600_000
    assert len({rule.name for rule in engine.rules}) == len(engine.rules)


def test_it_cannot_be_asked_about_some_texts_only() -> None:
    with pytest.raises(ValueError, match="ask_when"):
        built({"ask_when": {"labels": ["spam"]}})
