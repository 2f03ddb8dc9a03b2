"""`moderation watch`: committed decisions in, lines out as they come; ids, labels and reasons, never the content."""

import click
import msgspec

from streams.adapters.log import Following
from streams.adapters.wire import Reader, Rejected
from streams.cli import table
from streams.core.decision import Decision
from streams.settings import Settings
from streams.topology import full_name

WAIT = 0.5  # seconds for the next record, then Ctrl-C is heard


@click.command()
@click.option("--topic", default="actions", show_default=True, help="A topic of decisions, without the prefix.")
@click.option("--from-beginning", is_flag=True, help="All decisions that are there; only new ones without it.")
@click.option("--json", "as_json", is_flag=True, help="Whole decisions, one JSON object a line.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many decisions.")
def watch(topic: str, from_beginning: bool, as_json: bool, limit: int | None) -> None:
    """Print decisions as they come, until Ctrl-C. Only committed ones are read (read_committed)."""
    settings = Settings()
    reader = Reader(Decision, limit=settings.record_limit)
    following = Following(settings, full_name(settings.topic_prefix, topic), from_beginning=from_beginning)
    screen = table.screen()
    if not as_json:
        table.show(screen, table.heading())
    seen = 0
    try:
        while limit is None or seen < limit:
            for record in following.take(WAIT):
                try:
                    decision = reader.read(record.value)
                except Rejected as error:
                    at = f"{topic}, partition {record.partition}, offset {record.offset}"
                    click.echo(f"moderation: {at}: no decision: {error}", err=True)
                    continue
                if as_json:
                    print(msgspec.json.encode(decision).decode(), flush=True)
                else:
                    table.show(screen, table.line(decision))
                seen += 1
                if seen == limit:
                    break
    finally:
        following.close()
