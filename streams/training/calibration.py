"""Calibration of the encoder: texts in, the range of each quantised activation out."""

from collections.abc import Sequence

import numpy as np

from streams.models.encoder import loaded_tokenizer
from streams.models.graph import Range, activations, encoder
from streams.models.reading import read
from streams.models.session import session
from streams.models.weights import MINILM

# Bounds wide enough for every activation that was ever seen, and for the rounding of the first measurement.
WIDE: Range = (-32.0, 32.0)


def sample(texts: Sequence[str], count: int) -> list[str]:
    """Return one piece each of at most `count` texts, spread evenly."""
    step = max(1, len(texts) // count)
    cut = [(number, read(text).pieces) for number, text in enumerate(texts[::step])]
    return [piece for number, pieces in cut if (piece := pieces[number % len(pieces)])][:count]


def ranges(texts: Sequence[str]) -> dict[str, Range]:
    """Return the smallest and the largest value of each activation over the texts.

    Measured twice: with wide bounds first, which are coarse, then with those that were found, widened by a tenth.
    """
    found = dict.fromkeys(activations(), WIDE)
    for _ in range(2):
        bounds = {name: (low * 1.1, high * 1.1) for name, (low, high) in found.items()}
        found = _measured(texts, bounds)
    return {name: (round(low, 3), round(high, 3)) for name, (low, high) in found.items()}


def _measured(texts: Sequence[str], bounds: dict[str, Range]) -> dict[str, Range]:
    tokenizer, names = loaded_tokenizer(), list(bounds)
    tapped = session(encoder(MINILM.read(), bounds, taps=True), 1)
    found = dict.fromkeys(names, (0.0, 0.0))
    for encoding in tokenizer.encode_batch_fast(texts):
        ids = np.array([encoding.ids], np.int64)
        values = tapped.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, value in zip(names, values, strict=True):
            low, high = found[name]
            found[name] = (min(low, float(value.min())), max(high, float(value.max())))
    return found
