"""Near copies of judged pictures, followed on `judged-media`: a picture in, the answer on its nearest judged copy out.

Every worker of the role has them whole, up to a bound, in memory; hashes are compared there.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from streams.adapters.reading import Reading
from streams.adapters.registry import Registry
from streams.adapters.wire import Reader
from streams.core.finding import Evidence
from streams.core.judged_media import JudgedMedia
from streams.engines.rekognition import Known, Rekognition
from streams.runtime.follow import Follower
from streams.vision.neighbours import Neighbours

WAIT: Final = 10.0  # seconds for what was judged before the worker started; then pictures are paid for

log = logging.getLogger(__name__)


class Copied(NamedTuple):
    """What a near copy is answered from."""

    known: Known
    near: Evidence  # PDQ of the judged picture, and the distance to it


class NearCopies:
    """What one worker remembers of judged pictures: what an engine of the policies that judge would serve from."""

    def __init__(
        self,
        engines: Callable[[], Sequence[Rekognition]],
        remembered: int,
        reader: Reader[JudgedMedia],
        registry: Registry | None = None,
    ) -> None:
        """Take what returns the engines of the policies that judge now, and how many pictures are remembered."""
        self._engines = engines
        self._read = Reading(reader, registry, "a judged picture")
        self._neighbours = Neighbours(remembered)
        self._values: dict[bytes, bytes] = {}
        self.whole = asyncio.Event()  # set when all that was judged before is known

    def __len__(self) -> int:
        """Return how many pictures are remembered."""
        return len(self._values)

    async def follow(self, follower: Follower) -> None:
        """Follow the topic until cancelled; `follower` hands its values to `keep`."""
        try:
            await follower.start()
            self.whole.set()
            log.info("%d judged pictures are known", len(self))
            await follower.run()
        finally:
            await follower.stop()

    async def keep(self, key: bytes, value: bytes | None) -> None:
        """Remember the record of a picture, or forget it; what cannot be read is logged and left out."""
        judged = None if value is None else await self._read(value)
        if judged is None or value is None or not self._is_ours(key, judged):
            self._forget(key)
            return
        forgotten = self._neighbours.put(key, judged.pdq)
        if forgotten is not None:
            del self._values[forgotten]
        self._values[key] = value

    async def nearest(self, engine: Rekognition, pdq: tuple[str, ...], now: int, patience: float) -> Copied | None:
        """Return the nearest answer that serves an engine now (milliseconds since 1970), None without one.

        `pdq` are the forms of a picture as in PictureTask; `patience` is seconds to wait for a memory that fills.
        """
        near = engine.config.near_duplicates
        if not pdq or near is None:
            return None
        if not self.whole.is_set():
            try:
                async with asyncio.timeout(max(0.0, min(WAIT, patience))):
                    await self.whole.wait()
            except TimeoutError:
                return None
        for distance, key in self._neighbours.near(pdq, near.max_distance):
            value = self._values.get(key)  # it may be forgotten while another one is read
            judged = None if value is None else await self._read(value)
            known = None if judged is None else engine.recalled(judged)
            if judged is not None and known is not None and engine.serves(known, now):
                return Copied(known, Evidence(hash=judged.pdq, distance=distance))
        return None

    def _is_ours(self, key: bytes, judged: JudgedMedia) -> bool:
        return key == judged.sha256.encode() and any(
            judged.engine == engine.name and engine.fits(judged.wanted, judged.least) for engine in self._engines()
        )

    def _forget(self, key: bytes) -> None:
        self._neighbours.remove(key)
        self._values.pop(key, None)
