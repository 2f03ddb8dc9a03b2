"""The proxy: what it forwards, what it holds, and what dies with whoever asked for it."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse

import pytest

from tests.loopback.proxy import Proxy
from tests.loopback.served import Served
from tests.unit.adapters.endpoint import Endpoint, Reply


@pytest.fixture
def server() -> Iterator[Served[Endpoint]]:
    """Yield a server that answers everything alike."""
    with Served(Endpoint(Reply(b"hello", 203, {"ETag": "e1"}))) as served:
        yield served


def asked(proxy: Proxy, method: str, path: str, body: bytes | None = None) -> tuple[HTTPResponse, bytes]:
    """Return the answer to a request through the proxy, and its body."""
    with closing(HTTPConnection(proxy.url.removeprefix("http://"), timeout=10)) as connection:
        connection.request(method, path, body, {"X-Mark": "m"})
        answer = connection.getresponse()
        return answer, answer.read()


def test_requests_and_answers_come_through_as_they_are(server: Served[Endpoint]) -> None:
    with Proxy(server.url) as proxy:
        answer, body = asked(proxy, "PUT", "/b/k?tagging", b"<Tagging/>")
    assert (answer.status, body, answer.headers["ETag"]) == (203, b"hello", "e1")
    (request,) = server.endpoint.requests
    assert (request.method, request.path, request.body) == ("PUT", "/b/k?tagging", b"<Tagging/>")
    assert (request.headers["x-mark"], request.headers["host"]) == ("m", proxy.url.removeprefix("http://"))


def test_a_held_request_reaches_the_server_when_it_is_released_and_others_pass(server: Served[Endpoint]) -> None:
    with Proxy(server.url) as proxy, ThreadPoolExecutor() as threads:
        hold = proxy.hold("DELETE", "^/held/")
        waiting = threads.submit(asked, proxy, "DELETE", "/held/k")
        hold.await_held(1)
        asked(proxy, "PUT", "/held/k")
        asked(proxy, "DELETE", "/free/k")
        assert [one.method + one.path for one in server.endpoint.requests] == ["PUT/held/k", "DELETE/free/k"]
        hold.release()
        assert waiting.result(10)[1] == b"hello"
        assert server.endpoint.requests[-1].path == "/held/k"


def test_a_held_answer_is_to_a_request_that_was_carried_out(server: Served[Endpoint]) -> None:
    with Proxy(server.url) as proxy, ThreadPoolExecutor() as threads:
        hold = proxy.hold("DELETE", "^/held/", answers=True)
        waiting = threads.submit(asked, proxy, "DELETE", "/held/k")
        hold.await_held(1)
        assert [one.path for one in server.endpoint.requests] == ["/held/k"]
        assert not waiting.done()
        hold.release()
        assert waiting.result(10)[1] == b"hello"


def test_what_is_held_dies_with_whoever_asked_for_it(server: Served[Endpoint]) -> None:
    with Proxy(server.url) as proxy:
        hold = proxy.hold("DELETE", "/held/")
        with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2]))) as client:
            client.sendall(b"DELETE /held/k HTTP/1.1\r\nHost: h\r\n\r\n")
            hold.await_held(1)
        hold.release()
    assert server.endpoint.requests == []


def test_a_hold_that_nothing_reaches_says_so(server: Served[Endpoint]) -> None:
    with Proxy(server.url) as proxy, pytest.raises(TimeoutError, match="0 of 1"):
        proxy.hold("DELETE", "/held/").await_held(1, seconds=0.01)
