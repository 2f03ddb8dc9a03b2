"""The whole benchmark: repeats of every runner over the same records, each measurement handed on as it is made."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import machine, policy, records, runners, runs
from benchmarks.measure import Measurement, Sampler
from benchmarks.traffic import Traffic
from streams.adapters import topics
from streams.settings import Settings

TERMS: Final = 1000
SLOW: Final = 1000.0  # messages a second of the slow pace
WARM_UP: Final = 3  # times as long as a counted run at the slow pace
SCREEN: Final = "screen"


@dataclass(frozen=True)
class Plan:
    """What is run, over how much."""

    messages: int
    conversations: int
    spread: records.Spread
    partitions: int
    repeat: int
    seconds: float  # of each run at a pace; 0 for none
    only: tuple[str, ...]
    seed: int


class Bench:
    """Runs a plan on a broker; `note` gets every measurement, `say` what happens next."""

    def __init__(
        self,
        plan: Plan,
        traffic: Traffic,
        folder: Path,
        note: Callable[[Measurement], None],
        say: Callable[[str], None],
    ) -> None:
        self._plan, self._traffic, self._folder = plan, traffic, folder
        self._note, self._say = note, say
        self._blocked = records.terms(TERMS, plan.seed)
        self._policy = policy.written(folder, self._blocked)
        self._core, _ = machine.shared_out()
        self._machine = machine.described()
        say(f"drawing {plan.messages:,} messages in {plan.conversations:,} conversations")
        self._records = self._drawn(plan.messages, 0)

    def _drawn(self, count: int, start: int) -> list[records.Record]:
        plan = self._plan
        return list(
            records.messages(
                count,
                in_conversations=plan.conversations,
                spread=plan.spread,
                blocked=self._blocked,
                start=start,
                seed=plan.seed,
            )
        )

    def run(self) -> int:
        """Run everything; return how many runners failed: the others go on without them."""
        failed = 0
        if SCREEN in self._plan.only:
            self._warm()
        for repeat in range(1, self._plan.repeat + 1):
            prefix = f"bench-{os.getpid()}-{repeat}."
            self._say(f"repeat {repeat} of {self._plan.repeat}: writing the records")
            try:
                self._prepare(prefix)
                failed += self._repeat(prefix, repeat)
            finally:
                self._traffic.delete(prefix)
        return failed

    def _warm(self) -> None:
        """Let the screen worker run once, uncounted: a broker that has just started is still compiling its code.

        It takes three times as long for a small transaction until then, and a core for the compiler.
        """
        plan, prefix = self._plan, f"bench-{os.getpid()}-warm."
        self._say("warming the broker up: a run that does not count")
        try:
            self._prepare(prefix)
            runner = runners.screen(self._traffic.bootstrap, prefix, plan.partitions, self._policy)
            with runners.running(runner, self._core, self._folder) as process, Sampler(process.pid) as sampler:
                full = runs.throughput(runner, process, sampler, self._traffic, plan.messages, 0)
                start = plan.messages
                for per_second, seconds in ((SLOW, plan.seconds * WARM_UP), (full.per_second / 2, plan.seconds)):
                    fed = self._drawn(int(seconds * per_second), start)
                    start += len(fed)
                    self._traffic.pace(runner.source, fed, per_second)
        finally:
            self._traffic.delete(prefix)

    def _prepare(self, prefix: str) -> None:
        plan, traffic = self._plan, self._traffic
        topics.apply(Settings(bootstrap=traffic.bootstrap, topic_prefix=prefix, partitions=plan.partitions))
        traffic.stamp(f"{prefix}actions")
        traffic.create(*(f"{prefix}{name}-actions" for name in ("raw", "table")))
        traffic.fill(f"{prefix}messages", self._records)

    def _repeat(self, prefix: str, repeat: int) -> int:
        plan, names = self._plan, [name for name in runners.NAMES if name in self._plan.only]
        turn, failed = (repeat - 1) % len(names), 0
        # The screen worker comes last: its runs at a pace add to the source that all of them read.
        for name in sorted(names[turn:] + names[:turn], key=SCREEN.__eq__):
            self._say(f"repeat {repeat} of {plan.repeat}: {runners.TITLES[name]}")
            try:
                self._runner(name, prefix, repeat)
            except (runners.Ended, runs.Missing, TimeoutError) as error:
                failed += 1
                self._say(f"{name} failed: {error}")
        return failed

    def _runner(self, name: str, prefix: str, repeat: int) -> None:
        plan, bootstrap = self._plan, self._traffic.bootstrap
        if name == SCREEN:
            self._screen(runners.screen(bootstrap, prefix, plan.partitions, self._policy), repeat)
            return
        runner = runners.floor(name, bootstrap, prefix, plan.partitions, plan.messages)
        with runners.running(runner, self._core, self._folder) as process, Sampler(process.pid) as sampler:
            self._noted(runs.throughput(runner, process, sampler, self._traffic, plan.messages, repeat))

    def _screen(self, runner: runners.Runner, repeat: int) -> None:
        plan = self._plan
        with runners.running(runner, self._core, self._folder) as process, Sampler(process.pid) as sampler:
            full = runs.throughput(runner, process, sampler, self._traffic, plan.messages, repeat)
            self._noted(full)
            if not plan.seconds:
                return
            start = plan.messages
            for pace, per_second in (("slow", SLOW), ("half of the throughput", full.per_second / 2)):
                fed = self._drawn(int((plan.seconds + runs.WARM) * per_second), start)
                start += len(fed)
                self._say(f"repeat {repeat} of {plan.repeat}: latency at {per_second:,.0f} messages/s")
                self._noted(
                    runs.latency(
                        runner, process, sampler, self._traffic, fed, pace=pace, per_second=per_second, repeat=repeat
                    )
                )

    def _noted(self, measurement: Measurement) -> None:
        described = {**self._machine, "load": machine.load()}
        self._note(msgspec.structs.replace(measurement, machine=described))
