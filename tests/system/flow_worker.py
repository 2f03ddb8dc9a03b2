"""A worker that copies `source` to `out` and counts in its table: the runtime without this program's own agents.

python tests/system/flow_worker.py PREFIX
"""

import logging
import sys
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from streams.app import kafka_app
from streams.runtime.batch import Record
from streams.runtime.fenced import FencedTable
from streams.runtime.flow import Flow
from streams.runtime.health import Health
from streams.runtime.unit import Unit
from streams.runtime.worker import Worker, run
from streams.settings import Settings


async def made() -> Worker:
    """Return the worker."""
    settings, prefix = Settings(), sys.argv[1]

    async def copied(records: Sequence[Record], unit: Unit) -> None:
        for record in records:
            key = record.key or b""
            unit.put(key, b"%d" % (int(unit.get(key) or b"0") + 1))
            unit.emit(f"{prefix}out", key, record.value or b"")

    table = FencedTable(
        source=f"{prefix}source",
        topic=f"{prefix}state",
        transactional_prefix=prefix,
        connection={"bootstrap_servers": settings.bootstrap},
        partitions=settings.partitions,
    )
    app = kafka_app(settings, "join")
    flow = Flow("copy", table, copied)
    flow.register(app)
    worker = Worker(prefix, app, [flow])
    worker.health = Health("127.0.0.1", settings.metrics_port or 0, CollectorRegistry(), lambda: worker.ready)
    return worker


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("aiokafka", "faust", "mode"):
        logging.getLogger(name).setLevel(logging.WARNING)
    run(made)
