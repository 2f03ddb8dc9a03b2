"""Crash only: what cannot be handled ends the process; nothing is committed, the supervisor starts it again."""

import logging
import os
from typing import Final, NoReturn

CRASHED: Final = 70  # EX_SOFTWARE: start me again
POISONED: Final = 65  # EX_DATAERR: most of a topic cannot be read; starting again does not help
MISCONFIGURED: Final = 78  # EX_CONFIG: a setting, a policy or a topic is wrong; starting again does not help

log = logging.getLogger(__name__)


def die(why: str, code: int = CRASHED) -> NoReturn:
    """End the process at once, with one line that says why (ids and classes only, never content)."""
    log.critical("fatal: %s", why)
    logging.shutdown()
    os._exit(code)
