"""An endpoint in a thread of its own, for tests whose workers are processes."""

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from tests.unit.adapters.endpoint import Endpoint

START: Final = 10.0  # seconds

E = TypeVar("E", bound=Endpoint)


class Served(Generic[E]):
    """Runs an endpoint. A context manager."""

    def __init__(self, endpoint: E) -> None:
        self.endpoint = endpoint
        self._running = threading.Event()
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name="loopback")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    def __enter__(self) -> Self:
        """Start; return when it listens."""
        self._thread.start()
        assert self._running.wait(START)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, whatever is on its way; raise what the endpoint raised when it closed."""
        assert self._end is not None
        self.call(self._end.set)
        self._thread.join()
        if self._failed and error is None:
            raise self._failed[0]

    @property
    def url(self) -> str:
        """Return where it listens."""
        return self.endpoint.url

    def hold(self) -> None:
        """Let every answer wait from now on."""
        self.call(self.endpoint.go.clear)

    def release(self) -> None:
        """Let the answers go."""
        self.call(self.endpoint.go.set)

    def call(self, what: Callable[[], None]) -> None:
        """Do something in the endpoint's loop."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(what)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  raised again where the test sees it
            self._failed.append(error)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with self.endpoint:
            self._running.set()
            await self._end.wait()
