"""`moderation check`: records on standard input, decisions on standard output, line for line; no Kafka."""

import asyncio
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BufferedReader
from pathlib import Path
from typing import Final, cast

import click

from streams.adapters import policies
from streams.adapters.lines import batches
from streams.agents.inspecting import Inspector
from streams.cli.apart import replies
from streams.cli.failure import FAILED, Failure
from streams.cli.offline import Examine, Offline, Parts
from streams.cli.progress import Advance, shown
from streams.core.case import Task
from streams.core.engine import Engine
from streams.core.finding import Report
from streams.core.policy import Policy
from streams.core.screen import Limits
from streams.metrics import Metrics
from streams.settings import Settings

PICTURES: Final = 2  # looked at side by side: more would only share the cores, and each takes memory


@click.command()
@click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Policy file. Without it MODERATION_POLICY, else the shipped default policy.",
)
@click.option(
    "--masked-preview",
    "folder",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Folder for previews: each picture in which the policy masks something, with that black. Needs [media].",
)
@click.option("--scores", is_flag=True, help="Add `scores` to each decision: label -> 0..1, found or not.")
def check(file: Path | None, folder: Path | None, scores: bool) -> None:
    """Judge messages and uploads from standard input, one JSON record a line.

    A line with `location` is an upload. Its picture, and the attachments of a text, may lie in a file of this machine:
    {"path": FILE}.

    Each line gives one line on standard output, in the same order: its decision; for a content id that its conversation
    has seen before {"repeated": true, "content_id": ..., "line": N}; for a line that is no record
    {"error": ..., "field": ..., "line": N}, and then the exit code is 1 at the end.
    """
    settings = Settings()
    offline = assembled(settings, file or settings.policy, scores=scores, previews=folder)
    source = cast("BufferedReader", sys.stdin.buffer)
    with shown("judging", source) as advance:
        _judge(offline, source, settings.record_limit, advance)
    if offline.invalid:
        raise Failure(f"{offline.invalid} of {offline.lines} lines are invalid: see the lines with `error`", FAILED)


def assembled(settings: Settings, file: Path | None, *, scores: bool, previews: Path | None = None) -> Offline:
    """Return what judges lines by a policy file, or by the shipped default policy without one.

    In the folder `previews` it writes the pictures in which the policy masks something.
    """
    loaded = policies.load(file)
    parts = Parts(
        policy=loaded.policy,
        engines={engine.name: engine for engine in loaded.engines},
        inspect=Inspector(Metrics()),
        examine=_examine(
            settings, loaded.policy, [engine for engine in loaded.engines if engine.accepts == "media"], previews
        ),
        limits=Limits(text=settings.window_text, ids=settings.repeat_ids),
        record_limit=settings.record_limit,
        concurrency=settings.media_concurrency,
        apart={engine.name: engine for engine in loaded.apart},
        replies=replies(loaded),
    )
    return Offline(parts, scores=scores)


def _examine(settings: Settings, policy: Policy, engines: Sequence[Engine], previews: Path | None) -> Examine:
    """Return what runs the media engines; a policy without them needs none of their packages."""
    if not engines:

        async def nothing(_: Task) -> Sequence[Report]:
            return ()

        return nothing
    from streams.adapters.inspection import Videos, inspected
    from streams.adapters.objects import Objects
    from streams.adapters.picture import limits as media_limits

    objects = Objects(settings, local=True)
    limits, videos = media_limits(settings), Videos(1)
    pictures = ThreadPoolExecutor(PICTURES, thread_name_prefix="media")

    async def examine(task: Task) -> Sequence[Report]:
        return await inspected(objects, engines, task, limits, settings.media_timeout, pictures, videos)

    if previews is None:
        return examine
    from streams.cli.preview import previewed

    return previewed(examine, objects, policy, limits, previews)


def _judge(offline: Offline, source: BufferedReader, limit: int, advance: Advance) -> None:
    out = sys.stdout.buffer
    with asyncio.Runner() as runner:
        for lines in batches(source, limit):  # outside of the loop: Ctrl-C ends the wait for the next line
            for judged in runner.run(offline.judged(lines)):
                out.write(judged + b"\n")
            out.flush()
            advance(sum(map(len, lines)) + len(lines), len(lines))
