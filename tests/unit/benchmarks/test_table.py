"""The Markdown tables of the benchmark."""

from benchmarks.measure import Latency, Throughput
from benchmarks.table import markdown


def throughput(runner: str, repeat: int, per_second: float, cpu_us: float) -> Throughput:
    return Throughput(
        runner=runner,
        repeat=repeat,
        messages=1000,
        seconds=1000 / per_second,
        per_second=per_second,
        middle_per_second=per_second + 1,
        per_cpu_second=1e6 / cpu_us,
        cpu_us=cpu_us,
        peak_rss_mb=100.0,
        start_seconds=2.0,
        record_bytes=700.0,
    )


def latency(pace: str, repeat: int, p99: float) -> Latency:
    values = {"p50": 5.0, "p95": 10.0, "p99": p99, "max": 100.0}
    return Latency(
        runner="screen",
        repeat=repeat,
        pace=pace,
        asked_per_second=1000.0,
        sent_per_second=999.6,
        messages=100,
        appended=values,
        visible={name: value + 1 for name, value in values.items()},
        cpu_us=50.0,
        peak_rss_mb=120.0,
    )


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line]


def test_medians_of_the_repeats_are_shown_with_their_range() -> None:
    runs = [throughput("raw", number, rate, 10.0) for number, rate in enumerate((50_000.0, 90_000.0, 60_000.0))]
    assert rows(markdown(runs))[2][1:6] == ["60,000", "50,000 to 90,000", "60,001", "100,000", "10.0"]


def test_ratios_are_taken_within_a_repeat() -> None:
    runs = [
        throughput("screen", 1, 30_000.0, 40.0),
        throughput("raw", 1, 60_000.0, 10.0),
        throughput("screen", 2, 10_000.0, 40.0),
        throughput("raw", 2, 20_000.0, 10.0),
        throughput("raw", 3, 1.0, 10.0),
    ]
    assert rows(markdown(runs))[-1][1:] == ["0.50", "0.25"]


def test_without_the_worker_there_are_no_ratios() -> None:
    assert "÷" not in markdown([throughput("raw", 1, 60_000.0, 10.0)])


def test_runners_keep_their_order_whatever_ran_first() -> None:
    found = rows(markdown([throughput("consume", 1, 1.0, 10.0), throughput("table", 1, 1.0, 10.0)]))
    assert [row[0].partition(":")[0] for row in found[2:]] == ["Faust `Table`", "stock Faust"]


def test_each_pace_has_a_row_with_both_ends() -> None:
    found = rows(markdown([latency("slow", 1, 20.0), latency("slow", 2, 40.0), latency("fast", 1, 80.0)]))
    assert found[2][0] == "slow: 1,000/s asked, 1,000/s sent"
    assert [row[3] for row in found[2:]] == ["30 / 31", "80 / 81"]


def test_nothing_measured_makes_no_table() -> None:
    assert markdown([]) == ""
