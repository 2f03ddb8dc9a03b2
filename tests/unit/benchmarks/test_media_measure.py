"""The tables of the media benchmark."""

import msgspec
import pytest

from benchmarks.media_measure import Bare, Line, Stream, Wait, markdown, ratios


def bare(repeat: int, per_second: float, cpu_ms: float = 50.0, path: str = "model") -> Bare:
    return Bare(
        path=path,
        repeat=repeat,
        engines=("qr",),
        pictures=100,
        seconds=100 / per_second,
        per_second=per_second,
        decode_ms=8.0,
        inputs_ms=12.0,
        runs_ms=40.0,
        cpu_ms=cpu_ms,
        others_share=0.125,
        peak_rss_mb=300.0,
    )


def stream(repeat: int, per_second: float, cpu_ms: float = 62.5) -> Stream:
    return Stream(
        path="model",
        repeat=repeat,
        engines=("qr",),
        pictures=100,
        seconds=100 / per_second,
        per_second=per_second,
        engines_ms={"qr": 41.25},
        cpu_ms=cpu_ms,
        busy_share=0.875,
        others_share=0.0625,
        peak_rss_mb=400.0,
        start_seconds=4.0,
        acted_share=0.25,
    )


def wait(what: str, p50: float, waiting: tuple[int, int] = (0, 0)) -> Wait:
    values = {"p50": p50, "p95": 2 * p50, "p99": 3 * p50, "max": 4 * p50}
    return Wait(what, 1, 100, 100.0, values, waiting=waiting)


def test_a_bare_loop_before_and_after_the_stream_counts_as_the_mean_of_both() -> None:
    assert ratios([bare(1, 20.0, 40.0), bare(1, 30.0, 60.0)], [stream(1, 20.0, 100.0)], "model") == [(0.8, 0.5)]


def test_ratios_are_taken_within_a_repeat_and_a_path() -> None:
    loops = [bare(1, 20.0), bare(2, 40.0), bare(2, 99.0, path="all"), bare(3, 1.0)]

    assert [clock for clock, _ in ratios(loops, [stream(1, 18.0), stream(2, 38.0)], "model")] == [0.9, 0.95]


def test_rates_ratios_and_what_engines_took_stand_in_the_tables() -> None:
    table = markdown([bare(1, 20.0), stream(1, 18.0), bare(1, 20.0)])

    assert "| qr | 20.00 | 20.00 to 20.00 | 8.0 | 12.0 | 40.0 | 50.0 | 12 % | 300 |" in table
    assert "| qr 41.2 ms | 18.00 | 18.00 to 18.00 | 62.5 | 88 % | 6 % | 400 | 4.0 | 25 % |" in table
    assert "| qr: end to end ÷ bare loop | 0.900 | 0.90 to 0.90 | 0.800 |" in table


def test_waits_tell_of_the_pictures_that_waited() -> None:
    table = markdown([wait("text, alone", 20.0), wait("text, beside", 22.0, (80, 30))])

    assert "| text, alone, 100/s | 20 | 40 | 60 | 80 | 20.00 to 20.00 |  |  |" in table
    assert "| text, beside, 100/s | 22 | 44 | 66 | 88 | 22.00 to 22.00 |  | 80 to 30 |" in table


def test_nothing_measured_makes_no_table() -> None:
    assert markdown([]) == ""


@pytest.mark.parametrize("line", [bare(1, 2.0), stream(1, 2.0), wait("picture", 5.0)])
def test_a_line_can_be_read_back(line: Line) -> None:
    assert msgspec.json.decode(msgspec.json.encode(line), type=Line) == line
