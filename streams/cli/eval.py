"""`moderation eval`: labelled rows and a policy in, how well it judges them out, as tables, JSON or a page."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from streams.cli.failure import FAILED, FILES, USAGE, Failure
from streams.cli.progress import counted

if TYPE_CHECKING:
    from streams.evaluation.report import Report, Side

WIDE = 150  # columns where no terminal says how many it has


@click.command("eval")
@click.argument(
    "paths", metavar="FILES_OR_FOLDERS...", nargs=-1, type=click.Path(exists=True, path_type=Path), required=True
)
@click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy file. Without it MODERATION_POLICY, else the shipped default policy.",
)
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A second policy: what changes from it to the first.",
)
@click.option("--label", "labels", multiple=True, help="Only this label; may be given several times.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many rows of each file, spread evenly.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, see streams/evaluation/report.py.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write a page with curves to this file.",
)
def evaluate(
    paths: tuple[Path, ...],
    file: Path | None,
    against: Path | None,
    labels: tuple[str, ...],
    limit: int | None,
    as_json: bool,
    html: Path | None,
) -> None:
    """Measure a policy on labelled texts: its inline text engines judge them as in the stream.

    A file holds one JSON object a line: {"id", "text", "context": [oldest ... newest], "labels": {"positive": [...],
    "negative": [...], "severity", "orig"}}; of a folder all *.jsonl files are read. A label counts where a row lists
    it. No text of a row is printed or written, only its id.
    """
    if html is not None and not html.absolute().parent.is_dir():
        raise Failure(f"{html}: its folder is not there: make it first", FILES)
    report = _evaluated(paths, file, against, labels, limit)
    if html is not None:
        from streams.evaluation.report_html import page

        html.write_text(page(report), "utf-8")
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        _show(report)
    failed = sorted({name for side in (report.policy, report.against) if side for name in failing(side)})
    if failed:
        raise Failure(f"{', '.join(failed)}: did not answer for all rows: their figures are too low", FAILED)


def _evaluated(
    paths: tuple[Path, ...], file: Path | None, against: Path | None, labels: tuple[str, ...], limit: int | None
) -> "Report":
    from streams.adapters.policies import load
    from streams.agents.inspecting import Inspector
    from streams.evaluation.evaluating import Means, UnknownLabels, check, evaluated
    from streams.evaluation.rows import files_of, labelled
    from streams.metrics import Metrics
    from streams.settings import Settings

    settings = Settings()
    files = labelled(files_of(paths), limit)
    try:
        check(files, labels)
    except UnknownLabels as error:
        raise Failure(f"--label {error}", USAGE) from None
    policies = [load(file or settings.policy), *([load(against)] if against else [])]
    means = Means(Inspector(Metrics()), settings.window_text)
    now = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="seconds")
    with counted("judging", sum(len(each.rows) for each in files) * len(policies)) as advance:
        return evaluated(files, policies[0], policies[1] if against else None, means, labels, advance, now)


def failing(side: "Side") -> list[str]:
    """Return the engines that failed on some row."""
    return [engine.engine for engine in side.engines if engine.statuses.keys() & {"error", "timeout"}]


def _show(report: "Report") -> None:
    from rich.console import Console

    from streams.evaluation.report_text import tables

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    console.print(tables(report, console.width))
