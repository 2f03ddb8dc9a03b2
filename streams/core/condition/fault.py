"""What is wrong with a condition: places in its source in, lines for its author out."""

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong, and what would be right."""

    at: int  # characters from the start of the source
    what: str


class Stopped(Exception):
    """The source cannot be read any further; only within this package."""

    def __init__(self, at: int, what: str) -> None:
        self.fault = Fault(at, what)
        super().__init__(what)


class ConditionErrors(ValueError):
    """All that is wrong with a condition: `lines`, one a fault, each with its column."""

    def __init__(self, source: str, faults: Iterable[Fault]) -> None:
        self.lines = tuple(f"{_place(source, at)}: {what}" for at, what in dict.fromkeys(sorted(faults)))
        super().__init__("; ".join(self.lines))


def _place(source: str, at: int) -> str:
    line, start = source.count("\n", 0, at) + 1, source.rfind("\n", 0, at) + 1
    column = f"column {at - start + 1}"
    return f"line {line} {column}" if "\n" in source.strip() else column
