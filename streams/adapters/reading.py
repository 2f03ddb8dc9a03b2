"""Records of a followed topic: bytes in, the record out, or None and a line in the log."""

import asyncio
import logging
from typing import Final, Generic, TypeVar

from streams.adapters.registry import Registry
from streams.adapters.rejected import Rejected, UnknownSchema
from streams.adapters.wire import Reader

T = TypeVar("T")

ANSWER: Final = 30.0  # seconds for the registry to answer

log = logging.getLogger(__name__)


class Reading(Generic[T]):
    """Reads records that others wrote; asks the registry for schemas that it does not know."""

    def __init__(self, reader: Reader[T], registry: Registry | None, what: str) -> None:
        """Take what a record is called in the log."""
        self._reader = reader
        self._registry = registry
        self._what = what

    async def __call__(self, value: bytes) -> T | None:
        """Return the record, None for one that cannot be read; raise TimeoutError where the registry is silent."""
        try:
            try:
                return self._reader.read(value)
            except UnknownSchema as unknown:
                if self._registry is None:
                    raise Rejected("no_registry") from None
                async with asyncio.timeout(ANSWER):
                    await self._registry.fetch(unknown.schema_id)
                return self._reader.read(value)
        except Rejected as error:
            log.warning("%s cannot be read: %s", self._what, error)
            return None
