"""What a broker refuses before anything is started."""

import socket

import pytest

from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError


def test_a_broker_that_was_never_started_says_so() -> None:
    broker = Broker()
    for asked in ("port", "bootstrap", "pid", "folder"):
        with pytest.raises(SetUpError, match="broker"):
            getattr(broker, asked)
    broker.stop()


def test_a_taken_port_is_refused_before_anything_is_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SetUpError, match=f"^port {port} is taken: name another one, or none$"):
            Broker(port=port).start()
