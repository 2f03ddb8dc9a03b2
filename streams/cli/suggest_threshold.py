"""`moderation policy suggest-threshold`: labelled texts in, what each threshold of a filter finds out."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from streams.cli.failure import FAILED, USAGE, Failure
from streams.cli.progress import counted

if TYPE_CHECKING:
    from streams.engines.semantic import Semantic
    from streams.evaluation.thresholds import Sample, Suggestion
    from streams.models.encoder import Vectors

CHUNK: Final = 256  # texts that are encoded in one go


@click.command("suggest-threshold")
@click.argument("sample", metavar="SAMPLE.jsonl", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy file. Without it MODERATION_POLICY, else the shipped default policy.",
)
@click.option("--filter", "names", multiple=True, help="Only this filter; may be given several times.")
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True),
    help="Suggest the lowest threshold that is as precise, such as .9; without it the one with the best F1.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, an object for each filter.")
def suggest_threshold(
    sample: Path, file: Path | None, names: tuple[str, ...], precision: float | None, as_json: bool
) -> None:
    """Say which threshold suits a policy's semantic filters, by a sample of labelled texts.

    SAMPLE.jsonl holds one JSON object a line: {"text", "labels": {"positive": [...], "negative": [...]}} as for
    `moderation eval`, or {"text", "match": true or false} about one filter. No text is printed.
    """
    suggestions = _suggestions(sample, file, names, precision)
    if as_json:
        print(msgspec.json.encode(suggestions).decode())
    else:
        for each in suggestions:
            _show(each)
    if all(each.suggested is None for each in suggestions):
        wanted = "" if precision is None else f" of precision {precision:g}"
        raise Failure(
            f"{sample}: no threshold{wanted} for {', '.join(each.filter for each in suggestions)}: see `rows`"
        )


def _suggestions(
    sample: Path, file: Path | None, names: tuple[str, ...], precision: float | None
) -> "list[Suggestion]":
    import numpy as np

    from streams.evaluation.thresholds import Filter, samples, suggestion

    engine = _engine(file)
    rules = {rule.name: (place, rule) for place, rule in enumerate(engine.rules)}
    if unknown := [name for name in names if name not in rules]:
        raise Failure(f"--filter {', '.join(unknown)}: is no filter of the policy: one of {', '.join(rules)}", USAGE)
    rows = samples(sample)
    asked = dict.fromkeys(names or rules)
    if len(asked) > 1 and any(row.match is not None for row in rows):
        raise Failure(f"{sample}: `match` says nothing of which filter: name it with --filter", USAGE)
    near = _near(engine, rows)
    return [
        suggestion(
            rows,
            Filter(name, rule.label, (rule.threshold or 0) / 100, near[:, place].astype(np.float64)),
            precision,
        )
        for name in asked
        for place, rule in [rules[name]]
    ]


def _engine(file: Path | None) -> "Semantic":
    from streams.adapters.policies import load
    from streams.engines.semantic import Semantic
    from streams.settings import Settings

    loaded = load(file or Settings().policy)
    for engine in loaded.engines:
        if isinstance(engine, Semantic):
            return engine
    raise Failure(f"policy {loaded.policy.ref.id}: has no semantic filters: add `semantic` to its engines", FAILED)


def _near(engine: "Semantic", rows: "list[Sample]") -> "Vectors":
    """Return float32 [rows, filters]: how near each text comes to each filter."""
    import numpy as np

    parts = []
    with counted("encoding", len(rows)) as advance:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            parts.append(engine.similarities([row.text for row in chunk]))
            advance(len(chunk))
    return np.concatenate(parts)


def _show(one: "Suggestion") -> None:
    said = "no threshold" if one.suggested is None else f"suggested {one.suggested:g}"
    known = f"{one.rows} rows, {one.positives} positive, average precision {_figure(one.average_precision)}"
    click.secho(f"{one.filter} ({one.label}): {said}, now {one.current:g}; {known}", bold=True)
    print("  threshold  precision  recall     f1   share")
    for line in one.lines:
        marks = {one.suggested: "suggested", one.current: "now"}
        mark = "  ".join(mark for threshold, mark in marks.items() if threshold == line.threshold)
        figures = f"{_figure(line.precision):>9}  {_figure(line.recall):>6}  {_figure(line.f1):>5}"
        print(f"  {line.threshold:>9g}  {figures}  {line.share:>6.2%}  {mark}".rstrip())


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
