"""How the service is: its parts say what is wrong with them; ready is who has nothing to complain of."""

import logging
from collections.abc import Iterable
from threading import Lock
from typing import Final

STARTING: Final = "is starting"

log = logging.getLogger(__name__)


class Health:
    """What keeps each part from working; said by threads, read by any. A change is one line in the log."""

    def __init__(self, parts: Iterable[str] = ()) -> None:
        self._lock = Lock()
        self._wrong: dict[str, str] = dict.fromkeys(parts, STARTING)

    def well(self, part: str) -> None:
        """Say that a part works."""
        with self._lock:
            before = self._wrong.pop(part, None)
        if before not in {None, STARTING}:
            log.info("%s: works again", part)

    def ill(self, part: str, why: str) -> None:
        """Say why a part does not work; ids and words of ours only, never content."""
        with self._lock:
            before, self._wrong[part] = self._wrong.get(part), why
        if before != why:
            log.warning("%s: %s", part, why)

    @property
    def wrong(self) -> dict[str, str]:
        """Return what is wrong, by part."""
        with self._lock:
            return dict(self._wrong)

    def ready(self) -> bool:
        """Say whether every part works."""
        return not self.wrong
