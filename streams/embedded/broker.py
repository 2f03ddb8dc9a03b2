"""A real Apache Kafka on this machine: one node in KRaft mode, from jars, without a container."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from streams.embedded import archive, jars, java
from streams.embedded.failure import SetUpError
from streams.embedded.node import Program, launch
from streams.embedded.processes import LOOPBACK, Child, free_ports, is_free, last_lines

GRACE: Final = 10.0


class Broker:
    """Kafka on a loopback port; start, stop, kill and start again as often as wanted. A context manager, too.

    `folder` keeps the data and the broker's own log; without one a temporary folder is used and removed at the stop.
    `port` is a free one below 32768 unless given. `heap_mb`: most MiB of Java heap. On the first start of all,
    `progress` is told of the bytes of Kafka's jars as they come, and `notice` in one line of other work done once.
    Raises SetUpError, of one line, when Java, the jars or the port are missing or Kafka does not come up.
    """

    def __init__(
        self,
        folder: Path | None = None,
        port: int | None = None,
        *,
        heap_mb: int = 512,
        progress: jars.Progress | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        self._temporary = folder is None
        self._folder = folder.absolute() if folder else None
        self._ports: tuple[int, int] | None = None
        self._wanted_port = port
        self._heap_mb = heap_mb
        self._progress = progress
        self._notice = notice
        self._child: Child | None = None

    @property
    def port(self) -> int:
        """Return the port for clients; chosen by the first `start`."""
        return self._chosen()[0]

    @property
    def bootstrap(self) -> str:
        """Return what clients take as bootstrap servers."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def folder(self) -> Path:
        """Return where data and log lie."""
        if self._folder is None:
            raise SetUpError("the broker has no folder before it was started")
        return self._folder

    @property
    def pid(self) -> int:
        """Return the process id of the running broker."""
        return self._running().pid

    def start(self) -> Self:
        """Start and return when the broker answers an admin request."""
        if self._child is not None and self._child.ended is None:
            raise SetUpError(f"the broker runs already, as process {self._child.pid}")
        self._choose_ports()
        runtime = java.find()
        library = jars.ensure(progress=self._progress)
        program = archive.with_archive(Program(runtime, f"{library}/*"), library, notice=self._notice)
        if self._folder is None or (self._temporary and not self._folder.is_dir()):
            self._folder = Path(tempfile.mkdtemp(prefix="moderation-kafka-"))
        try:
            self._child = launch(program, self._folder, self._chosen(), self._heap_mb)
        except BaseException:
            self._clean()
            raise
        return self

    def stop(self) -> None:
        """End the broker in order; a temporary folder is removed. Does nothing when it does not run."""
        if self._child is not None:
            self._child.stop(GRACE)
            self._child = None
        self._clean()

    def kill(self) -> None:
        """End the broker with SIGKILL; its folder and port stay, so that `start` brings it back with its data."""
        self._running().kill()
        self._child = None

    def restart(self) -> None:
        """Stop in order and start again on the same port and folder."""
        if self._child is not None:
            self._child.stop(GRACE)
            self._child = None
        self.start()

    def wait(self) -> int:
        """Wait until the broker ends by itself and return its exit code."""
        return self._running().wait()

    def last_words(self) -> str:
        """Return the last lines of the broker's log as one line."""
        return last_lines(self.folder / "broker.log")

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def _running(self) -> Child:
        if self._child is None:
            raise SetUpError("the broker does not run")
        return self._child

    def _chosen(self) -> tuple[int, int]:
        if self._ports is None:
            raise SetUpError("the broker has no port before it was started")
        return self._ports

    def _choose_ports(self) -> None:
        if self._ports is None:
            wanted = self._wanted_port
            first, second = free_ports(2)
            self._ports = (first, second) if wanted is None else (wanted, first if first != wanted else second)
        if not is_free(self.port):
            raise SetUpError(f"port {self.port} is taken: name another one, or none")

    def _clean(self) -> None:
        # It is not forgotten: stopped from another thread in the middle of a start, it is cleaned at the end of both.
        if self._temporary and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
