"""What a recogniser says: where a value stands and what kind it is, never the value."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Found(NamedTuple):
    """A value in a text."""

    start: int  # [start, end) in characters of the text that was searched
    end: int
    entity: str  # the exact kind, such as `us_ssn`; else the name of the type


class Recogniser(Protocol):
    """Finds one type of value. Stateless after construction, so thread-safe."""

    @property
    def type(self) -> str:
        """What a policy calls it, such as `national_id`."""

    @property
    def trigger(self) -> str:
        """RE2 syntax; matches every text in which the recogniser can find something."""

    @property
    def cue(self) -> str:
        """RE2 syntax; matches every such text, too; "" where the trigger says all."""

    def find(self, text: str) -> Iterator[Found]:
        """Yield the values in a text, in any order; takes time linear in its length and never raises."""
