"""What the text benchmark measures, and the Markdown tables of it: medians over the repeats, ratios within one."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from benchmarks.measure import median
from benchmarks.table import rows

TITLES: Final = {
    "reference": "rules of `throughput.py`",
    "rules": "rules: blocklist, pattern, solicitation",
    "inline": "PII, velocity and rules",
    "full": "full stack, every text embedded",
    "bare": "floor: tokenise and ONNX",
    "small": "the same in batches of 8",
    "packaged": "the same with the packaged file",
    "gated": "full stack, gate on",
    "identical": "full stack, identical texts",
}
MICROSECONDS: Final = 1_000_000


class Rate(msgspec.Struct, frozen=True, tag="text_rate", tag_field="measured"):
    """One path over its texts, on one core."""

    path: str
    repeat: int
    texts: int
    seconds: float
    cpu_seconds: float  # of the process, user and system
    per_second: float  # texts a second by the clock
    per_cpu_second: float  # texts a second of CPU time
    encoded: int  # pieces of texts that the encoder was asked about
    acted_share: float | None = None  # texts whose action is not `allow`, 0..1
    engine_us: dict[str, float] = {}  # microseconds of CPU a text by engine; `screening` is the rest
    machine: dict[str, Any] = {}


class Start(msgspec.Struct, frozen=True, tag="text_start", tag_field="measured"):
    """A process that loads the default policy; 10^6 bytes of resident memory at some moments."""

    repeat: int
    engines: tuple[str, ...]
    seconds: float  # from the start of the process until all engines are built
    cpu_seconds: float
    first_ms: float  # the first text through all text engines
    loaded_mb: float
    run_mb: float | None = None  # after the texts of a run, with the code of the worker
    full_mb: float | None = None  # with every memory of texts and vectors full
    peak_mb: float | None = None
    machine: dict[str, Any] = {}


class Gate(msgspec.Struct, frozen=True, tag="text_gate", tag_field="measured"):
    """What the gates keep from the encoder; all but the first share by the model card, of short texts."""

    texts: int
    source: str  # of the texts
    doubted: float  # share of these texts that the text model asks the encoder about
    ordinary: float | None = None  # share of ordinary talk that the text model or a filter asks about
    lost: dict[str, float] = {}  # label -> share of what the full heads find that is lost
    lost_by_filters: dict[str, float] = {}  # filter -> share of what it finds that is lost
    version: str = ""  # of the heads


Line = Rate | Start | Gate


def markdown(lines: Sequence[Line]) -> str:
    """Return the tables of all measurements; a table without rows is left out."""
    rates = [line for line in lines if isinstance(line, Rate)]
    starts = [line for line in lines if isinstance(line, Start)]
    parts = [_rates(rates), _ratios(rates), _engines(rates), _starts(starts)]
    parts += [_gate(line) for line in lines if isinstance(line, Gate)]
    return "\n\n".join(part for part in parts if part)


def _by_path(rates: Iterable[Rate]) -> dict[str, list[Rate]]:
    found: dict[str, list[Rate]] = {}
    for rate in rates:
        found.setdefault(rate.path, []).append(rate)
    return {path: found[path] for path in TITLES if path in found}


def _rates(rates: Sequence[Rate]) -> str:
    body = []
    for path, runs in _by_path(rates).items():
        low, high = min(run.per_cpu_second for run in runs), max(run.per_cpu_second for run in runs)
        body.append(
            (
                TITLES[path],
                f"{median(run.per_cpu_second for run in runs):,.0f}",
                f"{low:,.0f} to {high:,.0f}",
                f"{median(run.per_second for run in runs):,.0f}",
                f"{median(run.cpu_seconds * MICROSECONDS / run.texts for run in runs):,.1f}",
                f"{median(run.encoded / run.texts for run in runs):.3f}",
                _share(median(run.acted_share for run in runs if run.acted_share is not None))
                if runs[0].acted_share is not None
                else "",
            )
        )
    header = ("", "texts/CPU-s", "over the repeats", "texts/s", "CPU µs/text", "encoded a text", "acted on")
    return rows(header, body)


def _ratios(rates: Sequence[Rate]) -> str:
    paths = _by_path(rates)

    def ratio(mine: str, other: str, value: Callable[[Rate], float]) -> str:
        others = {run.repeat: run for run in paths[other]}
        pairs = [(run, others[run.repeat]) for run in paths[mine] if run.repeat in others]
        return f"{median(value(one) / value(two) for one, two in pairs):.3f}"

    body = [
        (
            f"{TITLES[mine]} ÷ {TITLES[other]}",
            ratio(mine, other, lambda run: run.per_cpu_second),
            ratio(mine, other, lambda run: run.per_second),
        )
        for mine, other in (
            ("full", "bare"),
            ("full", "small"),
            ("full", "packaged"),
            ("inline", "rules"),
            ("gated", "full"),
        )
        if mine in paths and other in paths
    ]
    return rows(("ratio within one repeat", "by CPU time", "by the clock"), body)


def _engines(rates: Sequence[Rate]) -> str:
    paths = {path: runs for path, runs in _by_path(rates).items() if runs[0].engine_us}
    names = list(dict.fromkeys(name for runs in paths.values() for name in runs[0].engine_us))
    body = [
        (name, *(f"{median(run.engine_us.get(name, 0.0) for run in runs):,.1f}" for runs in paths.values()))
        for name in names
    ]
    return rows(("CPU µs/text", *(TITLES[path] for path in paths)), body)


def _starts(starts: Sequence[Start]) -> str:
    if not starts:
        return ""
    memory = [start for start in starts if start.full_mb is not None]
    body = [
        ("start to all engines built, s", f"{median(start.seconds for start in starts):.2f}"),
        ("CPU of it, s", f"{median(start.cpu_seconds for start in starts):.2f}"),
        ("the first text, ms", f"{median(start.first_ms for start in starts):.0f}"),
        ("resident when loaded, MB", f"{median(start.loaded_mb for start in starts):.0f}"),
        *(("resident after a run, MB", f"{start.run_mb:.0f}") for start in memory),
        *(("with full memories, MB", f"{start.full_mb:.0f}") for start in memory),
        *(("peak, MB", f"{start.peak_mb:.0f}") for start in memory),
    ]
    return rows((f"default policy ({', '.join(starts[0].engines)})", ""), body)


def _gate(gate: Gate) -> str:
    body = [(f"the text model asks the encoder about ({gate.texts:,} texts, {gate.source})", _share(gate.doubted))]
    if gate.ordinary is not None:
        body.append((f"text model or filters ask about, of ordinary talk ({gate.version})", _share(gate.ordinary)))
    body += [(f"lost of {label}", _share(share)) for label, share in sorted(gate.lost.items())]
    body += [(f"lost of the filter {name}", _share(share)) for name, share in sorted(gate.lost_by_filters.items())]
    return rows(("gates", "share"), body)


def _share(share: float) -> str:
    return f"{100 * share:.1f} %"
