"""An S3, SQS, SNS and DynamoDB server on this machine: moto's, a process. `python -m streams.embedded.aws --port N`."""

import http.client
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import click

from streams.embedded.failure import SetUpError
from streams.embedded.processes import LOOPBACK, Child, free_ports, is_free, listens

START_SECONDS: Final = 60.0  # one or two on a quiet machine
GRACE: Final = 5.0
READY: Final = "/moto-api/data.json"  # moto's own page, which answers when every service is registered


class Aws:
    """S3, SQS, SNS and DynamoDB on a loopback port, all in memory: gone after `stop`. A context manager, too.

    `port` is a free one below 32768 unless given.
    Raises SetUpError, of one line, when moto is missing, the port is taken or the server does not come up.
    """

    def __init__(self, port: int | None = None) -> None:
        self._port = port
        self._child: Child | None = None
        self._folder: Path | None = None

    @property
    def endpoint(self) -> str:
        """Return the URL that clients take as endpoint; chosen by the first `start`."""
        if self._port is None:
            raise SetUpError("the S3 server has no port before it was started")
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def pid(self) -> int:
        """Return the process id of the running server."""
        if self._child is None:
            raise SetUpError("the S3 server does not run")
        return self._child.pid

    def start(self) -> Self:
        """Start and return when the server answers a request."""
        if self._child is not None and self._child.ended is None:
            raise SetUpError(f"the S3 server runs already, as process {self._child.pid}")
        for package in ("moto", "flask", "flask_cors"):
            if importlib.util.find_spec(package) is None:
                raise SetUpError(f"{package} is not installed: pip install 'moderation-streams[embedded]'")
        if self._port is None:
            self._port = free_ports(1)[0]
        if not is_free(self._port):
            raise SetUpError(f"port {self._port} is taken: name another one, or none")
        self._folder = Path(tempfile.mkdtemp(prefix="moderation-aws-"))
        try:
            command = [sys.executable, "-m", "streams.embedded.aws", "--port", str(self._port)]
            self._child = Child(command, self._folder / "aws.log")
            self._child.await_answer("the S3 server", self._answers, START_SECONDS)
        except BaseException:
            self._clean()
            raise
        return self

    def stop(self) -> None:
        """End the server; everything it kept is gone. Does nothing when it does not run."""
        if self._child is not None:
            self._child.stop(GRACE)
            self._child = None
        self._clean()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _answers(self, seconds: float) -> bool:
        if self._port is None or not listens(self._port):
            return False
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=seconds)
        try:
            connection.request("GET", READY)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _clean(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def environment() -> dict[str, str]:
    """Return the variables with which a process talks to this server: any credentials do, but some are needed."""
    return {
        "AWS_ACCESS_KEY_ID": "embedded",
        "AWS_SECRET_ACCESS_KEY": "embedded",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), required=True, help="Port to listen on.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; there is no authentication.")
def serve(port: int, host: str) -> None:
    """Serve S3, SQS, SNS and DynamoDB until killed."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app  # noqa: PLC0415 - an extra
    from werkzeug.serving import make_server  # noqa: PLC0415 - comes with flask

    make_server(host, port, DomainDispatcherApplication(create_backend_app), threaded=True).serve_forever()


if __name__ == "__main__":
    serve()
