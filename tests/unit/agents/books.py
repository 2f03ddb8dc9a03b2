"""Books of policies that need no files."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from streams.adapters.policies import Loaded
from streams.agents.book import Book
from streams.core.engine import Engine
from streams.core.policy import Policy

T = TypeVar("T")


def book_of(policy: Policy, engines: Iterable[Engine] = (), *own: Any) -> Book:
    """Return a book of one policy with inline engines, and engines with roles of their own."""
    return Book([loaded_of(policy, engines, *own)])


def loaded_of(policy: Policy, engines: Iterable[Engine] = (), *own: Any) -> Loaded:
    """Return a policy with inline engines, and engines with roles of their own."""
    return Loaded(policy, tuple(engines), apart=tuple(own))


def lent(client: T) -> Callable[[Any], AbstractAsyncContextManager[T]]:
    """Return what lends the same client for every engine."""

    @asynccontextmanager
    async def using(_: Any) -> AsyncIterator[T]:
        yield client

    return using
