"""A worker: one process, one Faust app. Starts it, waits for a signal, lets the batch in flight finish, leaves."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NoReturn

import uvloop

from streams.runtime.crash import CRASHED, described, die
from streams.runtime.flow import Flow
from streams.runtime.health import Health
from streams.runtime.transport import BatchApp

START: Final = 60.0  # seconds for Kafka to let the worker in

COLLECT: Final = (100_000, 20, 50)  # objects, then generations; Python's own are 700, 10, 10
PARENT: Final = 1.0  # seconds between two looks at the parent

log = logging.getLogger(__name__)


@dataclass
class Worker:
    """What runs in one process."""

    name: str
    app: BatchApp | None  # None where nothing is read from a topic: tasks alone
    flows: Sequence[Flow]
    tasks: Sequence[Callable[[], Awaitable[None]]] = ()  # run until the end; one that ends, ends the process
    health: Health | None = None
    grace: float = 10.0  # seconds to stop
    parent: int | None = None  # process id of the supervisor; the worker stops when it is gone
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ready(self) -> bool:
        """Say whether the group has let the worker in and its partitions are restored."""
        return (self.app is None or not self.app.rebalancing) and all(flow.restored for flow in self.flows)

    async def run(self) -> None:
        """Work until SIGINT or SIGTERM; ends the process when it cannot go on.

        The exit code is 70, or `exit_code` of the error of a task.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stopping.set)
        loop.set_exception_handler(_unhandled)
        if self.health is not None:
            port = await self.health.start()
            log.info("%s: health and metrics on port %d", self.name, port)
        if self.app is not None:
            await self._start(self.app)
        log.info("%s: started", self.name)
        _tame_collector()
        others = [asyncio.ensure_future(task()) for task in (*self.tasks, self._watch_parent)]
        crash = [] if self.app is None else [asyncio.ensure_future(self.app.wait_until_stopped())]
        stop = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({stop, *crash, *others}, return_when=asyncio.FIRST_COMPLETED)
        if not self.stopping.is_set():
            reason = next((task.exception() for task in (*crash, *others) if task.done()), None)
            reason = reason or (self.app.crash_reason if self.app is not None else None)
            die(f"{self.name}: {described(reason)}", getattr(reason, "exit_code", CRASHED))
        await self._leave(others)

    async def _start(self, app: BatchApp) -> None:
        try:
            async with asyncio.timeout(START):
                await app.start()
        except BaseException as error:  # noqa: BLE001  crash only
            die(f"{self.name} did not start: {type(error).__name__}: {error}")

    async def _watch_parent(self) -> None:
        while self.parent is None or os.getppid() == self.parent:  # noqa: ASYNC110  the kernel sets no event
            await asyncio.sleep(PARENT)
        log.warning("%s: the supervisor is gone", self.name)
        self.stopping.set()
        await asyncio.Event().wait()

    async def _leave(self, others: Sequence["asyncio.Future[None]"]) -> None:
        """Let the batches in flight commit, leave the group, close; what takes longer than the grace is cut off."""
        log.info("%s: stopping", self.name)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.grace):
                if self.app is not None:
                    self.app.consumer.stop_flow()
                for flow in self.flows:
                    flow.leave()
                for flow in self.flows:
                    await flow.idle()
                for other in others:
                    other.cancel()
                await asyncio.gather(*others, return_exceptions=True)
                await asyncio.gather(*(flow.table.stop() for flow in self.flows))
                if self.app is not None:
                    await self.app.stop()
        log.info("%s: stopped", self.name)


def run(made: Callable[[], Awaitable[Worker]]) -> NoReturn:
    """Make a worker and run it to its end: the process ends here, with code 0, or 70 after a crash."""

    async def main() -> None:
        worker = await made()
        await worker.run()

    try:
        uvloop.run(main())
    except BaseException as error:  # noqa: BLE001  crash only
        die(f"{type(error).__name__}: {error}", getattr(error, "exit_code", CRASHED))
    # Threads of engines may still be at work: all that had to be done is done.
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


def _tame_collector() -> None:
    """Let the garbage collector look less often, and never at what is there for good.

    A batch makes thousands of records that live until its commit; by default the collector walks all of them dozens
    of times a batch, up to half of the time spent on a message (benchmarks/README.md). They hold no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT)


def _unhandled(_: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    error = context.get("exception")
    log.warning("unhandled: %s (%s)", context.get("message"), type(error).__name__)
