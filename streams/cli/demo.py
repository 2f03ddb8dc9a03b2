"""`moderation demo`: the whole stream on this machine, fed with a sample; decisions live, then a summary."""

import os
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, Final, Protocol

import click
import msgspec
from rich.text import Text

from streams.cli import table
from streams.cli.broker import download_progress
from streams.cli.failure import FAILED, INTERRUPTED, Failure
from streams.core.decision import Decision
from streams.embedded.demo import Demo
from streams.embedded.review import SignIn
from streams.embedded.summary import Summary

_encode: Final = msgspec.json.Encoder().encode


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Decisions and summary as JSON lines; steps on standard error.")
@click.option(
    "--keep-going/--exit-after-sample",
    default=True,
    show_default=True,
    help="Go on until Ctrl-C; or stop after the sample, with exit code 1 unless each input has exactly one decision.",
)
@click.option(
    "--messages", type=click.IntRange(1, 100_000), default=240, show_default=True, help="Texts of the sample."
)
def demo(as_json: bool, keep_going: bool, messages: int) -> None:
    """Start a real Kafka, S3, all workers and the review pages, feed them a sample, and print the decisions.

    It needs no container and leaves nothing behind: Ctrl-C stops everything.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    show: Show = JsonLines() if as_json else Lines()
    done = False
    try:
        with download_progress() as progress, Demo(show.step, messages=messages, progress=progress) as running:
            show.reach(running.environment)
            for seen in running.sampled():
                if isinstance(seen, Decision):
                    show.decision(seen)
                    continue
                done = True
                show.summary(seen)
                if not keep_going and not seen.right:
                    raise Failure("not every input has exactly one decision: see the summary", FAILED)
            if keep_going:
                show.hint(running.environment, running.review)
                for decision in running.more():
                    show.decision(decision)
    except KeyboardInterrupt:
        click.get_current_context().exit(0 if done else INTERRUPTED)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Stop once: an impatient second signal must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


class Show(Protocol):
    """How the demonstration is shown."""

    def step(self, seconds: float, text: str) -> None:
        """Tell what was reached, `seconds` after the start."""

    def decision(self, decision: Decision) -> None:
        """Show one decision."""

    def summary(self, summary: Summary) -> None:
        """Show what came of the sample."""

    def reach(self, environment: dict[str, str]) -> None:
        """Tell programs at once how to reach the stream."""

    def hint(self, environment: dict[str, str], review: tuple[str, SignIn] | None) -> None:
        """Tell people at the end how to go on, in a browser and from another terminal."""


class JsonLines:
    """For machines: decisions, and an object `summary`, on standard output."""

    def step(self, seconds: float, text: str) -> None:
        """Tell on standard error what was reached."""
        print(f"{seconds:5.1f} s  {text}", file=sys.stderr, flush=True)

    def decision(self, decision: Decision) -> None:
        """Print the whole decision."""
        print(_encode(decision).decode(), flush=True)

    def summary(self, summary: Summary) -> None:
        """Print the summary."""
        print(_encode({"summary": summary.told()}).decode(), flush=True)

    def reach(self, environment: dict[str, str]) -> None:
        """Print how to reach the stream."""
        print(_encode({"environment": environment}).decode(), flush=True)

    def hint(self, environment: dict[str, str], review: tuple[str, SignIn] | None) -> None:
        """Print nothing more: it was told at the start."""


class Lines:
    """For people: a coloured table."""

    def __init__(self) -> None:
        self._screen = table.screen()
        self._headed = False

    def step(self, seconds: float, text: str) -> None:
        """Print what was reached."""
        table.show(self._screen, Text(f"{seconds:5.1f} s  {text}", style="dim"))

    def decision(self, decision: Decision) -> None:
        """Print a line of the table."""
        if not self._headed:
            table.show(self._screen, table.heading())
            self._headed = True
        table.show(self._screen, table.line(decision))

    def summary(self, summary: Summary) -> None:
        """Print the counts, one group a line."""
        told = summary.told()
        latencies = (f"{group} {_ms(row['p50'])}, {_ms(row['p99'])}" for group, row in told["latency_ms"].items())
        rows = {
            "inputs": f"{told['inputs']}, {told['decisions']} decisions, {told['missing']} missing, "
            f"{told['doubles']} decided twice",
            "dead letters": f"{told['dead_letters']} (malformed on purpose)",
            "actions": counts(told["actions"]),
            "kinds": counts(told["kinds"]),
            "labels": counts(told["labels"]),
            "partial": f"{told['partial']} (a picture was missing or broken)",
            "first decision": f"{told['first_decision_seconds']} s after the start",
            "pace": f"{told['decisions_per_second']} decisions/s, as fed",
            "latency p50, p99": "; ".join(latencies),
        }
        self._screen.print()
        for name, text in rows.items():
            table.show(self._screen, Text.assemble((f"{name:>16}  ", "bold"), text))

    def reach(self, environment: dict[str, str]) -> None:
        """Print nothing yet: it would scroll away."""

    def hint(self, environment: dict[str, str], review: tuple[str, SignIn] | None) -> None:
        """Print where the review pages are, and commands for another terminal."""
        self._screen.print()
        lines = []
        if review is not None:
            address, sign_in = review
            lines += [f"What was flagged waits at {address}", ""]
            lines += [f"  sign in as {sign_in.account} with the password {sign_in.password}", ""]
        lines += ["It goes on until Ctrl-C. In another terminal, in the same folder:", ""]
        lines += [f"  export {name}={value}" for name, value in environment.items()]
        lines += [f"  {command()} send < messages.jsonl", f"  {command()} watch --from-beginning", ""]
        for line in lines:
            table.show(self._screen, Text(line))


def command() -> str:
    """Return how to call this program in a terminal: by its name where the path has it, else from this environment."""
    if shutil.which("moderation"):
        return "moderation"
    script = Path(sys.executable).with_name("moderation")
    return os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script)


def counts(named: dict[str, int]) -> str:
    """Return names with their counts."""
    return ", ".join(f"{name} {count}" for name, count in named.items())


def _ms(value: Any) -> str:
    return f"{value:.0f} ms"
