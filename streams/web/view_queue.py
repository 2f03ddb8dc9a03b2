"""The queue as its page shows it: a page of rows, counts and saved queues in, what the template shows out."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from streams.core.label import LABELS
from streams.core.queue_filter import Filter
from streams.store.rows import Waiting
from streams.web.view_filter import Tab, as_json, chips, query_of, tabs
from streams.web.view_rows import Line
from streams.web.view_words import field_time

MEDIA: Final = "/media-queue"


class Count(Struct, frozen=True):
    """Open items of a severity."""

    key: str
    name: str
    open: int
    oldest: int | None  # when the oldest was opened
    href: str


class QueueView(Struct, frozen=True):
    """A page of a queue."""

    path: str
    rows: tuple[Line, ...]
    next: str  # address of the next page; empty: none
    open: int
    counts: tuple[Count, ...]
    tabs: tuple[Tab, ...]
    chips: tuple[str, ...]
    query: str  # the filter as JSON
    labels: tuple[str, ...]
    escalated: str
    since: str
    until: str
    wrong: str  # what of the address was not understood


def queue_view(
    path: str,
    wanted: Filter,
    rows: tuple[Line, ...],
    following: str | None,
    waiting: Iterable[Waiting],
    saved: Sequence[tuple[str, Filter]],
    wrong: str = "",
) -> QueueView:
    """Return what the page of a queue shows; one of media asks for media by its path."""
    said = replace(wanted, media=False) if path == MEDIA else wanted
    counts = tuple(
        Count(
            one.severity or "",
            (one.severity or "none").capitalize(),
            one.open,
            one.oldest,
            path + query_of(of_severity(said, one.severity or "")),
        )
        for one in waiting
    )
    return QueueView(
        path=path,
        rows=rows,
        next=path + query_of(said, cursor=following) if following else "",
        open=sum(count.open for count in counts),
        counts=counts,
        tabs=tabs(path, said, saved),
        chips=chips(said),
        query=as_json(wanted),
        labels=tuple(sorted(LABELS)),
        escalated="" if wanted.escalated is None else str(wanted.escalated).lower(),
        since=field_time(wanted.since),
        until=field_time(wanted.until),
        wrong=wrong,
    )


def of_severity(wanted: Filter, severity: str) -> Filter:
    """Return a filter for one severity alone; for all of them where it is for that one already."""
    only = (severity or "none",)
    return replace(wanted, severities=() if wanted.severities == only else only)
