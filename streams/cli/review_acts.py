"""Rulings and notes from a terminal: an item and what to do about it in, its new version out."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from streams.core.action import ACTIONS, SPELLINGS, action_named

F = TypeVar("F", bound=Callable[..., Any])

DONE: Final = {"approve": "approved", "override": "overridden", "escalate": "escalated", "notes": "noted"}


def acting(command: F) -> F:
    """Add what every act has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="What the service answers, as one JSON object."),
        click.option(
            "--if-version",
            type=click.IntRange(min=1),
            help="Only if the item is still at this version; as it is now, without it.",
        ),
        click.option("--reason", help="Why; a policy may ask for it."),
        click.argument("item", metavar="ITEM"),
    ):
        command = option(command)
    return command


@click.command()
@acting
def approve(item: str, reason: str | None, if_version: int | None, as_json: bool) -> None:
    """Let the action on ITEM stand, or what was flagged pass, and close it. ITEM is a number, or a content id."""
    _act(item, "approve", {"reason": reason}, if_version, as_json=as_json)


@click.command()
@acting
@click.argument("action", metavar="ACTION", type=click.Choice([*ACTIONS, *SPELLINGS]))
def override(item: str, action: str, reason: str | None, if_version: int | None, as_json: bool) -> None:
    """Have another ACTION hold for ITEM, and close it; `allow` undoes what was done."""
    _act(item, "override", {"action": action_named(action), "reason": reason}, if_version, as_json=as_json)


@click.command()
@acting
@click.option("--priority", type=click.IntRange(0, 3), default=0, show_default=True, help="3 is looked at first.")
def escalate(item: str, priority: int, reason: str | None, if_version: int | None, as_json: bool) -> None:
    """Put ITEM before all that is not escalated; opens a closed one."""
    _act(item, "escalate", {"priority": priority, "reason": reason}, if_version, as_json=as_json)


@click.command()
@click.argument("item", metavar="ITEM")
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="What the service answers, as one JSON object.")
def note(item: str, text: str, as_json: bool) -> None:
    """Attach the note TEXT to ITEM."""
    from streams.cli.review_client import Client
    from streams.settings import Settings

    with Client(Settings()) as client:
        number = client.item(item)["row"]["id"]
        _show(client.act(number, "notes", {"text": text}), "notes", as_json=as_json)


def _act(item: str, act: str, body: dict[str, Any], version: int | None, *, as_json: bool) -> None:
    from streams.cli.review_client import Client
    from streams.settings import Settings

    with Client(Settings()) as client:
        row = client.item(item)["row"]
        _show(client.act(row["id"], act, body, version or row["version"]), act, as_json=as_json)


def _show(answer: dict[str, Any], act: str, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        print(msgspec.json.encode(answer).decode())
        return
    ruling = f", ruling {answer['ruling_id']}" if answer.get("ruling_id") else ""
    print(f"item {answer['item_id']} is {DONE[act]}, version {answer['version']}{ruling}")
