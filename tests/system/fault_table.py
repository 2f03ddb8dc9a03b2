"""The rows of `make faults` as a Markdown table: JSON lines on standard input, the table on standard output.

.venv/bin/python tests/system/fault_table.py < faults.jsonl
"""

import json
import sys
from typing import Final

COLUMNS: Final = (
    ("fault", "fault"),
    ("times", "times"),
    ("inputs", "inputs"),
    ("decisions", "decisions"),
    ("dead_letters", "dead letters"),
    ("lost", "lost"),
    ("second", "second decisions"),
    ("wrong_contexts", "wrong contexts"),
    ("other_anomalies", "other anomalies"),
    ("worst_recovery_s", "worst recovery, s"),
)


def table(lines: list[str]) -> str:
    """Return the table; the newest row of each fault stands in it."""
    rows = {row["fault"]: row for row in map(json.loads, lines)}
    head = ["| " + " | ".join(title for _, title in COLUMNS) + " |", "|" + " --- |" * len(COLUMNS)]
    return "\n".join(
        head + ["| " + " | ".join(_cell(row[name]) for name, _ in COLUMNS) + " |" for row in rows.values()]
    )


def _cell(value: object) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    sys.stdout.write(table(sys.stdin.read().splitlines()) + "\n")
