"""`moderation outcomes`: what executors did about decisions, a line an outcome; ids and reasons, never the content."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import islice
from time import time
from typing import TYPE_CHECKING, Final

import click

from streams.cli.since import Moment, moment

if TYPE_CHECKING:
    from rich.text import Text

    from streams.adapters.log import Record
    from streams.core.effect import Outcome
    from streams.settings import Settings

WAIT: Final = 0.5  # seconds for the next record, then Ctrl-C is heard
DAY: Final = 86_400_000  # milliseconds
COLOURS: Final = {"done": "green", "waiting": "yellow", "superseded": "cyan", "failed": "bold red"}
# heading -> width; the reason takes what is left
COLUMNS: Final = {"at": 12, "status": 10, "effect": 28, "work": 10, "content": 22, "revision": 8, "attempts": 8}


@click.command()
@click.option("--since", type=Moment(), help="From this moment on: 7d, 36h, 2026-01-31. One day back without it.")
@click.option("--follow", is_flag=True, help="Go on with new ones until Ctrl-C; without --since with them alone.")
@click.option("--content", "content_id", help="Of this content alone.")
@click.option("--failed", is_flag=True, help="Only what has failed.")
@click.option("--json", "as_json", is_flag=True, help="Whole outcomes, one JSON object a line.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
def outcomes(
    since: int | None, follow: bool, content_id: str | None, failed: bool, as_json: bool, limit: int | None
) -> None:
    """Print what became of effects: done, failed, superseded, or waiting for another try."""
    import msgspec

    from streams.cli import table
    from streams.settings import Settings

    settings = Settings()
    screen = table.screen()
    if not as_json:
        table.show(screen, heading())
    with ExitStack() as stack:
        found = _outcomes(settings, stack, since, follow=follow)
        chosen = (one for one in found if wanted(one, content_id, failed=failed))
        for outcome in islice(chosen, limit):
            if as_json:
                print(msgspec.json.encode(outcome).decode(), flush=True)
            else:
                table.show(screen, line(outcome))


def wanted(outcome: "Outcome", content_id: str | None, *, failed: bool) -> bool:
    """Say whether an outcome was asked for."""
    return content_id in {None, outcome.content_id} and (not failed or outcome.status == "failed")


def heading() -> "Text":
    """Return the line above the outcomes."""
    from rich.text import Text

    return Text("  ".join([*(name.ljust(width) for name, width in COLUMNS.items()), "reason, or where"]), style="bold")


def line(outcome: "Outcome") -> "Text":
    """Return one outcome as a line: when, how, what of which content, why not or where it lies now."""
    from rich.text import Text

    from streams.cli.table import clock, fitted, printable
    from streams.core.moment import iso

    cells = (
        clock(iso(outcome.at)),
        outcome.status,
        f"{outcome.sink}/{outcome.name}",
        outcome.work,
        outcome.content_id,
        str(outcome.revision),
        str(outcome.attempts),
    )
    text = Text()
    for (name, width), cell in zip(COLUMNS.items(), cells, strict=True):
        style = COLOURS[outcome.status] if name == "status" else "dim" if name == "at" else ""
        text.append(fitted(cell, width), style).append("  ")
    places = (f"s3://{one.location.bucket}/{one.location.key}" for one in outcome.objects if one.location.bucket)
    return text.append(printable(outcome.reason or " ".join(places)))


def _outcomes(settings: "Settings", stack: ExitStack, since: int | None, *, follow: bool) -> "Iterator[Outcome]":
    """Yield the outcomes in the order of time; what cannot be read is told on standard error."""
    from streams.adapters.wire import Reader, Rejected
    from streams.core.effect import Outcome

    reader = Reader(Outcome, limit=settings.record_limit)
    for record in _records(settings, stack, since, follow=follow):
        try:
            yield reader.read(record.value)
        except Rejected as error:
            at = f"outcomes, partition {record.partition}, offset {record.offset}"
            click.echo(f"moderation: {at}: no outcome: {error}", err=True)


def _records(settings: "Settings", stack: ExitStack, since: int | None, *, follow: bool) -> "Iterator[Record]":
    """Yield the records from a moment on, then those that come; each once."""
    from streams.adapters.log import Following
    from streams.adapters.rereading import Rereading, Stretch
    from streams.topology import full_name

    topic, now = full_name(settings.topic_prefix, "outcomes"), int(time() * 1000)
    # Before the past is read, so that nothing falls between.
    following = stack.enter_context(closing(Following(settings, topic, from_beginning=False))) if follow else None
    read: dict[int, int] = {}  # partition -> offset of the last record of the past
    if since is not None or not follow:
        begin = moment(-DAY if since is None else since, now)
        with Rereading(settings, [Stretch(topic, begin, now + DAY)]) as past:
            for batch in past.batches():
                for reread in batch:
                    read[reread.record.partition] = reread.record.offset
                    yield reread.record
    while following is not None:
        yield from (one for one in following.take(WAIT) if one.offset > read.get(one.partition, -1))
