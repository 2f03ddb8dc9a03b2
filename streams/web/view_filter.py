"""The filter of a queue: what an address says in, a `core/queue_filter.Filter` out, and back; how a page tells it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from streams.core.queue_filter import Filter
from streams.core.shown import named
from streams.web.view_words import field_moment, words

LISTED: Final = ("labels", "severities", "actions", "engines", "rules", "kinds", "tenants", "languages")
TIMES: Final = ("since", "until")
EVERYTHING: Final = Filter()
SHOWN: Final = 40  # characters of a value in a chip
# Fields that are always in sight; the others are folded away.
IN_SIGHT: Final = frozenset({"text", "user", "content"})


class WrongFilter(ValueError):
    """An address that asks for what no filter has; its text names the field only."""


class Tab(Struct, frozen=True):
    """A queue to go to."""

    name: str
    href: str
    here: bool


# Queues that everybody has.
BUILT_IN: Final = (
    ("All open", EVERYTHING),
    ("Escalated", Filter(escalated=True)),
    ("Mine", Filter(claimed="me")),
    ("Closed", Filter(status="closed")),
)


def filter_of(pairs: Iterable[tuple[str, str]]) -> Filter:
    """Return the filter that an address asks for; fields of a list may repeat, or hold words between commas.

    What is empty asks for nothing, what is no field is left alone. Raises WrongFilter.
    """
    said: dict[str, Any] = {}
    for name, given in pairs:
        value = given.strip()
        if name not in Filter.__struct_fields__ or not value:
            continue
        if name in LISTED:
            said.setdefault(name, []).extend(each for each in (part.strip() for part in value.split(",")) if each)
        else:
            said[name] = value
    try:
        said |= {name: field_moment(said[name]) for name in TIMES if name in said}
    except ValueError:
        raise WrongFilter("since and until are times") from None
    try:
        return msgspec.convert(said, Filter, strict=False)
    except msgspec.ValidationError as error:
        name = str(error).rpartition("`$.")[2].partition("`")[0].partition("[")[0]
        raise WrongFilter(f"{name or 'a field'} of the filter has a value that it cannot have") from None


def query_of(wanted: Filter, **more: str) -> str:
    """Return a filter as the query of an address, with its question mark; empty for one that asks for nothing."""
    values: list[tuple[str, str]] = []
    for name, value in msgspec.to_builtins(wanted).items():
        parts = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
        values += [(name, _written(part)) for part in parts]
    values += more.items()
    return f"?{urlencode(values)}" if values else ""


def chips(wanted: Filter) -> tuple[str, ...]:
    """Return what a filter asks for beside what is in sight, one line for each field."""
    result = []
    for name, value in msgspec.to_builtins(wanted).items():
        if name in IN_SIGHT:
            continue
        shown = ", ".join(value) if isinstance(value, list | tuple) else _written(value)
        result.append(f"{words(name)}: {named(shown, SHOWN)}")
    return tuple(result)


def tabs(path: str, wanted: Filter, saved: Iterable[tuple[str, Filter]]) -> tuple[Tab, ...]:
    """Return the queues that everybody has and the saved ones, as (name, filter), for a page at a path."""
    every = (*BUILT_IN, *saved)
    return tuple(Tab(name, path + query_of(each), each == wanted) for name, each in every)


def as_json(wanted: Filter) -> str:
    """Return a filter as JSON: what a saved queue holds."""
    return msgspec.json.encode(wanted).decode()


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)
