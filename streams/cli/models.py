"""`moderation models`: labelled rows in, the heads of the text model out; and what the shipped ones are."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from streams.cli.failure import FILES, Failure
from streams.cli.progress import counted

if TYPE_CHECKING:
    from streams.training.training import Filter

OWN: Final = Path(__file__).parent.parent / "training" / "own.jsonl"
DATA: Final = Path(__file__).parent.parent / "models" / "data"
THREADS: Final = 2
SAMPLE: Final = 1_500  # texts that the encoder's ranges are measured on


@click.group()
def models() -> None:
    """Train the heads of the text model, or show the shipped ones."""


@models.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=DATA,
    help="Folder for heads, held-out answers and card. Without it they replace those of this installation.",
)
@click.option("--calibrate", is_flag=True, help="Measure the encoder's ranges anew: its vectors change, slightly.")
@click.option("--json", "as_json", is_flag=True, help="The card as one JSON object.")
def train(data: Path, out: Path, *, calibrate: bool, as_json: bool) -> None:
    """Train on the folders `dev` and `train` of DATA: ten minutes on two cores.

    Rows, folds and solvers have fixed seeds: the same rows give the same heads on one machine.
    """
    from streams.models import encoder, heads, held_out, sketch, words
    from streams.training import calibration, card, rows, training
    from streams.training.recipe import FOLDS

    try:
        learnt = [*rows.rows(data), *rows.file_rows(OWN)]
    except (OSError, ValueError) as error:
        raise Failure(str(error), FILES) from None
    if not any(row.source != "own" for row in learnt):
        raise Failure(f"{data}: no dev/*.jsonl or train/*.jsonl in it", FILES)
    out.mkdir(parents=True, exist_ok=True)
    ranges = encoder.shipped_ranges()
    if calibrate:
        ranges = calibration.ranges(calibration.sample([row.text for row in learnt], SAMPLE))
        (out / encoder.RANGES).write_bytes(msgspec.json.format(msgspec.json.encode(ranges)))
    started = time.monotonic()
    with ExitStack() as stack:
        bars = {
            "features": stack.enter_context(counted("reading texts", len(learnt))),
            "fits": stack.enter_context(counted("fitting", FOLDS + 1)),
        }
        encode = encoder.Encoder(ranges, threads=THREADS)
        try:
            made = training.trained(learnt, encode, lambda what, done: bars[what](done), _filters())
        except training.Few as error:
            raise Failure(f"{data}: {error}") from None
    written = card.card(learnt, made)
    texts = [row.text for row in learnt]
    for name, content in (
        (heads.FILE, heads.written(made.heads)),
        (words.FILE, words.written(made.words)),
        (sketch.FILE, sketch.written(made.sketch)),
        (held_out.FILE, held_out.written(texts, made.held_out)),
        ("card.json", msgspec.json.format(msgspec.json.encode(written))),
        ("CARD.md", card.page(written).encode()),
    ):
        (out / name).write_bytes(content)
    if as_json:
        print(msgspec.json.encode(written).decode())
    else:
        print(f"heads {written.version} of {len(learnt):,} rows in {time.monotonic() - started:.0f} s: {out}")


def _filters() -> list["Filter"]:
    """Return the semantic filters of the default policy."""
    from streams.adapters.policies import DEFAULT
    from streams.adapters.strict_yaml import parsed
    from streams.engines.semantic import SemanticConfig
    from streams.models.nearest import Group
    from streams.models.prepared import prepared
    from streams.training.training import Filter

    engines = parsed(DEFAULT.read_text(encoding="utf-8"))["engines"]
    config = SemanticConfig.model_validate(engines["semantic"])
    return [
        Filter(
            one.name,
            one.label,
            Group([prepared(phrase) for phrase in one.seeds], [prepared(phrase) for phrase in one.contrast]),
            one.threshold,
        )
        for one in config.filters
    ]


@models.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show(*, as_json: bool) -> None:
    """Show the card of the shipped heads."""
    print((DATA / ("card.json" if as_json else "CARD.md")).read_text(encoding="utf-8").strip())
