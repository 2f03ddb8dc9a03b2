"""Looking: a picture task in, what the engine `rekognition` knows of the picture out, or why it knows nothing.

Stops asking while the service is down. Whatever fails is an answer with a status and a reason; nothing is raised.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import time
from typing import Final, NamedTuple

from streams.adapters.attempts import Allowance, Attempts
from streams.adapters.breaker import Breaker
from streams.adapters.budget import Budget
from streams.adapters.fault import Fault
from streams.adapters.objects import Objects
from streams.adapters.picture import limits
from streams.adapters.rate import Rate
from streams.adapters.rekognition import RekognitionImages, Sending, Sights
from streams.adapters.unreadable import Unreadable
from streams.core.duration import duration_ms
from streams.core.finding import Answer
from streams.core.picture_task import PictureTask
from streams.engines.rekognition import Known, Rekognition
from streams.settings import Settings

CIRCUIT_OPEN: Final = Answer("error", "circuit_open")
CRASHED: Final = Answer("error", "engine_failed")
LATE: Final = Answer("timeout", "deadline_passed")
# Reasons that stand for time that ran out.
TIMES: Final = frozenset({"timeout", "deadline_passed"})

DECODING: Final = 1  # pictures decoded at once: each may take 0.4 to 0.7 GB

log = logging.getLogger(__name__)


class Looked(NamedTuple):
    """What became of one question."""

    known: Known | None  # None where there is no answer
    failure: Answer | None  # why
    calls: int  # requests that were made, repeated ones included


class Looker:
    """Puts pictures to the service, and leaves it alone while it is down."""

    def __init__(self, sights: Sights, breaker: Breaker, now: Callable[[], float] = time) -> None:
        """Take the clock of the tasks' deadlines, seconds since 1970."""
        self._sights = sights
        self._breaker = breaker
        self._now = now

    @property
    def is_open(self) -> bool:
        """Say whether calls are held back."""
        return self._breaker.is_open

    async def __call__(self, task: PictureTask, until_ms: int) -> Looked:
        """Return what is known of a picture, at `until_ms` (milliseconds since 1970) at the latest."""
        left = until_ms / 1000 - self._now()
        if left <= 0:
            return Looked(None, LATE, 0)
        clock = asyncio.get_running_loop().time
        if not self._breaker.allows(clock()):
            return Looked(None, CIRCUIT_OPEN, 0)
        before = self._breaker.is_open
        allowance = Allowance(clock() + left)
        if not before:  # what waits for its turn, or for its next attempt, when the circuit opens is not asked either
            allowance.halted = lambda: self._breaker.is_open
        known, failure = await self._tried(task, allowance)
        if self._breaker.is_open != before:
            log.warning("%s: circuit %s: %s", task.engine, "closed" if before else "open", _word(failure))
        return Looked(known, failure, allowance.calls)

    async def close(self) -> None:
        """Close the connections."""
        await self._sights.close()

    async def _tried(self, task: PictureTask, allowance: Allowance) -> tuple[Known | None, Answer | None]:
        """Return the answer, and tell the breaker how it went."""
        clock = asyncio.get_running_loop().time
        try:
            known = await self._sights(task, allowance)
        except Unreadable as error:  # of the store, not of the service
            return None, Answer("timeout" if error.reason == "timeout" else "error", error.reason)
        except Fault as fault:
            # Time that ran out over a call says that the other side is slow; a limit of our own says nothing of it.
            if fault.kind in {"retry", "deployment"} or (fault.reason == "deadline_passed" and allowance.calls):
                self._breaker.failed(clock())
            elif fault.kind == "item":
                self._breaker.puzzled(clock())
            return None, Answer("timeout" if fault.reason in TIMES else "error", fault.reason)
        except Exception as error:  # noqa: BLE001  one strange picture must not stop the stream at itself
            log.error("%s failed: %s", task.engine, type(error).__name__)  # noqa: TRY400  no traceback: content
            self._breaker.puzzled(clock())
            return None, CRASHED
        self._breaker.succeeded()
        return known, None


def _word(failure: Answer | None) -> str:
    return "ok" if failure is None else failure.reason or failure.status


def looker(
    engine: Rekognition,
    settings: Settings,
    share: Callable[[], float],
    locked: Callable[[str], object] | None = None,
) -> Looker:
    """Return what asks the service for an engine; call it within the running loop, and close what it returns.

    `share` is this worker's part of all partitions, 0..1: its part of the rate that account and region allow.
    `locked` is called with one line that says what to do when S3 lets no object be read.
    """
    config, timeout = engine.config, duration_ms(engine.config.timeout) / 1000
    rate = Rate(config.rate_per_second, share)
    attempts = Attempts(timeout, config.attempts, Budget(config.budget_per_minute), config.concurrency, pace=rate)
    # What lies on another server than Amazon's, Amazon cannot read where it lies.
    references = config.by_reference and (settings.s3_endpoint is None or config.endpoint is not None)
    threads = ThreadPoolExecutor(DECODING, thread_name_prefix=engine.name)
    images = RekognitionImages(
        engine,
        Objects(settings, locked=locked),
        attempts,
        Sending(timeout, limits(settings), threads, references=references),
    )
    return Looker(images, Breaker())
