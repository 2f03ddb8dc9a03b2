"""The stacks of engines that the text benchmark compares, parts of the default policy, and the bare encoder loop."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from benchmarks import policy, records
from benchmarks.bench import TERMS
from streams.adapters.policies import DEFAULT, Loaded, load
from streams.models.encoder import loaded_tokenizer, shipped_ranges
from streams.models.graph import encoder
from streams.models.session import session
from streams.models.weights import MINILM

RULES: Final = ("blocklist", "pattern", "solicitation")
INLINE: Final = (*RULES, "pii", "velocity")
MODELS: Final = (*INLINE, "text_model", "semantic")
BATCH: Final = 32  # texts of one call of the bare loops
SMALL: Final = 8  # of one of them: less of a batch is padding
FILTERS: Final = 10  # semantic filters of the full stack

# Path -> engines.
STACKS: Final[Mapping[str, Sequence[str]]] = {
    "reference": (),
    "rules": RULES,
    "inline": INLINE,
    "full": MODELS,
    "gated": MODELS,
    "identical": MODELS,
}


class Unfit(ValueError):
    """The default policy does not hold what a stack needs."""


def stacks(folder: Path) -> Iterator[tuple[str, Loaded]]:
    """Yield each stack by its name, its policy written into a folder; raise Unfit where the default lacks a part."""
    document = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    shutil.copytree(DEFAULT.parent / "lists", folder / "lists")
    for name, engines in STACKS.items():
        if not engines:
            yield name, load(policy.written(folder, records.terms(TERMS)))
            continue
        # What the default does not name has its own defaults.
        chosen = {engine: document["engines"].get(engine, {}) for engine in engines}
        if name == "full":
            chosen = _every_text(chosen)
        path = folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({"id": "benchmark", "engines": chosen}, allow_unicode=True), encoding="utf-8")
        yield name, load(path)


def _every_text(engines: Mapping[str, Any]) -> dict[str, Any]:
    """Return engines of which none leaves a text out: no gate, and exactly FILTERS semantic filters."""
    filters = engines["semantic"].get("filters", [])[:FILTERS]
    if len(filters) < FILTERS:
        raise Unfit(f"the default policy has {len(filters)} semantic filters: the full stack needs {FILTERS}")
    semantic = {**engines["semantic"], "filters": filters, "gate": False}
    return {**engines, "text_model": {**engines["text_model"], "gate": False}, "semantic": semantic}


class Bare:
    """Tokenises and runs a sentence encoder over texts sorted by length: what embedding costs at least."""

    def __init__(self, *, packaged: bool = False, batch: int = BATCH) -> None:
        self._batch = batch
        weights = MINILM.read()
        self._session = session(weights if packaged else encoder(weights, shipped_ranges()), 1)
        self._typed = packaged  # the packaged file wants to know of each token to which of two sentences it belongs
        self._tokenizer = loaded_tokenizer()

    def __call__(self, texts: Sequence[str]) -> int:
        """Encode all texts; return how many vectors, or rows of them, came out."""
        tokens = sorted((encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))), key=len)
        count = 0
        for start in range(0, len(tokens), self._batch):
            batch = tokens[start : start + self._batch]
            ids = np.zeros((len(batch), len(batch[-1])), np.int64)
            mask = np.zeros_like(ids)
            for row, each in enumerate(batch):
                ids[row, : len(each)] = each
                mask[row, : len(each)] = 1
            given = {"input_ids": ids, "attention_mask": mask}
            if self._typed:
                given["token_type_ids"] = np.zeros_like(ids)
            count += len(self._session.run(None, given)[0])
        return count
