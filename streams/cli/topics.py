"""`moderation topics`: the list of topics, what the brokers have of it, and how it gets there."""

from dataclasses import asdict
from typing import Any, Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from streams import topology
from streams.cli.failure import FAILED
from streams.settings import Settings
from streams.topology import DAY, TopicSpec, full_name

STYLES: Final = {"error": "red", "hint": "yellow", "created": "green", "configured": "cyan"}
WIDE: Final = 320  # columns where no terminal tells its width


@click.group()
def topics() -> None:
    """List, create and check the topics."""


@topics.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
def list_topics(as_json: bool) -> None:
    """Show every topic that the program uses; asks no broker."""
    settings = Settings()
    rows = [row(settings, spec) for spec in topology.topics()]
    if as_json:
        print(msgspec.json.encode(rows).decode())
        return
    shown = [
        {
            "topic": each["topic"],
            "key": each["key"],
            "record": each["record"],
            "cleanup": each["cleanup"] if each["retention_ms"] is None else f"delete {each['retention_ms'] // DAY} d",
            "written by": each["written_by"],
            "read by": each["read_by"],
        }
        for each in rows
    ]
    table(shown, f"{settings.partitions} partitions, {settings.replication} replicas each")


@topics.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array of the changes.")
def apply(as_json: bool) -> None:
    """Create missing topics and mend how they are cleaned up; a repeat changes nothing.

    No topic is deleted, and no partition count or retention of an existing topic is changed.
    """
    from streams.adapters.topics import apply as applied

    changes = [asdict(change) for change in applied(Settings())]
    if as_json:
        print(msgspec.json.encode(changes).decode())
    elif changes:
        table(changes)
    else:
        print("every topic is there already")


@topics.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array of the problems.")
def check(as_json: bool) -> None:
    """Compare the brokers' topics with the list; exit code 1 when a worker would not start."""
    from streams.adapters.topics import check as checked

    problems = checked(Settings())
    if as_json:
        print(msgspec.json.encode([asdict(problem) for problem in problems]).decode())
    elif problems:
        table([asdict(problem) for problem in problems])
    else:
        print("every topic is as it should be")
    if any(problem.level == "error" for problem in problems):
        click.get_current_context().exit(FAILED)


def row(settings: Settings, spec: TopicSpec) -> dict[str, Any]:
    """Return one topic of the list as a JSON object."""
    return {
        "topic": full_name(settings.topic_prefix, spec.name),
        "key": spec.key,
        "record": spec.record,
        "partitions": settings.partitions,
        "replication": settings.replication,
        "cleanup": spec.cleanup,
        "retention_ms": spec.retention_ms if spec.cleanup == "delete" else None,
        "written_by": spec.written_by,
        "read_by": spec.read_by,
        "config": spec.config(),
    }


def table(rows: list[dict[str, Any]], caption: str | None = None) -> None:
    """Print rows under their keys; a file or pipe gets whole lines."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    shown = Table(box=None, header_style="bold", caption=caption, caption_justify="left", pad_edge=False)
    for name in rows[0]:
        shown.add_column(name, overflow="fold")
    for each in rows:
        style = STYLES.get(str(each.get("level") or each.get("change")), "")
        shown.add_row(*(str(value) for value in each.values()), style=style)
    console.print(shown)
