"""A language model on loopback for whole streams: speaks chat completions and Converse, answers as a test tells it."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from tests.unit.adapters.endpoint import Endpoint, Reply, Request, completion, tool_use
from tests.unit.engines.canaries import block

START: Final = 10.0  # seconds
CONVERSE: Final = "/converse"

# What it makes of a text: the JSON value of its report, or an answer that is none.
Judgement = Callable[[str], dict[str, Any] | Reply]


def asked_about(request: Request) -> dict[str, Any]:
    """Return the data block of a request in either protocol: `text`, `context`, `kind`."""
    (*_, turn) = request.json["messages"]
    content = turn["content"]
    found: dict[str, Any] = block(content if isinstance(content, str) else content[0]["text"])
    return found


class _Judging(Endpoint):
    """Answers by the text that it is asked about, in the protocol in which it is asked."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__()
        self._judgement = judgement

    def reply(self, request: Request) -> Reply:
        """Return the judgement on the text of a request."""
        said = self._judgement(asked_about(request)["text"])
        if isinstance(said, Reply):
            return said
        if request.path.endswith(CONVERSE):
            (tool,) = request.json["toolConfig"]["tools"]
            return tool_use((tool["toolSpec"]["name"], said))
        return completion(json.dumps(said))


class Model:
    """The server in a thread of its own. A context manager."""

    def __init__(self, judgement: Judgement) -> None:
        """Take what it makes of each text; called in its thread."""
        self._endpoint = _Judging(judgement)
        self._running = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="model")
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
        """Stop, whatever is on its way."""
        assert self._end is not None
        self._call(self._end.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return self._endpoint.url

    @property
    def requests(self) -> list[Request]:
        """Return what it was asked so far, in order."""
        return list(self._endpoint.requests)

    def times(self, including: str = "") -> Counter[str]:
        """Return how often it was asked about each text that includes some words."""
        texts = (asked_about(request)["text"] for request in self.requests)
        return Counter(text for text in texts if including in text)

    def hold(self) -> None:
        """Let every answer wait from now on."""
        self._call(self._endpoint.go.clear)

    def release(self) -> None:
        """Let the answers go."""
        self._call(self._endpoint.go.set)

    def _call(self, what: Callable[[], None]) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(what)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with self._endpoint:
            self._running.set()
            await self._end.wait()
