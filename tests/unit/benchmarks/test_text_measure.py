"""The tables of the text benchmark."""

from benchmarks.text_measure import Gate, Rate, Start, markdown


def rate(path: str, repeat: int, cpu_seconds: float) -> Rate:
    return Rate(
        path=path,
        repeat=repeat,
        texts=1000,
        seconds=2 * cpu_seconds,
        cpu_seconds=cpu_seconds,
        per_second=500 / cpu_seconds,
        per_cpu_second=1000 / cpu_seconds,
        encoded=30,
        engine_us={} if path == "bare" else {"pii": 10.0, "screening": 5.5},
    )


def test_rates_are_medians_and_ratios_are_of_one_repeat() -> None:
    lines = [
        *(rate("full", repeat, seconds) for repeat, seconds in enumerate((2.0, 4.0, 5.0))),
        *(rate("bare", repeat, seconds) for repeat, seconds in enumerate((1.0, 2.4, 4.0))),
    ]

    table = markdown(lines)

    assert "| full stack, every text embedded | 250 | 200 to 500 | 125 | 4,000.0 | 0.030 |  |" in table
    assert "| full stack, every text embedded ÷ floor: tokenise and ONNX | 0.600 | 0.600 |" in table
    assert "| pii | 10.0 |" in table


def test_starts_and_the_gate_have_tables_of_their_own() -> None:
    start = Start(repeat=1, engines=("pii",), seconds=1.25, cpu_seconds=1.0, first_ms=3.0, loaded_mb=200.0)
    gate = Gate(100, "drawn", 0.25, 0.125, {"scam": 0.01}, {"threat": 0.25}, "abc")

    table = markdown([start, gate])

    assert "| start to all engines built, s | 1.25 |" in table
    assert "| the text model asks the encoder about (100 texts, drawn) | 25.0 % |" in table
    assert "| text model or filters ask about, of ordinary talk (abc) | 12.5 % |" in table
    assert "| lost of scam | 1.0 % |" in table
    assert "| lost of the filter threat | 25.0 % |" in table
