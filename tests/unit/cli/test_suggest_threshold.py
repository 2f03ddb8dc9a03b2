"""`moderation policy suggest-threshold`: figures for each threshold of a filter; every error is one line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Ran
from tests.unit.evaluation.given import file, line

Moderation = Callable[..., Ran]

POLICY = """
id: shop
engines:
  semantic:
    filters:
      - {name: sales, label: spam, seeds: [buy now], threshold: 0.6}
      - {name: away, label: platform_bypass, seeds: ["let's continue this conversation off the app"], threshold: 0.6}
"""
ROWS = (
    line(1, "purchase immediately", positive=["spam"]),
    line(2, "acquire right away", positive=["spam"]),
    line(3, "I had soup for dinner", negative=["spam", "platform_bypass"]),
    line(4, "the bus was full so I walked home", negative=["spam"]),
    line(5, "Let's keep talking somewhere else", positive=["platform_bypass"]),
)


@pytest.fixture
def shop(tmp_path: Path) -> str:
    """Return the path of a policy with two filters."""
    path = tmp_path / "shop.yaml"
    path.write_text(POLICY, "utf-8")
    return str(path)


@pytest.fixture
def sample(tmp_path: Path) -> str:
    """Return the path of a labelled sample."""
    return str(file(tmp_path / "sample.jsonl", *ROWS))


def suggest(moderation: Moderation, *arguments: str) -> Ran:
    return moderation("policy", "suggest-threshold", *arguments)


def test_a_table_for_each_filter_is_printed_and_no_text(moderation: Moderation, shop: str, sample: str) -> None:
    ran = suggest(moderation, "--policy", shop, sample)

    assert (ran.code, ran.err) == (0, "")
    heads = [line for line in ran.out.splitlines() if "suggested 0." in line]
    assert [head.partition(":")[0] for head in heads] == ["sales (spam)", "away (platform_bypass)"]
    assert ran.out.count("threshold  precision  recall     f1   share") == 2
    assert "now 0.6; 4 rows, 2 positive, average precision 1.000" in ran.out
    assert "purchase" not in ran.out


def test_the_suggested_threshold_finds_the_paraphrases(moderation: Moderation, shop: str, sample: str) -> None:
    ran = suggest(moderation, "--policy", shop, "--filter", "sales", "--json", sample)
    (sales,) = json.loads(ran.out)

    assert 0.2 < sales["suggested"] < 0.46
    figures = {each["threshold"]: each for each in sales["lines"]}
    assert figures[sales["suggested"]]["f1"] == 1
    assert figures[0.6]["recall"] == 0.5


def test_rows_may_say_whether_they_match_one_filter(moderation: Moderation, shop: str, tmp_path: Path) -> None:
    rows = str(
        file(tmp_path / "s.jsonl", {"text": "acquire right away", "match": True}, {"text": "hi", "match": False})
    )

    assert suggest(moderation, "--policy", shop, "--filter", "sales", "--precision", ".9", rows).code == 0
    both = suggest(moderation, "--policy", shop, rows)
    assert (both.code, "name it with --filter" in both.err) == (2, True)


def failure(ran: Ran) -> tuple[int, str]:
    """Return the exit code and the one line on standard error."""
    (said,) = ran.err.splitlines()
    assert said.startswith("moderation: ")
    return ran.code, said


def test_every_error_is_one_line(moderation: Moderation, policy: str, shop: str, sample: str, tmp_path: Path) -> None:
    code, said = failure(suggest(moderation, "--policy", shop, "--filter", "sale", sample))
    assert (code, "--filter sale: is no filter of the policy: one of sales, away" in said) == (2, True)
    code, said = failure(suggest(moderation, "--policy", policy, sample))
    assert (code, "policy chat: has no semantic filters" in said) == (1, True)
    code, said = failure(suggest(moderation, "--policy", shop, "nowhere.jsonl"))
    assert (code, "nowhere.jsonl" in said) == (2, True)
    bad = str(file(tmp_path / "bad.jsonl", b"{"))
    code, said = failure(suggest(moderation, "--policy", shop, bad))
    assert (code, "bad.jsonl: line 1: is no JSON" in said) == (1, True)
    code, said = failure(suggest(moderation, "--policy", shop, "--precision", "1.5", sample))
    assert code == 2
    unlabelled = str(file(tmp_path / "un.jsonl", line(1, "hello", negative=["spam"])))
    code, said = failure(suggest(moderation, "--policy", shop, unlabelled))
    assert (code, "no threshold for sales, away" in said) == (1, True)
