"""Where the screen worker's time goes: it runs under cProfile over a full source; the functions are printed.

`python benchmarks/hotspots.py` starts a broker, writes records, and runs itself again as the profiled worker, all of
which is one thread: consumer, agents, engines and producers share its loop.
cProfile slows small functions down more than large ones: compare shares, and throughput.py before and after a change.
"""

import argparse
import cProfile
import io
import os
import pstats
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import uvloop

from benchmarks import machine, policy, records, runners, runs
from benchmarks.bench import TERMS
from benchmarks.measure import Sampler
from benchmarks.throughput import broker, say
from benchmarks.traffic import Traffic
from streams.adapters import topics
from streams.app import built
from streams.settings import Settings

ROLE: Final = "screen"
INSIDE: Final = "--inside"


def profiled() -> None:
    """Be the worker, with the settings of the environment; print the profiles when it has stopped."""
    lines, sort = int(sys.argv[2]), sys.argv[3]
    profile = cProfile.Profile()

    async def work() -> None:
        worker = await built(Settings(), ROLE)
        profile.enable()
        await worker.run()
        profile.disable()

    uvloop.run(work())
    print(report(profile, lines, sort), flush=True)
    os._exit(0)  # as the worker itself ends


def report(profile: cProfile.Profile, lines: int, sort: str) -> str:
    """Return the first lines of a profile, sorted by `tottime` or `cumtime`."""
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text)
    stats.sort_stats(sort).print_stats(lines)
    return f"{text.getvalue().strip()}\n"


def main(arguments: list[str], note: Callable[[str], None] = say) -> None:
    """Fill a topic, let the profiled worker work through it, print what it says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000, help="records (%(default)s)")
    parser.add_argument("--conversations", type=int, default=5000, help="conversations (%(default)s)")
    parser.add_argument("--partitions", type=int, default=4, help="partitions of every topic (%(default)s)")
    parser.add_argument("--lines", type=int, default=30, help="functions that are shown (%(default)s)")
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
