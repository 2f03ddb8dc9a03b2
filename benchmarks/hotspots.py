"""Where the screen worker's time goes: it runs under cProfile over a full source; the functions are printed.

`python benchmarks/hotspots.py` starts a broker, writes records, and runs itself again as the profiled worker. Every
thread has a profile of its own: agents, engines and producers run in the main one, Faust's consumer in another.
cProfile slows small functions down more than large ones: compare shares, and throughput.py before and after a change.
"""

import argparse
import cProfile
import io
import os
import pstats
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Final

import uvloop

from benchmarks import machine, policy, records, runners, runs
from benchmarks.bench import TERMS
from benchmarks.measure import Sampler
from benchmarks.throughput import broker, say
from benchmarks.traffic import Traffic
from streams.adapters import topics
from streams.app import build
from streams.settings import Settings

ROLE: Final = "screen"
INSIDE: Final = "--inside"


def profiled() -> None:
    """Be the worker, with the settings of the environment; print the profiles when it has stopped."""
    lines, sort = int(sys.argv[2]), sys.argv[3]
    profiles: dict[str, cProfile.Profile] = {}

    def begin(_: FrameType, __: str, ___: Any) -> None:
        """Replace this hook, the first time that a new thread calls it, by a profile of that thread."""
        name = threading.current_thread().name
        profile = profiles[f"{name} {len(profiles)}"] = cProfile.Profile()
        profile.enable()

    async def work() -> None:
        worker = build(Settings(), ROLE)
        main = profiles["main"] = cProfile.Profile()
        main.enable()
        await worker.run()
        main.disable()

    threading.setprofile(begin)
    uvloop.run(work())
    threading.setprofile(None)
    for name, profile in profiles.items():
        print(report(name, profile, lines, sort), flush=True)
    os._exit(0)  # Faust's threads may still be closing their connections


def report(name: str, profile: cProfile.Profile, lines: int, sort: str) -> str:
    """Return the first lines of one thread's profile, sorted by `tottime` or `cumtime`."""
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    stats.sort_stats(sort).print_stats(lines)
    return f"== thread {name}\n{text.getvalue().strip()}\n"


def main(arguments: list[str], note: Callable[[str], None] = say) -> None:
    """Fill a topic, let the profiled worker work through it, print what it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000, help="records (%(default)s)")
    parser.add_argument("--conversations", type=int, default=5000, help="conversations (%(default)s)")
    parser.add_argument("--partitions", type=int, default=4, help="partitions of every topic (%(default)s)")
    parser.add_argument("--lines", type=int, default=30, help="functions of each thread (%(default)s)")
    parser.add_argument("--sort", choices=("tottime", "cumtime"), default="tottime", help="own time, or with callees")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="use this broker instead of starting one")
    asked = parser.parse_args(arguments)
    core, others = machine.shared_out()
    prefix = f"hotspots-{os.getpid()}."
    with tempfile.TemporaryDirectory(prefix="moderation-hotspots-") as name, machine.on_cores(others):
        folder = Path(name)
        blocked = records.terms(TERMS)
        runner_policy = policy.written(folder, blocked)
        drawn = records.messages(
            asked.messages, in_conversations=asked.conversations, spread="uniform", blocked=blocked
        )
        with (
            broker(asked.bootstrap, folder / "kafka") as bootstrap,
            Traffic(bootstrap, asked.partitions) as traffic,
        ):
            topics.apply(Settings(bootstrap=bootstrap, topic_prefix=prefix, partitions=asked.partitions))
            traffic.stamp(f"{prefix}actions")
            traffic.fill(f"{prefix}messages", list(drawn))
            screen = runners.screen(bootstrap, prefix, asked.partitions, runner_policy)
            command = (sys.executable, "-m", "benchmarks.hotspots", INSIDE, str(asked.lines), asked.sort)
            runner = replace(screen, command=command)
            note("the worker runs under cProfile")
            try:
                with runners.running(runner, core, folder) as process, Sampler(process.pid) as sampler:
                    measured = runs.throughput(runner, process, sampler, traffic, asked.messages, 1)
                print(process.output.read_text(encoding="utf-8"))
                print(f"under the profile: {measured.per_second:,.0f} messages/s, {measured.cpu_us} µs CPU a message")
            finally:
                traffic.delete(prefix)


if __name__ == "__main__":
    if sys.argv[1:2] == [INSIDE]:
        profiled()
    main(sys.argv[1:])
