"""Engines with roles of their own, without Kafka: a policy in, what answers their tasks out."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from typing import Final

from streams.adapters.policies import Loaded
from streams.agents.book import Book
from streams.agents.inspect import Ask, Questions
from streams.core.engine import Apart
from streams.core.finding import Answer, Cost, Report
from streams.core.task import TextTask

# Authors whose marks are kept, those seen last: a bound for the memory, 1.4 GB at worst.
AUTHORS: Final = 100_000

Reply = Callable[[TextTask], Awaitable[Report]]


def replies(loaded: Loaded) -> Mapping[str, Reply]:
    """Return for each such engine of a policy what makes a task its report; raises what `adapters/asking` raises."""
    return {engine.name: _reply(engine, loaded) for engine in loaded.apart}


def _reply(engine: Apart, loaded: Loaded) -> Reply:
    ask: Ask
    if engine.name == "velocity_user":
        ask = _counting(engine)
    else:
        from streams.adapters.asking import asker

        ask = asker(engine)
    return Questions(engine.name, Book([loaded]), lambda _: nullcontext(ask)).report


def _counting(engine: Apart) -> Callable[[TextTask], Awaitable[tuple[Answer, Cost]]]:
    """Return what counts the texts of each author, in the order in which it is asked."""
    from streams.agents.velocity import author_key
    from streams.engines.velocity_user import VelocityUser

    if not isinstance(engine, VelocityUser):
        raise TypeError(f"{engine.name} is counted by {VelocityUser.__name__}")
    authors: OrderedDict[bytes, bytes] = OrderedDict()

    async def counted(task: TextTask) -> tuple[Answer, Cost]:
        key = author_key(task)
        marks = authors.get(key, b"")
        answer = engine.judged(task, marks)
        authors[key] = engine.kept(task, marks)
        authors.move_to_end(key)
        if len(authors) > AUTHORS:
            authors.popitem(last=False)
        return answer, Cost()

    return counted
