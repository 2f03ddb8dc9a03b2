import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry, Counter

from streams.runtime.health import Health


class Worker:
    """Is ready when the test says so."""

    ready = False


@pytest.fixture
def worker() -> Worker:
    """Return a worker that is not ready."""
    return Worker()


@pytest.fixture
async def port(worker: Worker) -> AsyncIterator[int]:
    """Yield the port of a listening health server."""
    registry = CollectorRegistry()
    Counter("seen", "what was seen", registry=registry).inc(3)
    health = Health("127.0.0.1", 0, registry, lambda: worker.ready)
    yield await health.start()
    await health.stop()


async def answer(port: int, request: bytes) -> tuple[str, dict[str, str], str]:
    """Send raw bytes; return status line, headers and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        raw = (await asyncio.wait_for(reader.read(), 10)).decode()
    finally:
        writer.close()
        await writer.wait_closed()
    head, _, body = raw.partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines if line), body


async def get(port: int, path: str) -> tuple[str, dict[str, str], str]:
    return await answer(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


async def test_a_loop_that_moves_is_healthy(port: int) -> None:
    status, headers, body = await get(port, "/healthz")
    assert (status, body) == ("HTTP/1.1 200 OK", "ok\n")
    assert headers["Content-Length"] == "3"
    assert headers["Connection"] == "close"


async def test_a_worker_is_ready_only_once_it_says_so(port: int, worker: Worker) -> None:
    assert (await get(port, "/readyz"))[0] == "HTTP/1.1 503 Service Unavailable"
    worker.ready = True
    assert (await get(port, "/readyz"))[0] == "HTTP/1.1 200 OK"
    worker.ready = False
    assert (await get(port, "/readyz"))[2] == "not ready\n"


async def test_metrics_are_shown_in_prometheus_format(port: int) -> None:
    status, headers, body = await get(port, "/metrics")
    assert status == "HTTP/1.1 200 OK"
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "seen_total 3.0\n" in body


@pytest.mark.parametrize(
    "request_line", [b"GET / HTTP/1.1", b"GET /table/ HTTP/1.1", b"POST /metrics HTTP/1.1", b"GET", b"nonsense", b""]
)
async def test_nothing_else_is_served(port: int, request_line: bytes) -> None:
    assert (await answer(port, request_line + b"\r\n\r\n"))[0] == "HTTP/1.1 404 Not Found"


async def test_an_endless_request_is_cut_off_and_the_next_is_served(port: int) -> None:
    assert (await answer(port, b"GET /healthz HTTP/1.1\r\nX: " + b"x" * 100_000))[0] == ""
    assert (await get(port, "/healthz"))[0] == "HTTP/1.1 200 OK"


async def test_a_client_that_goes_away_harms_nobody(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /hea")
    writer.close()
    await writer.wait_closed()
    assert (await get(port, "/healthz"))[0] == "HTTP/1.1 200 OK"


async def test_a_taken_port_is_an_error_at_the_start(port: int) -> None:
    with pytest.raises(OSError, match=str(port)):
        await Health("127.0.0.1", port, CollectorRegistry(), lambda: True).start()
