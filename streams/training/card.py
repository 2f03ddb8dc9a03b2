"""The model card: rows, heads and their held-out answers in, what the heads are, were made of and can do out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.evaluation.measures import agreement, area, average_precision, ranked
from streams.models.heads import Floats
from streams.models.reading import FEW
from streams.models.sketch import ASKED
from streams.models.weights import MINILM, TOKENIZER
from streams.training.recipe import FOLDS, MISSED, NARROW_SOURCE, ORDINARY, OWN_SOURCE
from streams.training.rows import Row
from streams.training.training import Trained

LEAST: Final = 5  # positives below which a figure says nothing


class Line(msgspec.Struct, frozen=True):
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


class Gate(msgspec.Struct, frozen=True):
    """What the gates keep from the encoder, as shares of short texts; long ones are always encoded."""

    asked: float  # of ordinary talk, what the text model asks about
    asked_by_filters: float  # of ordinary talk, what the default policy's semantic filters ask about
    asked_by_any: float
    lost: dict[str, float]  # label -> of the positives that the full heads find, what the gate keeps from being found
    found: dict[str, int]  # label -> how many these are
    lost_by_filters: dict[str, float]  # filter -> of the texts that it finds, what the gate keeps from it
    found_by_filters: dict[str, int]


class Card(msgspec.Struct, frozen=True):
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


def card(rows: Sequence[Row], made: Trained) -> Card:
    """Return the card of what was trained on some rows."""
    heads, served, full = made.heads, made.held_out, made.full
    sources = np.array([row.source for row in rows])
    ordinary = np.array([row.source in ORDINARY and not any(row.labels.values()) for row in rows])
    figures, lost, count = [], {}, {}
    for place, label in enumerate(heads.labels):
        truth = np.array([row.labels.get(label) for row in rows], object)
        for source in sorted({row.source for row in rows} - {OWN_SOURCE}):
            chosen = (sources == source) & np.array([known is not None for known in truth])
            positive = truth[chosen].astype(bool)
            if LEAST <= positive.sum() < len(positive):
                figures.append(_line(label, source, positive, served[chosen, place], heads.found[place]))
        real = np.array([known is True for known in truth]) & (sources != OWN_SOURCE)
        found = real & made.short & (full[:, place] >= heads.found[place])
        kept = found & (served[:, place] >= heads.found[place])
        count[label] = int(found.sum())
        lost[label] = round(1 - float(kept.sum() / found.sum()), 4) if found.any() else 0.0
    short = ordinary & made.short
    asked, by_filters = made.asked[short], made.asked_by_filters[short]
    return Card(
        heads.version,
        heads.labels,
        {f"{one.package}=={one.version}/{one.path}": one.sha256 for one in (MINILM, TOKENIZER)},
        dict(Counter(row.source for row in rows)),
        FOLDS,
        {label: (float(heads.found[place]), float(heads.firm[place])) for place, label in enumerate(heads.labels)},
        Gate(
            round(float(asked.mean()), 4),
            round(float(by_filters.mean()), 4),
            round(float((asked | by_filters).mean()), 4),
            lost,
            count,
            {name: round(each.lost / max(each.found, 1), 4) for name, each in made.filters.items()},
            {name: each.found for name, each in made.filters.items()},
        ),
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
    lost = _losses(card.gate.lost, card.gate.found)
    return PAGE.format(
        version=card.version,
        weights=weights,
        rows=rows,
        folds=card.folds,
        asked=f"{card.gate.asked:.1%}",
        asked_by_filters=f"{card.gate.asked_by_filters:.1%}",
        asked_by_any=f"{card.gate.asked_by_any:.1%}",
        lost_by_filters=_losses(card.gate.lost_by_filters, card.gate.found_by_filters) or "-",
        few=FEW,
        missed=f"{MISSED:.0%}",
        share=f"{ASKED[0][1]:.2%} of the shortest and {ASKED[-1][1]:.2%} of the longest",
        lost=lost,
        ordinary=f"{card.ordinary_found:.2%}",
        figures=figures,
        narrow=NARROW_SOURCE,
    )


def _losses(shares: Mapping[str, float], counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {share:.1%} of {counts[name]}" for name, share in shares.items())


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

## What the gates keep from the encoder

Texts of more than {few} pieces of 220 characters are always encoded. Of short ordinary talk the encoder is asked about
{asked_by_any}: the text model asks about {asked}, the semantic filters of the default policy about {asked_by_filters}.

The text model: cheap heads on n-grams and words pass on what they doubt. Each may keep {missed} of the positives that
the full head finds, more where too much ordinary talk would have to be encoded for it. Lost of them, in short texts:
{lost}.

Semantic filters: a text passes whose words come near to a filter, and one that the text model doubts. A filter may
ask about {share} of everyday traffic. Lost of what it finds, in short texts: {lost_by_filters}.
`gate: false` loses nothing.

## What it cannot do

- English only; other languages are reported `not_evaluated`.
- Labels that only {narrow} knows were learnt from 15 to 55 positives: their figures move by several points by chance.
- `hate_speech` reacts to the names of groups, also where nothing bad is said of them: for review, never for a block.
- Severity, play, threats and minors are read from words (streams/signals), not learnt.
- Sarcasm, images, and grooming over many messages are not seen.
"""
