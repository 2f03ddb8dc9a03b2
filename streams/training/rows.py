"""The rows that heads are trained on: a folder of labelled JSON lines in, rows of one form out, each with its group.

Two forms are read: that of evaluation files (`labels.positive`, `labels.negative`), and that of public training sets,
each of which says in words of its own what its rows are.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

# HateCheck tells how good a model is; what has been trained on it can no longer be told.
NEVER: Final = frozenset({"hatecheck"})
# Other forms of harm, of which no label is trained: personal data and robustness.
OTHER: Final = frozenset({"naughty_strings", "pii_presidio_synth", "pii_presidio_unit"})

SIGNS: Final = re.compile(r"[^\w\s]+")


class Row(NamedTuple):
    """A labelled text: `labels` holds True or False for each label that is known."""

    source: str  # the file's name
    id: str
    text: str
    context: tuple[str, ...]  # oldest first
    labels: Mapping[str, bool]
    group: str  # rows of one template, conversation or text: never in two folds
    severity: str | None = None


def rows(folder: Path) -> list[Row]:
    """Return the rows of `dev` and `train` of a folder, in the order of the files' names; raise OSError."""
    found: list[Row] = []
    for part in ("dev", "train"):
        for file in sorted((folder / part).glob("*.jsonl")):
            if file.stem not in NEVER | OTHER:
                found += file_rows(file)
    return found


def file_rows(file: Path) -> Iterator[Row]:
    """Yield the rows of one file; raise ValueError naming the line that cannot be read."""
    read = TRAINING.get(file.stem, _evaluation)
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = read(file.stem, msgspec.json.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{file.name}:{number}: no labelled row ({type(error).__name__})") from None
            if row is not None:
                yield row


def _evaluation(source: str, raw: dict[str, Any]) -> Row:
    labels = raw["labels"]
    original = labels.get("orig", {})
    known = dict.fromkeys(labels["positive"], True) | dict.fromkeys(labels["negative"], False)
    named = original.get("conv_id") or raw.get("group")
    # Without a name of its own a group is the text: one text that two sources hold is in one fold.
    group = f"{source}:{named}" if named else _alike(raw["text"])
    return Row(
        source, raw.get("id", ""), raw["text"], tuple(raw.get("context", ())), known, group, labels.get("severity")
    )


def _edos(source: str, raw: dict[str, Any]) -> Row | None:
    """Return a row of EDOS: sexism is hatred of a group. Only its own training part."""
    if raw["split"] != "train":
        return None
    text = raw["text"].replace("[USER]", "@user").replace("[URL]", "http")
    sexist = raw["labels"]["sexist"]
    return Row(source, raw["id"], text, (), {"hate_speech": sexist}, _alike(text))


def _hatemoji(source: str, raw: dict[str, Any]) -> Row:
    return Row(
        source,
        raw["id"],
        raw["text"],
        (),
        {"hate_speech": raw["labels"]["hate"]},
        _alike(raw["text"]),
    )


def _toxic(source: str, raw: dict[str, Any]) -> Row:
    """Return a row that is toxic or not; what is not toxic is no hate either."""
    toxic = raw["labels"]["toxic"]
    labels = {"toxicity": True} if toxic else {"toxicity": False, "hate_speech": False}
    return Row(source, raw["id"], raw["text"], (), labels, _alike(raw["text"]))


TRAINING: Final[Mapping[str, Callable[[str, dict[str, Any]], Row | None]]] = {
    "edos": _edos,
    "hatemoji": _hatemoji,
    "surge_toxicity": _toxic,
    "wikipedia_toxicity": _toxic,
}


def _alike(text: str) -> str:
    """Return what texts share that differ only in case, white space and signs."""
    return " ".join(SIGNS.sub("", text.lower()).split())
