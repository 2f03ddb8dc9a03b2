"""Signals on real rows: what they find in harmless texts, and how they agree with people about severity."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from streams.core.label import SEVERITY_RANK
from streams.models.prepared import prepared
from streams.signals.severity import by_signals, graded
from streams.signals.signal import signals

FILES: Final = ("sms_spam_uci", "davidson", "context_toxicity_large", "openai_moderation", "convabuse")
GRADES: Final = ("low", "medium", "high")


def rows(shared: Path, name: str) -> Iterator[dict[str, Any]]:
    with (shared / "data" / "text" / "dev" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def harmless(row: dict[str, Any]) -> bool:
    labels = row["labels"]
    return not labels["positive"] and bool(labels["negative"])


def test_of_a_thousand_harmless_texts_at_most_three_are_found_by_signals(shared: Path) -> None:
    grave, all_of_them = 0, 0
    for name in FILES:
        for row in filter(harmless, rows(shared, name)):
            all_of_them += 1
            grave += any(severity != "low" for _, severity in by_signals(signals(prepared(row["text"]))))
    assert all_of_them > 8000
    assert grave / all_of_them <= 0.003


def test_signals_alone_agree_with_people_about_severity(shared: Path) -> None:
    pairs = Counter[tuple[str, str]]()
    for row in rows(shared, "convabuse"):
        if given := row["labels"].get("severity"):
            found = signals(prepared(row["text"]))
            grades = [graded(label, 0.7, 0.5, found) for label in row["labels"]["positive"]]
            pairs[given, max(grades, key=SEVERITY_RANK.__getitem__)] += 1
    scores = []
    for grade in GRADES:
        given_or_said = sum(count for pair, count in pairs.items() for one in pair if one == grade)
        scores.append(2 * pairs[grade, grade] / given_or_said)
    assert sum(scores) / len(scores) >= 0.62
