"""Join: findings in, one decision per case out, when all engines have answered or the deadline passes. Role `join`."""

import asyncio
from collections.abc import Mapping, Sequence
from time import time
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from msgspec import structs

from streams.adapters.stored import Unpacker, pack
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.routing import Routing
from streams.agents.standings import Standings
from streams.agents.watching import Unwatched
from streams.core.case import DECIDED, EMPTY, Case, CaseOpened, FindingRecord, deadline, folded
from streams.core.decision import Decision
from streams.core.finding import Report
from streams.core.judge import Judge, judged_case
from streams.core.unknown_policy import instead_of, unjudgeable
from streams.core.verdict import Verdict
from streams.metrics import Metrics, category
from streams.runtime.batch import Record
from streams.runtime.deadlines import Deadlines
from streams.runtime.producing import new_producer
from streams.runtime.unit import Unit

EVERY: Final = 0.5  # seconds between two looks at the deadlines
OPERATION: Final = 30.0  # seconds for any single await on the broker


class Join:
    """The handler of `findings`: fold each record into its case, judge the case when it is ready."""

    def __init__(
        self,
        intake: Intake[FindingRecord],
        emission: Emission,
        *,
        book: Book,
        judge: Judge,
        metrics: Metrics,
        standings: Standings | None = None,
        watching: Unwatched | None = None,
    ) -> None:
        self._intake = intake
        self._routing = Routing(emission, book)
        self._standings = standings
        self._watching = watching or Unwatched()
        self._book = book
        self._judge = judge
        self._metrics = metrics
        self._case = Unpacker(Case)

    def due(self, value: bytes) -> int | None:
        """Return the deadline of a stored case, milliseconds since 1970; None when it is not open."""
        return deadline(self._case(value))

    async def __call__(self, records: Sequence[Record], unit: Unit) -> None:
        """Fold one batch of a partition."""
        for finding, _ in await self._intake.read(records, unit):
            key = finding.content_id.encode()
            stored = unit.get(key)
            step = folded(EMPTY if stored is None else self._case(stored), finding)
            if step.dropped:
                self._metrics.join_dropped.inc()
            elif step.ready:
                await self._decide(step.case, unit)
                unit.put(key, pack(DECIDED))
            else:
                unit.put(key, pack(step.case))

    async def _decide(self, case: Case, unit: Unit) -> None:
        if case.opened is None:
            raise AssertionError("a case is ready only after it was opened")
        decision = await self._decision(case.opened, case.reports, unit.now)
        self._watching.note([decision], unit.now)
        (here,) = self._routing.decided(
            unit, [decision if decision.action == "allow" else _verdict(decision, case.opened)]
        )
        metrics = self._metrics
        metrics.items.labels(decision.kind, "decided").inc()
        if here:  # else it is counted where it ends
            metrics.decisions.labels(decision.kind, category(decision.labels), decision.action).inc()
            metrics.latency.observe(decision.kind, [(unit.now - case.opened.received_at) / 1000])
        for report in case.reports:
            if report.status == "timeout" and report.reason == "deadline":
                metrics.join_timeouts.labels(report.engine).inc()

    async def _decision(self, opened: CaseOpened, reports: Sequence[Report], now: int) -> Decision:
        """Judge by the version by which the case was opened; without it by the one that judges now, which is said."""
        loaded = await self._book.find(opened.policy)
        standing = None if self._standings is None else (await self._standings.ready())(opened.user_id)
        if loaded is not None:
            policy = self._watching.policy(loaded.policy, now)
            return judged_case(policy, opened, reports, self._judge, now, standing=standing)
        self._metrics.unknown_policies.labels("join").inc()
        current = self._book.current(opened.policy.id)
        if current is None:
            return unjudgeable(opened, reports, now)
        policy = self._watching.policy(current.policy, now)
        decision = judged_case(policy, opened, reports, self._judge, now, standing=standing)
        return structs.replace(decision, reason=f"{decision.reason}; {instead_of(opened.policy)}")


def _verdict(decision: Decision, opened: CaseOpened) -> Verdict:
    return Verdict(decision, opened.received_at, opened.resubmits, opened.previous, opened.trusted)


class Expiry:
    """Tells the join of cases whose deadline has passed: it reads an index and sends records, it changes nothing."""

    def __init__(
        self, deadlines: Deadlines, emission: Emission, connection: Mapping[str, Any], metrics: Metrics
    ) -> None:
        self._deadlines = deadlines
        self._emission = emission
        self._connection = dict(connection)
        self._metrics = metrics

    async def __call__(self) -> None:
        """Look at the deadlines until cancelled."""
        producer = new_producer(self._connection)
        await asyncio.wait_for(producer.start(), OPERATION)
        try:
            while True:
                await asyncio.sleep(EVERY)
                await self._tell(producer, int(time() * 1000))
        finally:
            await asyncio.wait_for(producer.stop(), OPERATION)

    async def _tell(self, producer: AIOKafkaProducer, now: int) -> None:
        topic = self._emission.findings
        told = []
        for partition, content_id in self._deadlines.overdue(now):
            key, value, headers = self._emission.expired(content_id.decode(), now)
            async with asyncio.timeout(OPERATION):  # `wait_for` of Python 3.11 can lose a cancellation
                told.append(await producer.send(topic, value, key, partition, headers=headers))
        self._metrics.join_pending.set(len(self._deadlines))
        if told:
            async with asyncio.timeout(OPERATION):
                await asyncio.gather(*told)
