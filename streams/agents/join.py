"""Join: findings in, one decision per case out, when all engines have answered or the deadline passes. Role `join`."""

import asyncio
from collections.abc import Mapping, Sequence
from time import time
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from streams.adapters.stored import Unpacker, pack
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.core.case import DECIDED, EMPTY, Case, FindingRecord, deadline, folded
from streams.core.judge import Judge, judged_case
from streams.core.policy import Policy
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
        self, intake: Intake[FindingRecord], emission: Emission, *, policy: Policy, judge: Judge, metrics: Metrics
    ) -> None:
        self._intake = intake
        self._emission = emission
        self._policy = policy
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
                self._decide(step.case, unit)
                unit.put(key, pack(DECIDED))
            else:
                unit.put(key, pack(step.case))

    def _decide(self, case: Case, unit: Unit) -> None:
        if case.opened is None:
            raise AssertionError("a case is ready only after it was opened")
        decision = judged_case(self._policy, case.opened, case.reports, self._judge, unit.now)
        self._emission.decisions(unit, [decision])
        metrics = self._metrics
        metrics.decisions.labels(decision.kind, category(decision.labels), decision.action).inc()
        metrics.items.labels(decision.kind, "decided").inc()
        metrics.latency.observe(decision.kind, [(unit.now - case.opened.received_at) / 1000])
        for report in case.reports:
            if report.status == "timeout" and report.reason == "deadline":
                metrics.join_timeouts.labels(report.engine).inc()


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
