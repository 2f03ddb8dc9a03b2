"""The report in, tables for a terminal out."""

from typing import Final

from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from streams.evaluation.report import Report
from streams.evaluation.sheets import Sheet, changed, differences, headline, notes, sheets

SHOWN: Final = 20  # rows that get another action


def tables(report: Report) -> Group:
    """Return everything that is printed: the policy's figures, and what changes when there is a second policy."""
    parts: list[Table | Text] = [Text(printable(headline(report)), style="bold")]
    parts += [Text(note, style="yellow") for note in notes(report.policy)]
    parts += [table(sheet) for sheet in sheets(report.policy)]
    if report.difference is not None:
        parts += [table(sheet) for sheet in differences(report.difference)]
        parts.append(table(changed(report.difference, SHOWN)))
    return Group(*parts)


def printable(text: str) -> str:
    """Return a text with a dot for every character that could steer a terminal: ids are written by strangers."""
    return "".join(c if c.isprintable() else "·" for c in text)


def table(sheet: Sheet) -> Table:
    """Return a sheet as a table; cells are plain text, not markup."""
    shown = Table(title=sheet.title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(sheet.heads):
        shown.add_column(head, justify="left" if place < sheet.words else "right", no_wrap=True)
    for row in sheet.rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    return shown
