"""Timelines: what was seen on sampled frames of a video or animation in, stretches of time out.

A sample stands for the time until the next one: what lies between was not looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from streams.core.engine import Media
from streams.core.finding import Evidence

# In the evidence of one finding: a video that flickers must not fill a record.
MOST_STRETCHES: Final = 32


class Stretch(NamedTuple):
    """A stretch of time through which every sample shows something."""

    start: int  # milliseconds, the time of its first sample
    end: int  # milliseconds, the time of the first sample after it, or the end of the last frame
    peak: float  # highest score in it, on the scale that was passed
    frame: int  # index of the sample with that score, the earliest of equals
    frames: int  # samples that show it

    @property
    def span(self) -> tuple[int, int]:
        """Return [start, end) in milliseconds, as evidence spells it."""
        return self.start, self.end


def stretches(hits: Mapping[int, float], times_ms: Sequence[int], end_ms: int) -> list[Stretch]:
    """Return where something is seen, in order: hits of neighbouring samples are one stretch.

    `hits` has a score for the index of each sample that shows it; `times_ms` the start of every sample, ascending;
    `end_ms` the end of the last one. An end before its start, as a broken file may have it, counts as the start.
    """
    result: list[Stretch] = []
    previous = -2
    for index in sorted(hits):
        start, score = times_ms[index], hits[index]
        end = max(start, times_ms[index + 1] if index + 1 < len(times_ms) else end_ms)
        if index == previous + 1:
            last = result[-1]
            peak, frame = (score, index) if score > last.peak else (last.peak, last.frame)
            result[-1] = Stretch(last.start, end, peak, frame, last.frames + 1)
        else:
            result.append(Stretch(start, end, score, index, 1))
        previous = index
    return result


def fewer(found: Sequence[Stretch], most: int = MOST_STRETCHES) -> list[Stretch]:
    """Return at most `most` stretches: the closest neighbours become one until they are that few.

    So everything that was found stays covered, with its peak and its number of samples.
    """
    # A gap stays as it is when those beside it are closed: the smallest ones, the earlier of equals first.
    gaps = sorted(range(len(found) - 1), key=lambda at: found[at + 1].start - found[at].end)
    closed = frozenset(gaps[: max(0, len(found) - most)])
    left = list(found[:1])
    for at, second in enumerate(found[1:]):
        if at not in closed:
            left.append(second)
            continue
        first = left[-1]
        higher = second if second.peak > first.peak else first
        frames = first.frames + second.frames
        left[-1] = Stretch(first.start, second.end, higher.peak, higher.frame, frames)
    return left


def seen(hits: Mapping[int, float], media: Media) -> tuple[Evidence, ...]:
    """Return where in time something is seen on the frames of a medium: one evidence for each stretch.

    `frame` is the stretch and `count` the samples in it that show it. Empty for a still picture, which has no time.
    """
    if not moves(media):
        return ()
    found = fewer(stretches(hits, media.times_ms, media.end_ms))
    return tuple(Evidence(frame=one.span, count=one.frames) for one in found)


def moves(media: Media) -> bool:
    """Tell whether a medium has a time at all: a video or an animation, though only one frame of it was sampled."""
    return media.end_ms > 0 or len(media.frames) > 1
