"""The shipped policy on texts that others wrote: it leaves harmless ones alone."""

from pathlib import Path
from typing import Final

from streams.adapters.policies import load
from streams.agents.inspecting import Inspector
from streams.evaluation.evaluating import Means, evaluated
from streams.evaluation.rows import labelled
from streams.metrics import Metrics

# Messages, talk to a bot, talk among editors: sources whose harmless rows hold little that is harmful.
SOURCES: Final = ("sms_spam_uci", "convabuse", "context_toxicity_large", "smishing_mendeley")
ROWS: Final = 150  # of each, spread evenly
MOST: Final = 0.02


def test_of_harmless_texts_it_acts_on_two_in_a_hundred_at_most(shared: Path) -> None:
    files = labelled([shared / "data" / "text" / "dev" / f"{source}.jsonl" for source in SOURCES], ROWS)

    report = evaluated(files, load(None), None, Means(Inspector(Metrics()), 500), (), lambda _: None, "now")

    (whole,) = (line for line in report.policy.benign if line.file is None)
    assert whole.rows > 450
    assert whole.share is not None
    assert whole.share <= MOST, {line.file: line.acted for line in report.policy.benign}
