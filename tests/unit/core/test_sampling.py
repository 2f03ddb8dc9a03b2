from collections.abc import Iterable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.core.sampling import Sampler

FRAMES = st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 255)), min_size=1, max_size=300)


def sampled(frames: Iterable[tuple[int, int]], most: int = 30) -> Sampler[int]:
    """Return what a sampler makes of frames, each a time and the level of its one cell."""
    sampler: Sampler[int] = Sampler(most)
    for time, level in frames:
        sampler.offer(time, np.array([level], dtype=np.int16), lambda time=time: time)  # type: ignore[misc]
    return sampler


def times(sampler: Sampler[int]) -> list[int]:
    return [sample.time for sample in sampler.samples]


def test_a_video_that_stays_the_same_has_one_sample_a_second() -> None:
    assert times(sampled((time, 100) for time in range(0, 4000, 40))) == [0, 1000, 2000, 3000]


def test_what_is_shown_for_less_than_a_step_has_a_sample_at_its_start_and_at_its_end() -> None:
    levels = [(time, 200 if 2200 <= time < 2500 else 100) for time in range(0, 4000, 100)]

    assert times(sampled(levels)) == [0, 1000, 2000, 2200, 2500, 3000]


def test_a_single_frame_is_seen() -> None:
    levels = [(time, 200 if time == 1520 else 100) for time in range(0, 3000, 40)]

    assert times(sampled(levels)) == [0, 1000, 1520, 1560, 2000]


def test_a_slow_change_is_a_change() -> None:
    assert times(sampled((time, time // 10) for time in range(0, 1000, 20))) == [0, 400, 800]


def test_a_long_video_has_a_wider_step_and_even_samples() -> None:
    sampler = sampled(((time, 100) for time in range(0, 100_000, 500)), most=30)

    assert sampler.step_ms == 8000
    assert times(sampler) == list(range(0, 100_000, 8000))


def test_a_change_outlives_a_wider_step() -> None:
    frames = [(time, 200 if time == 5000 else 100) for time in range(0, 100_000, 500)]

    assert {5000, 5500} <= set(times(sampled(frames)))


def test_flicker_takes_no_room_from_the_steps() -> None:
    frames = [(time, 250 * (time // 40 % 2)) for time in range(0, 10_000, 40)]

    found = sampled(frames, most=30)

    assert {time // 1000 for time in times(found)} == set(range(10))
    assert len(found.samples) == 30


@given(FRAMES, st.integers(3, 40))
def test_samples_are_in_order_few_enough_and_in_every_step_that_has_a_frame(
    frames: list[tuple[int, int]], most: int
) -> None:
    ends = np.cumsum([gap for gap, _ in frames]).tolist()
    passing = list(zip(ends, (level for _, level in frames), strict=True))

    found = sampled(passing, most)

    assert len(found.samples) <= most
    assert times(found) == sorted(set(times(found)))
    assert {time // found.step_ms for time in times(found)} == {time // found.step_ms for time, _ in passing}
    assert all(sample.frame == sample.time for sample in found.samples)


@given(FRAMES)
def test_the_same_frames_give_the_same_samples(frames: list[tuple[int, int]]) -> None:
    ends = np.cumsum([gap for gap, _ in frames]).tolist()
    passing = list(zip(ends, (level for _, level in frames), strict=True))

    assert times(sampled(passing)) == times(sampled(passing))
