"""Sampling: the frames of a video one after the other in, those worth looking at out, never more than a fixed number.

One frame in each step of time, and beside them those where the picture changes: what is shown for less than a step is
seen too, and its stretch begins and ends where it really does. The choice depends on the frames alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP_MS: Final = 1000  # of a video short enough; doubled until its samples are few enough
STEADY: Final = 3 / 4  # share of the samples that come at every step; the rest is for changes
# Levels of 0..255 by which one cell must differ from the last sample. Footage of the dev videos stays below 30 between
# neighbouring frames; each of their spliced stills differs from the frame before it by more than 60.
CHANGED: Final = 40

Frame = TypeVar("Frame")


@dataclass(slots=True)
class Sample(Generic[Frame]):
    """A frame that was chosen."""

    time: int  # milliseconds from the first frame
    change: int  # levels by which it differs from the sample before it, 0..255
    steady: bool  # it came at a step, not for its change
    frame: Frame


class Sampler(Generic[Frame]):
    """Chooses frames while they pass by; what was dropped is never needed again."""

    def __init__(self, most: int, step_ms: int = STEP_MS) -> None:
        """Take the most samples, at least 3, and the first step in milliseconds."""
        self.samples: list[Sample[Frame]] = []
        self.step_ms = step_ms
        self._most = most
        self._steady = max(2, int(most * STEADY))
        self._last: NDArray[np.int16] | None = None

    def offer(self, time: int, cells: "NDArray[np.int16]", frame: Callable[[], Frame]) -> None:
        """Look at the next frame: its time in milliseconds, later than any before, and what it roughly shows.

        `cells` are the means of the picture's parts, int16 of any shape, 0..255; `frame` is called when it is kept.
        """
        change = 255 if self._last is None else int(np.abs(cells - self._last).max())
        steady = not self.samples or time // self.step_ms > self.samples[-1].time // self.step_ms
        if not steady and change < CHANGED:
            return
        self._last = cells
        self.samples.append(Sample(time, change, steady, frame()))
        while sum(sample.steady for sample in self.samples) > self._steady:
            self._widen()
        if len(self.samples) > self._most:
            self._drop()

    def _widen(self) -> None:
        """Double the step; what then is between two steps stays only for its change."""
        self.step_ms *= 2
        seen = -1
        for sample in self.samples:
            step = sample.time // self.step_ms
            sample.steady = sample.steady and step > seen
            seen = max(seen, step)
        self.samples = [sample for sample in self.samples if sample.steady or sample.change >= CHANGED]

    def _drop(self) -> None:
        """Leave out the smallest change; among equals the one closest to the sample before it."""
        gaps = [later.time - sooner.time for sooner, later in zip(self.samples, self.samples[1:], strict=False)]
        worth = [
            (sample.change, gap, index)
            for index, (sample, gap) in enumerate(zip(self.samples[1:], gaps, strict=True), start=1)
            if not sample.steady
        ]
        del self.samples[min(worth)[2]]
