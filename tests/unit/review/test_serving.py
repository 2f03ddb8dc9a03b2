import socket
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from streams.review.serving import Occupied, Serving, address_of, bound
from streams.settings import Settings
from tests.waiting import until


async def app(scope: Any, _receive: Any, send: Any) -> None:
    """Answer with who asks."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": f"{scope['client'][0]} {scope['scheme']}".encode()})


def test_a_port_in_use_is_one_line_that_names_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Occupied, match=rf"^127\.0\.0\.1:{port} cannot be listened on .*MODERATION_REVIEW_PORT"):
            bound(Settings(review_port=port))


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")])  # noqa: S104
def test_the_address_is_one_that_a_browser_here_can_open(host: str, shown: str) -> None:
    with bound(Settings(review_host=host, review_port=0)) as listening:
        assert address_of(listening) == f"http://{shown}:{listening.getsockname()[1]}"


@pytest.mark.parametrize(
    ("proxies", "said"), [((), "127.0.0.1 http"), (("127.0.0.1",), "203.0.113.9 https")], ids=["none", "believed"]
)
def test_who_asks_is_what_a_proxy_says_only_where_the_proxy_is_named(proxies: tuple[str, ...], said: str) -> None:
    settings = Settings(review_port=0, review_proxies=proxies)
    listening, stop = bound(settings), Event()
    serving = Serving(app, listening, settings)
    thread = Thread(target=serving.run, args=[stop])
    thread.start()
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    answer = httpx.get(address_of(listening), headers=headers, timeout=10, trust_env=False)
    stop.set()
    serving.end()
    thread.join(10)
    until(lambda: not thread.is_alive())
    assert answer.text == said
    assert "server" not in answer.headers
    listening.close()
