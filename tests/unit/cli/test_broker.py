"""The command that runs a broker: what goes wrong is one line."""

import socket
import subprocess
import sys


def test_a_taken_port_is_one_line_and_an_exit_code() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "streams", "broker", "--port", str(port)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 78
    assert done.stdout == ""
    assert done.stderr == f"moderation: port {port} is taken: name another one, or none\n"


def test_a_port_that_cannot_be_is_wrong_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streams", "broker", "--port", "65536"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
