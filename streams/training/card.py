"""The model card: rows, heads and their held-out answers in, what the heads are, were made of and can do out."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.evaluation.measures import agreement, area, average_precision, ranked
from streams.models.heads import Floats, Heads
from streams.models.weights import MINILM, TOKENIZER
from streams.training.recipe import FOLDS, MISSED, NARROW_SOURCE, ORDINARY, OWN_SOURCE
from streams.training.rows import Row

FEW: Final = 5  # positives below which a figure says nothing


class Line(NamedTuple):
    """How one label does on one source; by heads that have not seen a row's group. None: not defined."""

    label: str
    source: str
    rows: int
    positives: int
    ap: float | None
    auc: float | None
    precision: float | None
    recall: float | None
    f1: float | None


class Gate(NamedTuple):
    """What the cheap heads keep from the encoder."""

    asked: float  # share of ordinary talk that the encoder is asked about
    lost: dict[str, float]  # label -> share of its positives that the full heads find and the cheap ones do not pass on


class Card(NamedTuple):
    """What is written beside the heads."""

    version: str
    labels: tuple[str, ...]
    weights: dict[str, str]  # package==version/path -> sha256
    rows: dict[str, int]  # source -> rows that were trained on
    folds: int
    thresholds: dict[str, tuple[float, float]]  # label -> found, firm
    gate: Gate
    ordinary_found: float  # share of ordinary talk in which any label is found, whatever its severity
    figures: tuple[Line, ...]


def card(rows: Sequence[Row], heads: Heads, served: Floats, full: Floats) -> Card:
    """Return the card; `served` and `full` are held-out probabilities [n, L], with and without the gate."""
    sources = np.array([row.source for row in rows])
    ordinary = np.array([row.source in ORDINARY and not any(row.labels.values()) for row in rows])
    figures, lost = [], {}
    for place, label in enumerate(heads.labels):
        truth = np.array([row.labels.get(label) for row in rows], object)
        for source in sorted({row.source for row in rows} - {OWN_SOURCE}):
            chosen = (sources == source) & np.array([known is not None for known in truth])
            positive = truth[chosen].astype(bool)
            if FEW <= positive.sum() < len(positive):
                figures.append(_line(label, source, positive, served[chosen, place], heads.found[place]))
        real = np.array([known is True for known in truth]) & (sources != OWN_SOURCE)
        found = real & (full[:, place] >= heads.found[place])
        kept = found & (served[:, place] >= heads.found[place])
        lost[label] = round(1 - float(kept.sum() / found.sum()), 4) if found.any() else 0.0
    asked = float((served[ordinary] == full[ordinary]).all(axis=1).mean())
    return Card(
        heads.version,
        heads.labels,
        {f"{one.package}=={one.version}/{one.path}": one.sha256 for one in (MINILM, TOKENIZER)},
        dict(Counter(row.source for row in rows)),
        FOLDS,
        {label: (float(heads.found[place]), float(heads.firm[place])) for place, label in enumerate(heads.labels)},
        Gate(round(asked, 4), lost),
        round(float((served[ordinary] >= heads.found).any(axis=1).mean()), 4),
        tuple(figures),
    )


def _line(label: str, source: str, positive: NDArray[np.bool_], scores: Floats, found: float) -> Line:
    points, agreed = ranked(positive, scores), agreement(positive, scores >= found)
    return Line(
        label,
        source,
        len(positive),
        int(positive.sum()),
        _rounded(average_precision(points)),
        _rounded(area(points)),
        _rounded(agreed.precision),
        _rounded(agreed.recall),
        _rounded(agreed.f1),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 3)


def page(card: Card) -> str:
    """Return the card as Markdown."""
    figures = "\n".join(
        f"| {line.label} | {line.source} | {line.rows} | {line.positives} | {_told(line.ap)} | {_told(line.auc)} "
        f"| {_told(line.precision)} | {_told(line.recall)} | {_told(line.f1)} |"
        for line in card.figures
    )
    rows = ", ".join(f"{source} {count}" for source, count in sorted(card.rows.items()))
    weights = "\n".join(f"- `{name}`, SHA-256 `{digest}`" for name, digest in card.weights.items())
    lost = ", ".join(f"{label} {share:.1%}" for label, share in card.gate.lost.items())
    return PAGE.format(
        version=card.version,
        weights=weights,
        rows=rows,
        folds=card.folds,
        asked=f"{card.gate.asked:.1%}",
        missed=f"{MISSED:.0%}",
        lost=lost,
        ordinary=f"{card.ordinary_found:.2%}",
        figures=figures,
        narrow=NARROW_SOURCE,
    )


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


PAGE: Final = """# The heads of the text model, {version}

Made by `moderation models train` (streams/training); this page is written by it.

## What it is

Linear heads, one a label, on the vectors of a sentence encoder (all-MiniLM-L6-v2 in integers, streams/models/graph.py)
and on hashed n-grams. Probabilities are calibrated on held-out rows. The weights of the encoder come from packages:

{weights}

## What it was trained on

Rows by source: {rows}. `own` are sentences written for this project (streams/training/own.jsonl). HateCheck is never
trained on, and nothing is fitted to it.

## What it can do

Every figure is of heads that have not seen a row's group ({folds} folds by template, conversation or text), as served,
with the gate. Precision, recall and F1 at the shipped threshold.

| label | source | rows | positive | AP | AUC | P | R | F1 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{figures}

Ordinary talk in which any label is found, most of it at severity low, which is allowed by default: {ordinary}.

The gate: cheap heads on n-grams alone pass on what they doubt. Of ordinary talk the encoder is asked about {asked}.
Texts of more than one piece are always encoded. Each label's own cheap head may keep {missed} of the positives that the
full head finds, more where too much ordinary talk would have to be encoded for it. Lost of them: {lost}.

## What it cannot do

- English only; other languages are reported `not_evaluated`.
- Labels that only {narrow} knows were learnt from 15 to 55 positives: their figures move by several points by chance.
- `hate_speech` reacts to the names of groups, also where nothing bad is said of them: for review, never for a block.
- Severity, play, threats and minors are read from words (streams/signals), not learnt.
- Sarcasm, images, and grooming over many messages are not seen.
"""
