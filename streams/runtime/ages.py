"""When each key was last written, in that order: idle keys are found without looking at the whole table."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping


class Ages:
    """Keys of one partition in the order of their last write; times in milliseconds since 1970."""

    def __init__(self) -> None:
        self._written: OrderedDict[bytes, int] = OrderedDict()

    def seen(self, key: bytes, at: int) -> None:
        """Note one write."""
        self._written[key] = at
        self._written.move_to_end(key)

    def forget(self, key: bytes) -> None:
        """Note that a key is gone."""
        self._written.pop(key, None)

    def written(self, changes: Mapping[bytes, bytes | None], at: int) -> None:
        """Follow a transaction; None removes a key."""
        for key, value in changes.items():
            if value is None:
                self.forget(key)
            else:
                self.seen(key, at)

    def older_than(self, moment: int, limit: int) -> list[bytes]:
        """Return at most `limit` keys whose last write lies before the moment, oldest first."""
        return list(_until(self._written.items(), moment, limit))


def _until(items: Iterable[tuple[bytes, int]], moment: int, limit: int) -> Iterable[bytes]:
    for count, (key, at) in enumerate(items):
        if at >= moment or count >= limit:
            return
        yield key
