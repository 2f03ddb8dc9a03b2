"""The queue in a terminal: filters in, a line for each item out; one item whole; how much waits."""

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from streams.core.action import ACTIONS
from streams.core.label import SEVERITIES

if TYPE_CHECKING:
    from streams.cli.review_client import Client

PAGE: Final = 200  # rows of one answer at most


@click.command(name="list")
@click.option("--status", type=click.Choice(["open", "closed", "all"]), default="open", show_default=True)
@click.option("--label", "labels", multiple=True, help="With this label; several are alternatives, as below.")
@click.option("--severity", "severities", multiple=True, type=click.Choice([*SEVERITIES, "none"]))
@click.option("--action", "actions", multiple=True, type=click.Choice(ACTIONS))
@click.option("--rule", "rules", multiple=True, help="ENGINE.RULE, or RULE.")
@click.option("--kind", "kinds", multiple=True)
@click.option("--tenant", "tenants", multiple=True)
@click.option("--user", help="Of this author.")
@click.option("--conversation", help="In this conversation.")
@click.option("--text", help="Whose text holds these words.")
@click.option("--escalated", is_flag=True, default=None, help="Escalated ones only.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Most items.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_items(limit: int, as_json: bool, **wanted: Any) -> None:
    """Print items of the queue, the worst first; ids and labels, not the content."""
    import msgspec

    from streams.cli.review_client import Client
    from streams.cli.topics import table
    from streams.settings import Settings

    with Client(Settings()) as client:
        rows = list(_rows(client, wanted, limit))
    if as_json:
        for each in rows:
            print(msgspec.json.encode(each).decode())
    elif rows:
        now = time.time()
        table([_line(each, now) for each in rows])
    else:
        print("nothing waits" if wanted["status"] == "open" else "there is no such item")


@click.command()
@click.argument("item", metavar="ITEM")
@click.option("--json", "as_json", is_flag=True, help="The whole item, as one JSON object.")
def show(item: str, as_json: bool) -> None:
    """Print ITEM, a number or a content id: its text, why it is there, its author, what was done about it."""
    import msgspec

    from streams.cli.review_client import Client
    from streams.cli.table import printable
    from streams.settings import Settings

    with Client(Settings()) as client:
        found = client.item(item)
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    for line in _told(found):
        print(printable(line))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def stats(as_json: bool) -> None:
    """Print how many items are open by severity, and how long the oldest has waited."""
    import msgspec

    from streams.cli.review_client import Client
    from streams.cli.topics import table
    from streams.settings import Settings

    with Client(Settings()) as client:
        found = client.get("/api/counts")
    if as_json:
        print(msgspec.json.encode(found).decode())
        return
    now = time.time()
    table(
        [
            {"severity": one["severity"] or "none", "open": one["open"], "oldest": _age(one["oldest"], now)}
            for one in found["severities"]
        ]
    )


def _rows(client: "Client", wanted: dict[str, Any], limit: int) -> Iterator[dict[str, Any]]:
    """Yield rows, page after page."""
    cursor: str | None = None
    while limit > 0:
        page = client.get("/api/items", **wanted, limit=min(limit, PAGE), cursor=cursor)
        yield from page["rows"]
        limit -= len(page["rows"])
        cursor = page["next"]
        if cursor is None:
            return


def _line(row: dict[str, Any], now: float) -> dict[str, Any]:
    from streams.cli.table import printable

    labels: Iterable[str] = row.get("labels") or ()
    return {
        "item": row["id"],
        "severity": row["severity"] or (f"{row['confidence']:.0f} %" if row["confidence"] is not None else ""),
        "action": row["action"],
        "labels": printable(", ".join(labels)),
        "kind": row["kind"],
        "author": printable(row["user_id"]),
        "content": printable(row["content_id"]),
        "waits": _age(row["opened_at"], now) if row["open"] else "closed",
        "": "escalated" if row["escalated"] else "",
    }


def _told(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that tell an item."""
    row, decision = found["row"], found["decision"]
    state = "open" if row["open"] else "closed"
    yield f"item {row['id']}, version {row['version']}, {state}: {row['kind']} {row['content_id']} of {row['user_id']}"
    if found["text"] is not None:
        yield f"  text: {found['text']}"
    yield f"  {row['action']} (revision {found['revision']}, {decision['source']}): {decision['reason']}"
    for one in decision["triggered"]:
        degree = one.get("severity") or (f"{one['confidence']:g} %" if one.get("confidence") is not None else "")
        why = f": {one['why']}" if one.get("why") else ""
        yield f"  {one['engine']}/{one['rule']}: {one['label']} {degree}".rstrip() + why
    for ruled in found["rulings"]:
        why = f": {ruled['reason']}" if ruled["reason"] else ""
        yield f"  {ruled['act']} by {ruled['by']}: {ruled['from_action']} -> {ruled['to_action']}{why}"
    for noted in found["notes"]:
        yield f"  note of {noted['by']}: {noted['text']}"


def _age(since: int | None, now: float) -> str:
    """Return how long ago a moment was, in the largest unit that fits; `since` in milliseconds since 1970."""
    if since is None:
        return ""
    seconds = max(0.0, now - since / 1000)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
