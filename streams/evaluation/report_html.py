"""The report in, one page out that needs nothing else: no scripts, no other files, ids and never a text."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from streams.evaluation.chart import Series, histogram, precision_recall, reliability
from streams.evaluation.report import Measured, Report, Side
from streams.evaluation.sheets import (
    ALL,
    Sheet,
    changed,
    differences,
    distinct,
    headline,
    named,
    notes,
    number,
    sheets,
)

LISTED: Final = 2000  # rows that get another action

STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1f23; --paper: #fff; --line: #c9ced6; --one: #0b62c4; --other: #b3470b;
  --yes: #b3470b; --no: #5b7f95; --soft: #f3f5f8 }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #15181c; --line: #444b55; --one: #6cb0ff;
  --other: #ff9d5c; --yes: #ff9d5c; --no: #8fb3c9; --soft: #1f242a } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 92rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem } h3 { font-size: 1rem; margin: 0 0 .3rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: 1.5rem 0 .3rem }
th, td { padding: .15rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th.word, td.word { text-align: left }
.cards { display: flex; flex-wrap: wrap; gap: 1rem }
.card { background: var(--soft); border-radius: 6px; padding: .8rem }
.card p { margin: 0 0 .4rem; font-size: .9rem }
svg text { font-size: 10px; fill: var(--ink) }
svg .frame { fill: none; stroke: var(--line) } svg .grid, svg .guide { stroke: var(--line); fill: none }
svg .guide { stroke-dasharray: 3 3 }
svg polyline.one, svg circle.one { stroke: var(--one); fill: none; stroke-width: 1.6 }
svg polyline.other, svg circle.other { stroke: var(--other); fill: none; stroke-width: 1.6; stroke-dasharray: 5 3 }
svg circle.one.dot { fill: var(--one) } svg circle.other.dot { fill: var(--other) }
svg .positive { fill: var(--yes) } svg .negative { fill: var(--no) }
.one { color: var(--one) } .other { color: var(--other) }
"""


def page(report: Report) -> str:
    """Return the whole document."""
    sides = [("one", report.policy), *([("other", report.against)] if report.against else [])]
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Evaluation of {escape(named(report.policy))}</title><style>{STYLE}</style></head><body>",
            f"<h1>Evaluation of {escape(named(report.policy))}</h1>",
            f"<p>{escape(headline(report))}. {escape(report.created_at)}</p>",
            *_difference(report),
            *(part for mark, side in sides for part in _tables(mark, side)),
            "<h2>Curves</h2>",
            f"<p>A ring shows what the shipped thresholds give.{_legend(report)}</p>",
            '<div class="cards">',
            *_cards(report),
            "</div></body></html>\n",
        )
    )


def _difference(report: Report) -> Iterator[str]:
    if report.against is not None and report.difference is not None:
        yield "<h2>Difference</h2>"
        yield f"<p>From {escape(named(report.against))} to {escape(named(report.policy))}.</p>"
        for sheet in (*differences(report.difference), changed(report.difference, LISTED)):
            yield table(sheet)


def _tables(mark: str, side: Side) -> Iterator[str]:
    yield f'<h2 class="{mark}">{escape(named(side))}</h2>'
    yield from (f"<p>{escape(note)}</p>" for note in notes(side))
    yield from (table(sheet) for sheet in sheets(side))


def _legend(report: Report) -> str:
    if report.against is None:
        return ""
    one, other = escape(named(report.policy)), escape(named(report.against))
    return f' <span class="one">{one}</span> has whole lines, <span class="other">{other}</span> broken ones.'


def _cards(report: Report) -> Iterator[str]:
    names = [named(side) for side in (report.policy, report.against) if side]
    others = {(line.file, line.label): line for line in report.against.measured} if report.against else {}
    for line in distinct(report.policy.measured, "label"):
        if line.positives:
            yield _card(line, others.get((line.file, line.label)), names)


def _card(line: Measured, other: Measured | None, names: Sequence[str]) -> str:
    series = [Series("one", line), *([Series("other", other)] if other else [])]
    figures = [
        f"AP {number(each.ap)}, AUC {number(each.auc)}, calibration error {number(each.calibration.error)}, "
        f"Brier {number(each.calibration.brier)}"
        for each in (line, *([other] if other else []))
    ]
    return "".join(
        (
            f'<section class="card"><h3>{escape(line.file or ALL)}: {escape(line.label)}</h3>',
            f"<p>{line.positives:,} of {line.rows:,} rows</p>",
            *(f'<p class="{mark}">{text}</p>' for (mark, _), text in zip(series, figures, strict=True)),
            precision_recall(series),
            reliability(series),
            *(histogram(each, f"score, {name}") for (_, each), name in zip(series, names, strict=False)),
            "</section>",
        )
    )


def table(sheet: Sheet) -> str:
    """Return a sheet as a table element."""
    parts = [f'<div class="wide"><table><caption>{escape(sheet.title)}</caption><thead><tr>']
    parts += [f'<th scope="col"{_word(sheet, place)}>{escape(head)}</th>' for place, head in enumerate(sheet.heads)]
    parts.append("</tr></thead><tbody>")
    for row in sheet.rows:
        cells = (f"<td{_word(sheet, place)}>{escape(cell)}</td>" for place, cell in enumerate(row))
        parts.append(f"<tr>{''.join(cells)}</tr>")
    parts.append("</tbody></table></div>")
    return "".join(parts)


def _word(sheet: Sheet, place: int) -> str:
    return ' class="word"' if place < sheet.words else ""
