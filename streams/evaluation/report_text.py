"""The report in, tables for a terminal out."""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from streams.evaluation.report import Report
from streams.evaluation.sheets import Sheet, changed, differences, headline, notes, sheets

SHOWN: Final = 20  # rows that get another action
GAP: Final = 3  # characters between columns
EDGE: Final = 2  # characters at the left and the right of a table


def tables(report: Report, width: int) -> Group:
    """Return everything that is printed: the policy's figures, and what changes when there is a second policy.

    Tables that are wider than `width` characters lose columns at their right.
    """
    parts: list[RenderableType] = [Text(printable(headline(report)), style="bold")]
    parts += [Text(note, style="yellow") for note in notes(report.policy)]
    parts += _titled(sheets(report.policy), width)
    if report.difference is not None:
        parts += _titled((*differences(report.difference), changed(report.difference, SHOWN)), width)
    return Group(*parts)


def _titled(shown: Iterable[Sheet], width: int) -> Iterator[RenderableType]:
    for sheet in shown:
        fit = fitted(sheet, width)
        yield Text(f"\n{fit.title}", style="bold")
        yield table(fit)


def printable(text: str) -> str:
    """Return a text with a dot for every character that could steer a terminal: ids are written by strangers."""
    return "".join(c if c.isprintable() else "·" for c in text)


def fitted(sheet: Sheet, width: int) -> Sheet:
    """Return a sheet without the last columns that do not fit; its title says how many are left out."""
    columns = zip(sheet.heads, *sheet.rows, strict=True)
    ends = list(accumulate(max(cell_len(cell) for cell in column) + GAP for column in columns))
    keep = max(1, sum(end - GAP + EDGE <= width for end in ends))
    left = len(ends) - keep
    if not left:
        return sheet
    title = f"{sheet.title} ({left} {'columns' if left > 1 else 'column'} left out: a wider terminal, or --json)"
    return Sheet(title, sheet.words, sheet.heads[:keep], [row[:keep] for row in sheet.rows])


def table(sheet: Sheet) -> Table:
    """Return a sheet as a table; cells are plain text, not markup."""
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for place, head in enumerate(sheet.heads):
        shown.add_column(Text(head), justify="left" if place < sheet.words else "right", no_wrap=True)
    for row in sheet.rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    return shown
