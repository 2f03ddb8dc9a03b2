"""Crash only: what cannot be handled ends the process; nothing is committed, the supervisor starts it again."""

import logging
import os
import traceback
from hashlib import blake2b
from pathlib import PurePath
from typing import Final, NoReturn

CRASHED: Final = 70  # EX_SOFTWARE: start me again
POISONED: Final = 65  # EX_DATAERR: most of a topic cannot be read; starting again does not help
MISCONFIGURED: Final = 78  # EX_CONFIG: a setting, a policy or a topic is wrong; starting again does not help

# Packages whose errors never quote what they worked on; those of decoders and of Python itself do.
QUIET: Final = frozenset({"streams", "aiokafka", "faust", "mode"})

log = logging.getLogger(__name__)


def described(error: BaseException | None) -> str:
    """Return the class of an error, and its text where that cannot quote content; else where it was raised.

    A hash of the text tells two faults at one place apart.
    """
    if error is None:
        return "no error"
    name, text = type(error).__name__, str(error)
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in QUIET:
        return f"{name}: {text}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    digest = blake2b(text.encode(errors="replace"), digest_size=4).hexdigest()
    return f"{name}{place}, text {digest}"


def die(why: str, code: int = CRASHED) -> NoReturn:
    """End the process at once, with one line that says why (ids and classes only, never content)."""
    log.critical("fatal: %s", why)
    logging.shutdown()
    os._exit(code)
