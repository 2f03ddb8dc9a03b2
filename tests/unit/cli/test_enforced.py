"""Users with a history in `moderation check`: as the role `enforce` treats them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.cli.check import check

POLICY = """
id: strict
engines:
  blocklist:
    lists:
      - {name: adverts, terms: [advert], label: spam, action: bounce_block, why: advertising}
      - {name: fraud, terms: [fraud], label: scam, action: block, why: fraud}
  pattern: {patterns: [{name: phone, pattern: '\\d{3}-\\d{4}', label: pii, action: mask}]}
standing: {ladder: [{strikes: 2, do: mute, for: 1h}]}
"""


def said(number: int, text: str, user: str = "u") -> str:
    record = {
        "content_id": f"m{number}",
        "kind": "message",
        "user": {"id": user},
        "text": text,
        "conversation_id": "c",
        "created_at": f"2026-01-31T12:00:{number:02}.000Z",
    }
    return json.dumps(record)


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """Return the path of a policy with a standing."""
    file = tmp_path / "strict.yaml"
    file.write_text(POLICY, "utf-8")
    return str(file)


def test_what_bounces_and_comes_again_is_blocked_and_counts(policy: str) -> None:
    lines = [said(1, "an advert"), said(2, "my advert"), said(3, "fraud, call 555-1234"), said(4, "hello", "v")]
    done = CliRunner().invoke(check, ["--policy", policy], input="\n".join(lines))
    assert done.exit_code == 0, done.output
    decisions = [json.loads(line) for line in done.stdout.splitlines()]
    assert [made["action"] for made in decisions] == ["bounce", "block", "block", "allow"]
    assert [[each["kind"] for each in made.get("consequences", ())] for made in decisions] == [
        [],
        ["resubmission", "strike"],
        ["strike", "mute"],
        [],
    ]
    assert decisions[1]["resubmission_of"] == "m1"


def test_a_decision_that_masks_nothing_shows_no_text(policy: str) -> None:
    done = CliRunner().invoke(check, ["--policy", policy], input=said(1, "fraud, call 555-1234"))
    assert "masked_text" not in json.loads(done.stdout)
