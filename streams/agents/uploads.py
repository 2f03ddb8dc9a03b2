"""Uploads: records of `uploads` and S3 notifications in, an opened case each out. Role `uploads`."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from streams.adapters.rejected import Rejected
from streams.agents.beside import Beside
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.inspecting import Inspector
from streams.agents.intake import Intake, arrived
from streams.agents.routing import Routing
from streams.agents.standings import Standings
from streams.agents.watching import Unwatched
from streams.core.arrival import nothing_known
from streams.core.content import Upload
from streams.core.judge import Judge
from streams.core.notification import Malformed, Notice, uploads
from streams.core.opening import Case
from streams.core.sequencer import is_older
from streams.core.uploaded import uploaded
from streams.core.verdict import Verdict
from streams.metrics import Metrics, category
from streams.runtime.batch import Record
from streams.runtime.unit import Unit

SEEN = b"\x01"


class Opening:
    """Opens a case for each upload that was not seen before."""

    def __init__(
        self,
        emission: Emission,
        *,
        book: Book,
        judge: Judge,
        metrics: Metrics,
        standings: Standings | None = None,
        watching: Unwatched | None = None,
    ) -> None:
        self._emission = emission
        self._routing = Routing(emission, book)
        self._standings = standings
        self._watching = watching or Unwatched()
        self._book = book
        self._judge = judge
        self._metrics = metrics
        self._inspect = Inspector(metrics)
        self._beside = Beside()

    async def open(self, arrivals: Iterable[tuple[Upload, Record]], unit: Unit) -> None:
        """Emit what opens the cases of one batch, or a decision where the policy asks no engine."""
        # Once: a batch is judged by one version of each policy.
        panels = self._watching.panels(self._book.panels, unit.now)
        standing_of = nothing_known if self._standings is None else await self._standings.ready()
        for upload, record in arrivals:
            key = upload.content_id.encode()
            if unit.get(key) is not None:
                self._metrics.duplicates.labels(upload.kind).inc()
                self._metrics.items.labels(upload.kind, "repeated").inc()
                continue
            unit.put(key, SEEN)
            screen = partial(
                uploaded,
                upload,
                arrived(record, unit.now),
                panels=panels,
                inspect=self._inspect,
                judge=self._judge,
                now=unit.now,
                standing_of=standing_of,
            )
            outcome = await self._beside(panels, screen)
            if isinstance(outcome, Case):
                self._emission.opened(unit, outcome)
                self._metrics.items.labels(upload.kind, "opened").inc()
            else:
                self._watching.note([outcome], unit.now)
                verdict = Verdict(outcome, arrived(record, unit.now), trusted=upload.user.trusted)
                (here,) = self._routing.decided(unit, [outcome if outcome.action == "allow" else verdict])
                self._metrics.items.labels(upload.kind, "decided").inc()
                if here:  # else it is counted where it ends
                    self._metrics.decisions.labels(upload.kind, category(outcome.labels), outcome.action).inc()


class Uploads:
    """The handler of `uploads`."""

    def __init__(self, intake: Intake[Upload], opening: Opening) -> None:
        self._intake = intake
        self._opening = opening

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Open the cases of one batch of a partition."""
        await self._opening.open(await self._intake.read(records, unit), unit)


class Events:
    """The handler of `s3-events`: notifications of S3, EventBridge, SNS and MinIO become uploads."""

    def __init__(self, intake: Intake[dict[str, Any]], opening: Opening, metrics: Metrics) -> None:
        self._intake = intake
        self._opening = opening
        self._metrics = metrics

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Open the cases of one batch of a partition; an event that announces no new object is counted."""
        arrivals: list[tuple[Upload, Record]] = []
        for event, record in await self._intake.read(records, unit):
            try:
                found = uploads(event)
            except Malformed as malformed:
                self._intake.reject(record, Rejected("invalid_value", malformed.field), unit)
                continue
            if found.test:
                self._metrics.ignored_events.labels("test").inc()
            if found.ignored:
                self._metrics.ignored_events.labels("no_new_object").inc(found.ignored)
            arrivals += [(notice.upload, record) for notice in found.notices if self._is_newest(notice, unit)]
        await self._opening.open(arrivals, unit)

    def _is_newest(self, notice: Notice, unit: Unit) -> bool:
        """Note an event as the newest one of its object; tell whether nothing newer was seen before.

        Events come in any order: an older one tells of bytes that have been overwritten. Deletions are not asked: that
        of an old version is newer than the creation of the object as it now stands.
        """
        if notice.sequencer is None:
            return True
        key = notice.place.encode()  # has a slash, which no content id of a notification has
        newest = unit.get(key)
        if newest is not None and is_older(notice.sequencer, newest.decode()):
            self._metrics.ignored_events.labels("stale").inc()
            return False
        unit.put(key, notice.sequencer.encode())
        return True
