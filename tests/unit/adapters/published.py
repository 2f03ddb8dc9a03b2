"""Policies as tests publish them."""

from pathlib import Path
from typing import Final

import msgspec

from streams.adapters.proposing import Who, applying, proposed
from streams.adapters.published import Published, key_of
from streams.adapters.publishing import Plan

POLICY: Final = """\
id: {name}
applies_to: {applies}
engines:
  blocklist:
    lists:
      - {{name: {rule}, label: abuse, action: flag, file: words.txt}}
"""
WORDS: Final = "bad\n"


def written(folder: Path, name: str = "chat", *, rule: str = "words", words: str = WORDS, applies: str = "{}") -> Path:
    """Return a policy file of one list file, in a folder of its own."""
    place = folder / name
    place.mkdir(exist_ok=True)
    (place / "words.txt").write_text(words, "utf-8")
    file = place / f"{name}.yaml"
    file.write_text(POLICY.format(name=name, rule=rule, applies=applies), "utf-8")
    return file


def take(found: Published, plan: Plan) -> None:
    """Do what a plan says, as if it were published."""
    for each in plan(found):
        if isinstance(each, bytes):
            found.take(each, None)
        else:
            found.take(key_of(each), msgspec.json.encode(each))


def apply(found: Published, *files: Path, by: str = "ada", note: str | None = None, now: int = 1) -> None:
    """Put files in force."""
    take(found, applying(proposed(files), Who(by, note, now)))
