"""What `image_model` finds in labelled pictures, and what it takes: a folder with `labels.csv` in, tables out.

`python benchmarks/pictures.py FOLDER` on one thread, without Kafka. A row of `labels.csv` has `file`, and under
`positive` and `negative` the categories that a picture shows and does not show, with semicolons; a category in neither
counts for nothing.
"""

import csv
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, thread_time
from typing import Final, NamedTuple

from streams.adapters.picture import Limits, decoded
from streams.core.banded import GRAVE, PRESETS
from streams.core.engine import Media
from streams.engines.image_model import KNOWN, ImageModel, ImageModelConfig

WARM: Final = 2  # pictures before the clock counts
MIB: Final = 1024  # KiB


class Row(NamedTuple):
    """A labelled picture and what became of it."""

    shown: frozenset[str]
    absent: frozenset[str]
    confidences: Mapping[str, float]  # 0..100
    milliseconds: float  # of processor time, decoding left out


def pictures(folder: Path) -> Iterator[tuple[Media, frozenset[str], frozenset[str]]]:
    """Yield each picture, decoded, with the categories that it shows and does not show."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            data = (folder / row["file"]).read_bytes()
            yield decoded(data, Limits()), _categories(row["positive"]), _categories(row["negative"])


def _categories(text: str) -> frozenset[str]:
    return frozenset(text.split(";")) - {""}


def measured(model: ImageModel, folder: Path) -> list[Row]:
    """Return what the model says of every picture of a folder."""
    rows = []
    for media, shown, absent in pictures(folder):
        started = thread_time()
        (answer,) = model.inspect([media])
        took = (thread_time() - started) * 1000 / len(media.frames)
        found = {label: 100 * score for label, score in (answer.scores or {}).items()}
        rows.append(Row(shown, absent, found, took))
    return rows


def table(rows: list[Row]) -> Iterator[str]:
    """Yield the lines of a table: for each category how many pictures with it, and without it, each preset finds."""
    yield "| category | highest without it | " + " | ".join(f"{preset}: with; without" for preset in PRESETS) + " |"
    yield "| --- " * (2 + len(PRESETS)) + "|"
    for label in KNOWN:
        shown = [row.confidences[label] for row in rows if label in row.shown]
        absent = [row.confidences[label] for row in rows if label in row.absent]
        cells = []
        for grave, other in PRESETS.values():
            least = grave if label in GRAVE else other
            cells.append("; ".join(f"{sum(each >= least for each in side)} of {len(side)}" for side in (shown, absent)))
        yield f"| {label} | {max(absent, default=0):.1f} | {' | '.join(cells)} |"


def main() -> int:
    """Measure one folder."""
    if len(sys.argv) != 2:  # noqa: PLR2004  the program and a folder
        print("usage: python benchmarks/pictures.py FOLDER, which holds labels.csv", file=sys.stderr)
        return 2
    before, started = _resident(), perf_counter()
    model = ImageModel(ImageModelConfig())
    model.inspect([])
    loading = perf_counter() - started
    rows = measured(model, Path(sys.argv[1]))
    print("\n".join(table(rows)))
    harmless = [row for row in rows if not row.shown & set(KNOWN)]
    for preset, (grave, other) in PRESETS.items():
        found = sum(
            any(each >= (grave if label in GRAVE else other) for label, each in row.confidences.items())
            for row in harmless
        )
        print(f"{preset}: {found} of {len(harmless)} pictures without any of the categories are found")
    times = [row.milliseconds for row in rows[WARM:]]
    print(f"{median(times):.0f} ms a frame (median), {quantiles(times, n=20)[-1]:.0f} ms (19 of 20)")
    print(f"loaded in {loading:.2f} s; {before:.0f} MiB resident before, {_resident():.0f} MiB at most")
    return 0


def _resident() -> float:
    """Return the largest resident memory so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


if __name__ == "__main__":
    raise SystemExit(main())
