"""The measured process of the text benchmark: every path by turns, on one core; a JSON line for each measurement.

`python -m benchmarks.text_run SCALE REPEATS SEED SHARED [PATH …]`, as `text.py` starts it. All texts are different, so
that no path finds anything that another one has left in a memory; only the bare loops get the texts of the full stack.
"""

import gc
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks import machine, text_input
from benchmarks.text_measure import MICROSECONDS, Gate, Line, Rate
from benchmarks.text_stack import SMALL, STACKS, Bare, stacks
from streams.adapters.policies import Loaded
from streams.agents.messages import slice_of
from streams.core.arrival import Arrival
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import Answer
from streams.core.judge import judged
from streams.core.panel import Panel, Panels
from streams.core.screen import Limits, screened
from streams.core.window import Window
from streams.models.encoder import shared_encoder
from streams.models.glance import shared_glance
from streams.models.heads import shipped
from streams.models.reading import readings
from streams.runtime.worker import COLLECT
from streams.settings import Settings

# Texts of one run; a second or two each on the machine of README.md.
TEXTS: Final = {"reference": 8000, "rules": 8000, "inline": 8000, "full": 512, "gated": 4096, "identical": 200}
TIMES: Final = 20  # that each text of `identical` comes
WARM: Final = 0.1  # share of the texts with which each path runs first, uncounted
CARD: Final = Path(__file__).parent.parent / "streams/models/data/card.json"


class Encoded:
    """Counts the pieces of texts that the process's encoder runs over."""

    def __init__(self) -> None:
        encoder: Any = shared_encoder()
        self.count = 0
        run: Callable[[Sequence[str]], Any] = encoder.encoded

        def counted(texts: Sequence[str]) -> Any:
            self.count += len(texts)
            return run(texts)

        encoder.encoded = counted


class Timed:
    """Runs engines over a batch as the role does, and adds their CPU time up."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def __call__(self, engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        """Return the answers, and milliseconds for each text."""
        started = time.process_time()
        answers = engine.inspect(texts)
        used = time.process_time() - started
        self.seconds[engine.name] += used  # type: ignore[assignment] # a counter of seconds
        return answers, round(used * 1000 / len(texts), 3)


class Paths:
    """All paths over their texts."""

    def __init__(self, texts: Iterator[str], folder: Path, seed: int) -> None:
        self._texts = texts
        self._stacks: dict[str, Loaded] = dict(stacks(folder))
        self._slices = {path: slice_of(panels_of(loaded)) for path, loaded in self._stacks.items()}
        self.bare = {"bare": Bare(), "small": Bare(batch=SMALL), "packaged": Bare(packaged=True)}
        self._windows = text_input.steady(seed)
        self._limits = _limits()
        self._encoded = Encoded()
        self._last: list[str] = []  # of the full stack
        self._machine = machine.described()

    def run(self, path: str, repeat: int, scale: float) -> Rate:
        """Return one run; the bare loops run over the texts of the last run of the full stack."""
        if path in self.bare:
            return self._timed(path, repeat, self._last, lambda: self.bare[path](self._last))
        texts = list(islice(self._texts, max(self._slices[path], int(TEXTS[path] * scale))))
        if path == "full":
            self._last = texts
        if path == "identical":
            texts *= TIMES
            random.Random(repeat).shuffle(texts)  # noqa: S311 - the same every time
        arrivals = text_input.arrivals(texts)
        timed = Timed()
        acted = 0

        def work() -> int:
            nonlocal acted
            before = self._encoded.count
            acted = self._screen(arrivals, path, timed)
            return self._encoded.count - before

        rate = self._timed(path, repeat, texts, work)
        engines = {name: seconds * MICROSECONDS / len(texts) for name, seconds in timed.seconds.items()}
        rest = rate.cpu_seconds * MICROSECONDS / len(texts) - sum(engines.values())
        return msgspec.structs.replace(
            rate,
            acted_share=acted / len(texts),
            engine_us={name: round(used, 2) for name, used in {**engines, "screening": rest}.items()},
        )

    def _screen(self, arrivals: Sequence[Arrival], path: str, timed: Timed) -> int:
        loaded, size = self._stacks[path], self._slices[path]
        windows: dict[bytes, Window] = dict(self._windows)
        acted = 0
        panels = panels_of(loaded)
        for start in range(0, len(arrivals), size):
            batch = arrivals[start : start + size]
            screening = screened(
                batch,
                windows.__getitem__,
                panels=panels,
                inspect=timed,
                judge=judged,
                limits=self._limits,
                now=batch[-1].at,
            )
            windows.update(screening.windows)
            acted += sum(isinstance(each, Decision) and each.action != "allow" for each in screening.outcomes)
        return acted

    def _timed(self, path: str, repeat: int, texts: Sequence[str], work: Callable[[], int]) -> Rate:
        gc.collect()
        clock, cpu = time.perf_counter(), time.process_time()
        encoded = work()
        used, seconds = time.process_time() - cpu, time.perf_counter() - clock
        return Rate(
            path=path,
            repeat=repeat,
            texts=len(texts),
            seconds=round(seconds, 4),
            cpu_seconds=round(used, 4),
            per_second=round(len(texts) / seconds, 1),
            per_cpu_second=round(len(texts) / used, 1),
            encoded=encoded,
            machine={**self._machine, "load": machine.load()},
        )

    def gate(self, source: str, texts: Sequence[str]) -> Gate:
        """Return what the text model's gate keeps from the encoder: of these texts, and by the model card."""
        doubted = float(shipped().doubtful(shared_glance()(readings(texts)).cheap).mean())
        if not CARD.is_file():
            return Gate(len(texts), source, doubted)
        card = msgspec.json.decode(CARD.read_bytes())
        gate = card["gate"]
        return Gate(
            len(texts),
            source,
            doubted,
            gate["asked_by_any"],
            gate["lost"],
            gate["lost_by_filters"],
            card["version"],
        )


def _limits() -> Limits:
    settings = Settings()
    return Limits(text=settings.window_text, ids=settings.repeat_ids)


def main(arguments: Sequence[str]) -> None:
    """Run all paths by turns and print what they take."""
    scale, repeats, seed, shared = float(arguments[0]), int(arguments[1]), int(arguments[2]), arguments[3]
    name, texts = text_input.source(Path(shared) if shared else None, seed)

    def note(line: Line) -> None:
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory(prefix="moderation-text-bench-") as folder:
        paths = Paths(texts, Path(folder), seed)
    chosen = [path for path in STACKS if path in (arguments[4:] or STACKS)]
    for path in chosen:
        paths.run(path, 0, scale * WARM)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)  # as the worker does
    for repeat in range(1, repeats + 1):
        # The stacks by turns; the bare loops next to the full stack, whose texts they get.
        turn = (repeat - 1) % len(chosen)
        for path in chosen[turn:] + chosen[:turn]:
            note(paths.run(path, repeat, scale))
            if path == "full":
                for bare in paths.bare:
                    note(paths.run(bare, repeat, scale))
    if "gated" in chosen:
        note(paths.gate(name, list(islice(texts, int(TEXTS["gated"] * scale)))))


if __name__ == "__main__":
    main(sys.argv[1:])


def panels_of(loaded: Loaded) -> Panels:
    """Return a policy as the one that judges everything."""
    return Panels([Panel(loaded.policy, loaded.inline)])
