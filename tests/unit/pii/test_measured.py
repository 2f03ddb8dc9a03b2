"""How well values are found in the rows of presidio's synthetic sentences, and how seldom in harmless texts."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

from tests.unit.pii.given import DETECTOR

TYPES: Final = {
    "STREET_ADDRESS": "address",
    "CREDIT_CARD": "card",
    "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "iban",
    "US_SSN": "national_id",
    "IP_ADDRESS": "ip",
}


def rows(shared: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a data file."""
    lines = (shared / "data" / "text" / "dev" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def figures(shared: Path) -> dict[str, tuple[float, float]]:
    """Return type -> (precision, recall); a hit is an overlap with a span of the same type."""
    right, wrong, hit, expected = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for row in rows(shared, "pii_presidio_synth"):
        spans = [(start, end, TYPES[kind]) for start, end, kind in row["labels"]["orig"]["spans"] if kind in TYPES]
        found = [(*claim.span, claim.type) for claim in DETECTOR.find(row["text"])[1]]
        for start, end, kind in found:
            meets = any(other[0] < end and start < other[1] and other[2] == kind for other in spans)
            (right if meets else wrong)[kind] += 1
        for start, end, kind in spans:
            expected[kind] += 1
            hit[kind] += any(other[0] < end and start < other[1] and other[2] == kind for other in found)
    kinds = {*right, *wrong, *expected}
    each = {kind: (right[kind] / (right[kind] + wrong[kind] or 1), hit[kind] / (expected[kind] or 1)) for kind in kinds}
    both = (right.total() / (right + wrong).total(), hit.total() / expected.total())
    return {**each, "all": both}


def test_f1_over_all_types_is_at_least_eight_tenths(figures: dict[str, tuple[float, float]]) -> None:
    precision, recall = figures["all"]

    assert 2 * precision * recall / (precision + recall) >= 0.8


@pytest.mark.parametrize("kind", ["card", "iban", "email"])
def test_what_can_prove_itself_is_precise(figures: dict[str, tuple[float, float]], kind: str) -> None:
    assert figures[kind][0] >= 0.98


@pytest.mark.parametrize("name", ["sms_spam_uci", "convabuse", "openai_moderation", "toxic_spans"])
def test_fewer_than_one_harmless_text_in_a_hundred_holds_a_value(shared: Path, name: str) -> None:
    texts = [row["text"] for row in rows(shared, name) if row["labels"]["orig"].get("label") != "spam"]

    assert sum(bool(DETECTOR.find(text)[1]) for text in texts) < len(texts) / 100
