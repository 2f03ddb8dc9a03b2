from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.core.engine import Media
from streams.core.timeline import Stretch, fewer, moves, seen, stretches

PICTURE = np.zeros((2, 2, 3), dtype=np.uint8)


@st.composite
def timelines(draw: st.DrawFn) -> tuple[dict[int, float], list[int], int]:
    times = sorted(draw(st.sets(st.integers(0, 100_000), min_size=1, max_size=20)))
    hits = draw(st.dictionaries(st.integers(0, len(times) - 1), st.floats(0, 100), max_size=20))
    return hits, times, times[-1] + draw(st.integers(1, 5000))


def test_a_sample_stands_until_the_next_one() -> None:
    assert stretches({1: 80.0}, [0, 1000, 2000], 3000) == [Stretch(1000, 2000, 80.0, 1, 1)]


def test_the_last_sample_stands_until_the_end() -> None:
    assert stretches({2: 80.0}, [0, 1000, 2000], 2400) == [Stretch(2000, 2400, 80.0, 2, 1)]


def test_hits_of_neighbouring_samples_are_one_stretch_with_the_highest_score() -> None:
    found = stretches({0: 60.0, 1: 90.0, 2: 90.0, 4: 70.0}, [0, 500, 1000, 1500, 2000], 2500)

    assert found == [Stretch(0, 1500, 90.0, 1, 3), Stretch(2000, 2500, 70.0, 4, 1)]


def test_an_end_before_its_start_makes_no_negative_time() -> None:
    assert stretches({0: 1.0}, [700], 0) == [Stretch(700, 700, 1.0, 0, 1)]


@given(timelines())
def test_stretches_hold_the_time_of_every_hit_and_of_no_other_sample(
    case: tuple[dict[int, float], list[int], int],
) -> None:
    hits, times, end = case

    found = stretches(hits, times, end)

    for index, time in enumerate(times):
        assert any(one.start <= time < one.end for one in found) == (index in hits)
    assert sum(one.frames for one in found) == len(hits)
    assert max((one.peak for one in found), default=None) == max(hits.values(), default=None)
    assert all(one.peak == hits[one.frame] for one in found)
    assert all(first.end < second.start for first, second in pairwise(found))


@given(timelines(), st.integers(1, 5))
def test_fewer_stretches_cover_what_all_did(case: tuple[dict[int, float], list[int], int], most: int) -> None:
    found = stretches(*case)

    kept = fewer(found, most)

    assert len(kept) == min(most, len(found))
    assert all(any(one.start <= every.start and every.end <= one.end for one in kept) for every in found)
    assert sum(one.frames for one in kept) == sum(one.frames for one in found)
    assert all(first.end < second.start for first, second in pairwise(kept))


def test_the_closest_stretches_become_one_first() -> None:
    found = [Stretch(0, 10, 1.0, 0, 1), Stretch(1000, 1010, 3.0, 4, 1), Stretch(1020, 1030, 2.0, 6, 2)]

    assert fewer(found, 2) == [Stretch(0, 10, 1.0, 0, 1), Stretch(1000, 1030, 3.0, 4, 3)]


def test_evidence_of_a_video_has_its_stretches_and_how_many_samples_show_it() -> None:
    video = Media("00" * 32, "video", "MP4", (PICTURE,) * 3, (0, 1000, 2000), 3000)

    evidence = seen({0: 1.0, 1: 1.0}, video)

    assert [(one.frame, one.count) for one in evidence] == [((0, 2000), 2)]


def test_a_still_picture_has_no_time_and_a_video_of_one_frame_has() -> None:
    still = Media("00" * 32, "image", "PNG", (PICTURE,), (0,))
    short = Media("00" * 32, "video", "MP4", (PICTURE,), (0,), 40)

    assert not moves(still)
    assert seen({0: 1.0}, still) == ()
    assert [one.frame for one in seen({0: 1.0}, short)] == [(0, 40)]
