"""What a broker refuses before anything is started."""

import socket
from pathlib import Path

import pytest

from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError
from streams.embedded.java import Java
from streams.embedded.node import Program, launch


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


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    program = Program(Java(Path("java"), 17, "banner"), "library")
    with pytest.raises(SetUpError, match=r"^Kafka cannot write into .*/file/data: Not a directory$"):
        launch(program, tmp_path / "file" / "data", (1, 2), 128)
