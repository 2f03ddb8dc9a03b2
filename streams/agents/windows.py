"""Windows of a table as values: what was written a moment ago need not be decoded again."""

from collections.abc import Callable
from typing import Final

from streams.adapters.stored import Unpacker, pack
from streams.core.window import EMPTY, Window
from streams.runtime.unit import Unit

KEPT: Final = 10_000  # decoded windows; about 3.5 kB each with ten chat messages


class Windows:
    """Reads and writes windows. A decoded window counts only as long as the table holds the very bytes it was made of.

    So there is nothing to keep in step: an aborted transaction, a rebalance or a restore leave other bytes there.
    """

    def __init__(self) -> None:
        self._unpack = Unpacker(Window)
        self._decoded: dict[bytes, tuple[bytes, Window]] = {}

    def reader(self, unit: Unit) -> Callable[[bytes], Window]:
        """Return a function from table key to window."""
        decoded, unpack, stored_at = self._decoded, self._unpack, unit.get

        def window_of(key: bytes) -> Window:
            stored = stored_at(key)
            if stored is None:
                return EMPTY
            known = decoded.get(key)
            if known is not None and known[0] is stored:
                return known[1]
            return unpack(stored)

        return window_of

    def put(self, unit: Unit, key: bytes, window: Window) -> None:
        """Write a window into the unit."""
        stored = pack(window)
        unit.put(key, stored)
        if len(self._decoded) >= KEPT:
            self._decoded.clear()
        self._decoded[key] = (stored, window)
