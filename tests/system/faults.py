"""Faults under load: what is done to a stream, and what came of it. Short in `make test`, long in `make faults`."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from streams.embedded.broker import Broker
from tests.system.load import Plan
from tests.system.processes import wake
from tests.system.stream import Stream
from tests.waiting import until

ENDLESS: Final = 10_000_000  # messages: the load ends when the faults are over
PAUSE: Final = 1.0  # seconds, the shortest that a kill can take: decisions on their way still arrive
FLOWS: Final = 60.0  # seconds in which decisions must flow again, on a machine however busy


Faults = Callable[["Stream", "Result", Random], None]


@dataclass
class Result:
    """One fault run as a row of the table."""

    fault: str
    times: int
    seed: int
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    anomalies: dict[str, int] = field(default_factory=dict)
    recovery: list[float] = field(default_factory=list)  # seconds until decisions flowed again, each time
    ends: list[int] = field(default_factory=list)  # exit codes of processes that ended by themselves or were killed
    examples: list[dict[str, Any]] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """Return what stands in the table."""
        counts = {name: self.counts.get(name, 0) for name in ("inputs", "contents", "decisions", "dead letters")}
        lost = self.anomalies.get("lost", 0)
        second = sum(count for kind, count in self.anomalies.items() if kind.startswith("second_"))
        contexts = sum(self.anomalies.get(kind, 0) for kind in ("wrong_context", "context_order"))
        return {
            "fault": self.fault,
            "times": self.times,
            "seed": self.seed,
            **{name.replace(" ", "_"): count for name, count in counts.items()},
            "lost": lost,
            "second": second,
            "wrong_contexts": contexts,
            "other_anomalies": sum(self.anomalies.values()) - lost - second - contexts,
            "worst_recovery_s": round(max(self.recovery), 2) if self.recovery else None,
            "seconds": round(self.seconds, 1),
        }

    def told(self) -> None:
        """Print the row, and append it to the file that MODERATION_FAULTS_OUT names."""
        line = json.dumps(self.row())
        sys.stdout.write(f"{line}\n")
        if out := os.environ.get("MODERATION_FAULTS_OUT"):
            with Path(out).open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def under_load(stream: Stream, result: Result, plan: Plan, rate: float, faults: Faults) -> Result:
    """Feed a stream, do what `faults` does, let it drain, have it checked; return the filled result."""
    started = time.monotonic()
    feeding = stream.feed(plan, rate)
    try:
        flows(stream)
        faults(stream, result, Random(result.seed))
    finally:
        feed = feeding.stop()
    stream.drained(feed, seconds=120)
    verdict = stream.checked()
    result.seconds = time.monotonic() - started
    result.counts, result.anomalies = verdict["counts"], verdict["anomalies"]
    result.examples = verdict["examples"]
    result.ends = [code for worker in stream.workers for code in worker.ends]
    result.told()
    return result


def flows(stream: Stream, seconds: float = FLOWS) -> None:
    """Return when new decisions arrive."""
    stream.watch.wait(seconds, decisions=stream.watch.count("decisions") + 1)


def recovered(stream: Stream, moment: float, result: Result) -> None:
    """Wait until messages are decided again after the screen worker was killed, and note how long it took."""
    until(lambda: stream.watch.recovery(moment) > PAUSE, FLOWS)
    result.recovery.append(stream.watch.recovery(moment))


def kills(times: int, roles: Sequence[str]) -> Faults:
    """Kill the worker of each role in turn with SIGKILL, at random moments."""

    def faults(stream: Stream, result: Result, draw: Random) -> None:
        for number in range(times):
            worker = stream.worker(roles[number % len(roles)])
            time.sleep(draw.uniform(0.3, 1.5))  # a random moment of the load
            number_of_ends = worker.restarts
            moment = worker.kill()
            if worker.name == "screen":
                recovered(stream, moment, result)
            worker.await_restart(number_of_ends + 1)
            worker.await_ready()

    return faults


def zombies(times: int, asleep: float) -> Faults:
    """Stop one of two workers past its session, so that the other takes over; wake it while the load goes on."""

    def faults(stream: Stream, result: Result, draw: Random) -> None:
        del result
        for _ in range(times):
            sleeper = draw.choice([worker for worker in stream.workers if worker.name == "screen"])
            time.sleep(draw.uniform(0.3, 1.0))  # a random moment of the load
            pid = sleeper.pause()
            time.sleep(asleep)  # what the fault is made of
            flows(stream)
            wake(pid)
            flows(stream)
            sleeper.await_ready()

    return faults


def membership(changes: int, most: int, every: float) -> Faults:
    """Let workers join and leave (SIGTERM) at random, at most so many at once, never none."""

    def faults(stream: Stream, result: Result, draw: Random) -> None:
        del result
        for _ in range(changes):
            working = [worker for worker in stream.workers if not worker.left]
            if len(working) == 1 or (len(working) < most and draw.random() < 0.5):
                stream.launch("screen")
            else:
                leaving = draw.choice(working)
                wanted = {0} if leaving.ready else {0, -signal.SIGTERM}  # before it can listen, the signal ends it
                assert leaving.leave() in wanted
            time.sleep(draw.uniform(0.5, 1.5) * every)  # the pace of the storm
        for worker in stream.workers:
            if not worker.left:
                worker.await_ready()

    return faults


def broker_deaths(broker: Broker, times: int) -> Faults:
    """Kill the broker with SIGKILL and restart it in order, by turns, and start it again on its port and data."""

    def faults(stream: Stream, result: Result, draw: Random) -> None:
        for number in range(times):
            time.sleep(draw.uniform(0.5, 1.5))  # a random moment of the load
            if number % 2:
                broker.restart()
            else:
                broker.kill()
                broker.start()
            back = time.monotonic()
            flows(stream)
            result.recovery.append(time.monotonic() - back)

    return faults
