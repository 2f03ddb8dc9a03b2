"""Which decisions go to `actions` at once, and which past the standing of their authors."""

from pathlib import Path

import msgspec
import pytest

from streams.adapters.policies import load
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.routing import Routing
from streams.core.decision import Decision
from streams.core.verdict import Verdict
from streams.runtime.unit import Unit
from tests.unit.core.given import NOON
from tests.unit.core.standings import decision, line

ENGINES = "engines: {{blocklist: {{lists: [{{name: words, terms: [fraud], action: {0}, why: fraud}}]}}}}"


def topics(folder: Path, document: str) -> tuple[dict[str, list[bytes | None]], list[bool]]:
    """Return topic -> keys of an allowed and a blocked text, and whether each was decided."""
    file = folder / "policy.yaml"
    file.write_text(f"id: routed\n{document}\n", "utf-8")
    loaded = load(file)

    def made(content_id: str, *lines: str) -> Decision:
        judged = decision(content_id, [line(label) for label in lines])
        return msgspec.structs.replace(judged, policy=loaded.policy.ref)

    unit = Unit(0, 1, {}, NOON)
    routing = Routing(Emission("", "screen", "json"), Book([loaded]))
    decided = routing.decided(unit, [made("m1"), Verdict(made("m2", "scam"), NOON)])
    keys = {topic: [key for key, _, _ in partitions[0]] for topic, partitions in unit.outputs.items() if partitions[0]}
    return keys, decided


@pytest.mark.parametrize("action", ["block", "bounce", "flag"])
def test_without_a_standing_every_decision_goes_to_actions(action: str, tmp_path: Path) -> None:
    assert topics(tmp_path, ENGINES.format(action)) == ({"actions": [b"m1", b"m2"]}, [True, True])


@pytest.mark.parametrize("action", ["bounce_flag", "bounce_block"])
def test_where_a_rule_bounces_the_first_time_only_a_verdict_goes_to_its_author(action: str, tmp_path: Path) -> None:
    assert topics(tmp_path, ENGINES.format(action)) == ({"actions": [b"m1"], "verdicts": [b"u"]}, [True, False])


def test_where_the_policy_has_a_standing_a_verdict_goes_to_its_author(tmp_path: Path) -> None:
    found = topics(tmp_path, f"{ENGINES.format('flag')}\nstanding: {{}}")
    assert found == ({"actions": [b"m1"], "verdicts": [b"u"]}, [True, False])
