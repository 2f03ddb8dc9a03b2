"""Text in pictures: pictures in, the lines that are written in them out, for the text engines of the same policy.

It finds nothing by itself: what the lines lead to is said by the rules of the text engines (adapters/read_text.py).
"""

from collections.abc import Sequence
from threading import Lock
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydantic import Field

from streams.core.engine import Accepts, Config, Example, Media
from streams.core.finding import Answer
from streams.core.rule import Rule
from streams.core.transcript import Judge, Line, Page, Transcript, sample, unjudged
from streams.models.weights import Missing, ensure
from streams.vision.ocr import DETECTION, MOST_LINES, RECOGNITION, shared_ocr
from streams.vision.ocr import Ocr as Reader

READ: Final = Answer()
READ_IN_PART: Final = Answer(reason="more_text_than_is_read")
LOADING: Final = Lock()


class OcrConfig(Config):
    """How much is read; a line takes 25 to 100 ms, a frame without text 150 ms at most, one full of text 4 s."""

    # of an animation or a video: evenly spaced, the first and the last among them
    frames: int = Field(default=4, ge=1, le=32)
    lines: int = Field(default=100, ge=1, le=MOST_LINES)  # of one frame, the tallest
    threads: int = Field(default=1, ge=1, le=16)  # of the networks, for one frame


class Ocr:
    """Reads what is written in pictures."""

    name: ClassVar[str] = "ocr"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "media"
    Config: ClassVar[type[OcrConfig]] = OcrConfig

    def __init__(self, config: OcrConfig) -> None:
        self.rules: tuple[Rule, ...] = ()
        self.labels: frozenset[str] = frozenset()
        self._frames, self._lines, self._threads = config.frames, config.lines, config.threads
        self._judge: Judge = unjudged
        try:
            ensure(DETECTION)
            ensure(RECOGNITION)
        except Missing as error:  # the policy's errors are told together, with its file
            raise ValueError(str(error)) from None

    def hand_to(self, judge: Judge) -> None:
        """Have what is read judged by the text engines of the policy."""
        self._judge = judge

    def inspect(self, batch: Sequence[Media]) -> list[Answer]:
        """Return for each medium what was found in the text that is written in it; loads the networks, if for none."""
        self._reader()
        return [self._judge(self.read(media)) for media in batch]

    def read(self, media: Media) -> Transcript:
        """Return the lines of each frame that is looked at; frames with the same lines once."""
        if not media.frames:
            reason = "video_not_decoded" if media.kind == "video" else "not_decoded"
            return Transcript(Answer(status="not_evaluated", reason=reason))
        ocr = self._reader()
        pages: dict[str, Page] = {}
        more = False
        for place in _chosen(len(media.frames), self._frames):
            seen = ocr(media.frames[place], self._lines)
            more = more or seen.more
            lines = tuple(Line(line.text, line.box, line.beside) for line in seen.lines)
            if lines:
                page = Page(lines, sample(media, place))
                pages.setdefault(page.text, page)
        return Transcript(READ_IN_PART if more else READ, tuple(pages.values()))

    def _reader(self) -> Reader:
        """Return the process's networks; threads that ask at once for the first time load them once."""
        with LOADING:
            return shared_ocr(self._threads)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return a picture with a line and one without; nothing is found without text engines."""
        return (
            Example({}, Media("ab" * 32, "image", "PNG", (drawn("call 212 555 0123"),), (0,)), frozenset()),
            Example({}, Media("cd" * 32, "image", "PNG", (drawn(""),), (0,)), frozenset()),
        )


def drawn(text: str) -> NDArray[np.uint8]:
    """Return a line as a picture, RGB uint8 [64, 320, 3]."""
    picture = Image.new("RGB", (320, 64), "white")
    ImageDraw.Draw(picture).text((12, 16), text, "black", ImageFont.load_default(28))
    return np.asarray(picture)


def _chosen(frames: int, most: int) -> list[int]:
    """Return the places of at most so many frames, evenly spaced."""
    return sorted({round(place) for place in np.linspace(0, frames - 1, min(frames, most)).tolist()})
