"""What is written in a medium: lines with their places, joined into the text that text engines read.

An engine that reads (text in pictures, codes) hands its transcript to whoever knows the text engines of the same policy
(adapters/read_text.py); a page tells where in the picture a span of its text stands.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

import msgspec

from streams.core.engine import Media
from streams.core.finding import Answer, Evidence
from streams.core.span import Span
from streams.core.timeline import moves

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels
ROWS: Final = "\n"  # between two of them
BESIDE: Final = " "  # between two lines in one row: parts of a number, a field and its value


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line, and where it stands; repr shows the length only."""

    text: str
    box: Box
    beside: bool = False  # the line before it, in the same row

    def __repr__(self) -> str:
        """Show the length only: content never reaches a log."""
        return f"Line({len(self.text)} characters, {self.box})"


class Page(msgspec.Struct, frozen=True, gc=False):
    """The lines of one frame from top to bottom; their order is that of the text."""

    lines: tuple[Line, ...]
    frame: Span | None = None  # from when to when it is shown, milliseconds; None for a still picture

    @property
    def text(self) -> str:
        """Return the lines as one text, each row on a line of its own."""
        return "".join(part for line in self.lines for part in (BESIDE if line.beside else ROWS, line.text))[1:]

    def places(self, span: Span | None) -> Iterator[Evidence]:
        """Yield the place of each line that a span of `text` touches; for None one place around all lines."""
        if span is None:
            if self.lines:
                yield Evidence(box=around(line.box for line in self.lines), frame=self.frame)
            return
        start = 0
        for line in self.lines:
            end = start + len(line.text)
            if start < span[1] and span[0] < end:
                yield Evidence(box=line.box, frame=self.frame)
            start = end + 1  # what stands between two lines


class Transcript(NamedTuple):
    """What an engine answers by itself, and what it read for others."""

    answer: Answer
    pages: tuple[Page, ...] = ()
    prose: bool = True  # what people wrote for people; not what a code says to a machine


Judge = Callable[[Transcript], Answer]  # what was read in; the answer with what text engines find in it out


@runtime_checkable
class Reads(Protocol):
    """A media engine that reads text."""

    def hand_to(self, judge: Judge) -> None:
        """Have what is read judged; called once, before the first medium. Without it `inspect` finds nothing in it."""


def unjudged(transcript: Transcript) -> Answer:
    """Return what the engine that read answers by itself."""
    return transcript.answer


def sample(media: Media, index: int) -> Span | None:
    """Return the time that a frame of a medium stands for, until the next one; None for a still picture."""
    if not moves(media):
        return None
    start = media.times_ms[index]
    return start, max(start, media.times_ms[index + 1] if index + 1 < len(media.frames) else media.end_ms)


def around(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all of them, at least one."""
    sides: Sequence[Sequence[int]] = list(zip(*boxes, strict=True))
    left, top, right, bottom = sides
    return min(left), min(top), max(right), max(bottom)


def rule_read(engine: str, rule: str) -> str:
    """Return the name under which a finding of a text engine's rule stands in the report of the engine that read."""
    return f"{engine}.{rule}"
