import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.core.engine import Text
from streams.core.velocity import kept, mark
from streams.core.window import Window
from streams.engines.velocity import Velocity, VelocityConfig

OFFER = "Claim your free prize at the shop next to the bank"


def built(config: dict[str, Any] | None = None) -> Velocity:
    """Return an engine, with its default limits where none are given."""
    return Velocity(VelocityConfig.model_validate(config or {}))


def rules_found(engine: Velocity, sent: list[tuple[str, str, int]]) -> list[list[str | None]]:
    """Return the rules that each text (user, text, milliseconds) of one conversation exceeds."""
    marks, batch = b"", []
    for user_id, text, at in sent:
        batch.append(Text(text, before=Window(marks=marks), user_id=user_id, at=at))
        marks = kept(marks, mark(text, user_id, at), engine.marks, at - engine.horizon_ms)
    return [[finding.rule for finding in answer.findings] for answer in engine.inspect(batch)]


def test_the_default_limits_find_a_text_sent_again_and_again() -> None:
    found = rules_found(built(), [("ann", OFFER, second * 1000) for second in range(6)])

    assert found[:3] == [[], [], []]
    assert found[3:] == [["repeated_text"]] * 2 + [["repeated_text", "similar_text"]]


def test_the_default_limits_find_a_template() -> None:
    names = ["Ann", "Bob", "Christina", "Dmitri", "Eve", "Fatima"]
    texts = [f"Dear {name}, {OFFER}, today only: bring a friend" for name in names]
    found = rules_found(built(), [("x", text, 60_000 * number) for number, text in enumerate(texts)])

    assert found == [[]] * 5 + [["similar_text"]]


def test_the_default_limits_find_a_flood_of_messages_and_of_links() -> None:
    flood = rules_found(built(), [("x", f"{number} bottles", number * 500) for number in range(31)])
    links = rules_found(built(), [("x", f"http://{'abcdefgh'[number]}.example", number * 500) for number in range(8)])

    assert ["many_messages" in found for found in flood] == [False] * 30 + [True]
    assert [bool(found) for found in links] == [False] * 6 + [True] * 2


def test_a_text_that_brings_its_mark_is_judged_as_one_without() -> None:
    marks = mark(OFFER, "ann", 0) * 4
    bare = Text(OFFER, before=Window(marks=marks), user_id="ann", at=1000)

    assert built().inspect([msgspec.structs.replace(bare, mark=mark(OFFER, "ann", 1000))]) == built().inspect([bare])


def test_ok_and_lol_may_be_said_often_but_not_very_often() -> None:
    found = rules_found(built(), [("ann", "lol", second * 1000) for second in range(20)])

    assert found == [[]] * 15 + [["repeated_short_text"]] * 5


def test_two_people_who_chat_are_not_found(shared: Path) -> None:
    file = shared / "data" / "text" / "dev" / "sms_spam_uci.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    ham = [row["text"] for row in rows if row["labels"]["orig"]["label"] == "ham"]
    # Each answers after five seconds: faster than people write to each other for long.
    found = rules_found(built(), [("ab"[number % 2], text, number * 5000) for number, text in enumerate(ham)])

    assert len(found) > 1500
    assert sum(map(bool, found)) == 0


def test_an_author_in_a_crowd_is_found_as_long_as_the_marks_reach() -> None:
    def crowd(between: int) -> list[tuple[str, str, int]]:
        return [
            each
            for number in range(4)
            for each in [("x", OFFER, number * 1000)] + [(f"u{n}", "hi there", number * 1000) for n in range(between)]
        ]

    assert ["repeated_text"] in rules_found(built({"keep": 40}), crowd(10))
    assert ["repeated_text"] not in rules_found(built({"keep": 40}), crowd(20))


def test_a_policy_may_name_the_engine_and_no_more() -> None:
    engine = built({})

    assert [rule.name for rule in engine.rules] == [
        "repeated_text",
        "repeated_short_text",
        "similar_text",
        "many_messages",
        "many_links",
    ]
    assert engine.labels == {"spam"}
    assert (engine.marks, engine.horizon_ms) == (100, 600_000)


def test_limits_of_a_policy_take_the_place_of_the_defaults() -> None:
    limit = {"name": "slow", "kind": "messages", "most": 1, "within": "10s", "action": "bounce", "label": "abuse"}
    engine = built({"limits": [limit], "keep": 10})

    assert rules_found(engine, [("ann", "a", 0), ("ann", "b", 1000)]) == [[], ["slow"]]
    assert engine.rules[0].action == "bounce"


def test_marks_kept_are_at_most_five_hundred() -> None:
    with pytest.raises(ValueError, match="keep"):
        built({"keep": 501})
