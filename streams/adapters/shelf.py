"""Engines that were built already: a configuration in, the engine that some loaded policy still holds out.

A new version of a policy changes a list or a threshold; all that it leaves as it was is taken from here, so that a
version is in force in the time that its change takes.
"""

import hashlib
import json
from typing import Any, TypeVar
from weakref import ref

from pydantic import BaseModel

from streams.core.engine import Apart, Engine

T = TypeVar("T", Engine, Apart)


class Shelf:
    """Engines by what they were built from, for as long as anybody else holds them."""

    def __init__(self) -> None:
        self._built: dict[str, tuple[ref[Any], BaseModel]] = {}

    def get(self, key: str, kind: type[T]) -> tuple[T, BaseModel] | None:
        """Return an engine and its configuration; None where it must be built."""
        found = self._built.get(key)
        engine = None if found is None else found[0]()
        return (engine, found[1]) if found is not None and isinstance(engine, kind) else None

    def put(self, key: str, engine: Engine | Apart, config: BaseModel) -> None:
        """Keep an engine; forget those that nobody holds any more."""
        self._built = {name: entry for name, entry in self._built.items() if entry[0]() is not None}
        self._built[key] = (ref(engine), config)


def key_of(name: str, version: str, written: Any, beside: Any = None) -> str:
    """Return what tells an engine from all that answer otherwise.

    `written` is its configuration as the document has it, with the SHA-256 of the files that it names; `beside` that of
    the engines to which it hands what it reads.
    """
    whole = json.dumps([name, version, written, beside], default=repr)
    return hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()
