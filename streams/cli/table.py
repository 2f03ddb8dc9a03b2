"""Decisions in, aligned coloured lines out. Ids, labels and reasons only: the content itself is never shown."""

from datetime import datetime
from typing import Final

from rich.console import Console
from rich.text import Text

from streams.core.decision import Decision

COLOURS: Final = {
    "allow": "green",
    "flag": "yellow",
    "mask": "cyan",
    "mask_flag": "bright_cyan",
    "bounce": "blue",
    "bounce_flag": "bright_blue",
    "bounce_block": "bright_magenta",
    "shadow_block": "magenta",
    "block": "bold red",
}
# heading -> width; the reason takes what is left
COLUMNS: Final = {"decided at": 12, "action": 12, "kind": 7, "content": 22, "labels": 20, "degree": 8, "rule": 26}


def heading() -> Text:
    """Return the line above the decisions."""
    cells = [name.ljust(width) for name, width in COLUMNS.items()]
    return Text("  ".join([*cells, "reason"]), style="bold")


def line(decision: Decision) -> Text:
    """Return one decision as a line: when, what, of which content, why."""
    first = decision.triggered[0] if decision.triggered else None
    cells = (
        clock(decision.decided_at),
        decision.action,
        decision.kind,
        decision.content_id,
        ", ".join(decision.labels),
        degree(decision),
        f"{first.engine}/{first.rule}" if first else "",
    )
    text = Text()
    for (name, width), cell in zip(COLUMNS.items(), cells, strict=True):
        style = COLOURS[decision.action] if name == "action" else "dim" if name == "decided at" else ""
        text.append(fitted(cell, width), style).append("  ")
    return text.append(printable(decision.reason) + (" (partial)" if decision.partial else ""))


def degree(decision: Decision) -> str:
    """Return severity, else confidence in per cent, else nothing."""
    if decision.severity is not None:
        return decision.severity
    return f"{decision.confidence:.0f} %" if decision.confidence is not None else ""


def clock(moment: str) -> str:
    """Return a UTC moment as local time of day with milliseconds."""
    return datetime.fromisoformat(moment).astimezone().strftime("%H:%M:%S.%f")[:-3]


def fitted(text: str, width: int) -> str:
    """Return a printable text of exactly `width` characters; what is cut away is shown as an ellipsis."""
    shown = printable(text)
    return shown.ljust(width) if len(shown) <= width else shown[: width - 1] + "…"


def printable(text: str) -> str:
    """Return a text with a dot for every character that could steer the terminal: ids are written by strangers."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "·" for c in text)


def screen() -> Console:
    """Return standard output: lines are cut at a terminal's width, and stay whole in a file."""
    return Console(highlight=False, markup=False, emoji=False)


def show(console: Console, text: Text) -> None:
    """Print one line."""
    if console.is_terminal:
        console.print(text, no_wrap=True, overflow="ellipsis", crop=True)
    else:
        console.file.write(text.plain + "\n")
        console.file.flush()
