"""What workers say of themselves on `workers`: who is alive, what each judges by, how soon a version is in force."""

import time
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from streams.adapters.log import Following
from streams.adapters.whole import whole
from streams.adapters.wire import Reader, Rejected
from streams.core.content import Milliseconds
from streams.core.policy import PolicyRef
from streams.core.worker_status import WorkerStatus
from streams.settings import Settings
from streams.topology import RELAYING, WORKERS

SILENT: Final = 15_000  # milliseconds without a word after which a worker counts as gone: three words
LIMIT: Final = 1 << 20  # bytes of a status


class Reached(NamedTuple):
    """A worker that judges by what was asked for."""

    status: WorkerStatus
    seconds: float  # from the moment it was published


class Workers:
    """The last word of each worker."""

    def __init__(self) -> None:
        self._last: dict[bytes, WorkerStatus] = {}
        self._reader: Reader[WorkerStatus] = Reader(WorkerStatus, limit=LIMIT)

    def take(self, key: bytes, value: bytes | None) -> WorkerStatus | None:
        """Take a record and return what it says; None for a worker that stopped, or a word that cannot be read."""
        if value is None:
            self._last.pop(key, None)
            return None
        try:
            status = self._last[key] = self._reader.read(value)
        except Rejected:  # of another release
            return None
        return status

    def alive(self, now: Milliseconds) -> list[WorkerStatus]:
        """Return the workers that spoke lately, by role and name."""
        live = [status for status in self._last.values() if now - status.at <= SILENT]
        return sorted(live, key=lambda status: (status.role, status.worker_id))

    def lost(self, now: Milliseconds) -> list[WorkerStatus]:
        """Return the workers that fell silent without a good-bye."""
        return [status for status in self._last.values() if now - status.at > SILENT]


def workers(settings: Settings) -> Workers:
    """Return the last word of each worker; raise LogError."""
    found = Workers()
    for record in whole(settings, settings.topic_prefix + WORKERS):
        if record.key is not None:
            found.take(record.key, record.value)
    return found


def judging(status: WorkerStatus) -> bool:
    """Say whether a worker judges at all: a bridge does not."""
    return status.role not in RELAYING


def reached(
    settings: Settings, wanted: Iterable[PolicyRef], gone: Iterable[str], since: Milliseconds, patience: float
) -> Iterator[Reached | list[WorkerStatus]]:
    """Yield each worker that judges by the wanted versions, and by none of the policies that are gone.

    The last thing that it yields are the live workers that are still missing: none as soon as there are none, else
    when `patience` seconds are over. `since` is when it was published.
    """
    ends = time.monotonic() + patience
    refs, retired = set(wanted), set(gone)
    found = workers(settings)
    there: set[str] = set()

    def at_it(status: WorkerStatus) -> bool:
        return refs <= set(status.policies) and not any(ref.id in retired for ref in status.policies)

    news = Following(settings, settings.topic_prefix + WORKERS, from_beginning=True)
    try:
        while True:
            live = [status for status in found.alive(int(time.time() * 1000)) if judging(status)]
            for status in live:
                if status.worker_id not in there and at_it(status):
                    there.add(status.worker_id)
                    yield Reached(status, max(0.0, (status.at - since) / 1000))
            missing = [status for status in live if status.worker_id not in there]
            if not missing or time.monotonic() >= ends:
                yield missing
                return
            for record in news.take(0.1):
                if record.key is not None:
                    found.take(record.key, record.value)
    finally:
        news.close()
