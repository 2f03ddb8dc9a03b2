"""A real Apache Kafka on this machine: one node in KRaft mode, from jars, without a container."""

import base64
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.embedded import jars, java
from streams.embedded.failure import SetUpError
from streams.embedded.processes import LOOPBACK, Child, free_ports, is_free, last_lines, listens

START_SECONDS: Final = 60.0  # three on a quiet machine
FORMAT_SECONDS: Final = 60.0
GRACE: Final = 10.0
MEBIBYTE: Final = 1 << 20


class Broker:
    """Kafka on a loopback port; start, stop, kill and start again as often as wanted. A context manager, too.

    `folder` keeps the data and the broker's own log; without one a temporary folder is used and removed at the stop.
    `port` is a free one below 32768 unless given. `heap_mb`: most MiB of Java heap.
    Raises SetUpError, of one line, when Java, the jars or the port are missing or Kafka does not come up.
    """

    def __init__(
        self,
        folder: Path | None = None,
        port: int | None = None,
        *,
        heap_mb: int = 512,
        progress: jars.Progress | None = None,
    ) -> None:
        self._temporary = folder is None
        self._folder = folder.absolute() if folder else None
        self._ports: tuple[int, int] | None = None
        self._wanted_port = port
        self._heap_mb = heap_mb
        self._progress = progress
        self._child: Child | None = None

    @property
    def port(self) -> int:
        """Return the port for clients; chosen by the first `start`."""
        if self._ports is None:
            raise SetUpError("the broker has no port before it was started")
        return self._ports[0]

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
        runtime = java.find()
        library = jars.ensure(progress=self._progress)
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="moderation-kafka-"))
        try:
            self._launch(self._folder, runtime, f"{library}/*")
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

    def _launch(self, folder: Path, runtime: java.Java, library: str) -> None:
        if self._ports is None:
            wanted = self._wanted_port
            first, second = free_ports(2)
            self._ports = (first, second) if wanted is None else (wanted, first if first != wanted else second)
        if not is_free(self.port):
            raise SetUpError(f"port {self.port} is taken: name another one, or none")
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "server.properties"
        config.write_text(rendered(properties(*self._ports, folder / "data")), "utf-8")
        if not (folder / "data" / "meta.properties").is_file():
            _format(runtime, library, config, folder / "format.log")
        self._child = Child(
            [
                str(runtime.launcher),
                f"-Xms{min(128, self._heap_mb)}m",
                f"-Xmx{self._heap_mb}m",
                "-XX:+UseSerialGC",
                "-Djava.awt.headless=true",
                "-cp",
                library,
                "kafka.Kafka",
                str(config),
            ],
            folder / "broker.log",
        )
        self._child.await_answer("Kafka", self._answers, START_SECONDS)

    def _answers(self, seconds: float) -> bool:
        # A port first: librdkafka would wait and complain for each refused connection.
        if not listens(self.port):
            return False
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        try:
            return bool(client.list_topics(timeout=seconds).brokers)
        except KafkaException:
            return False

    def _clean(self) -> None:
        if self._temporary and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def properties(port: int, controller_port: int, data: Path) -> dict[str, str]:
    """Return the server.properties of a node that is broker and controller at once, on loopback, for one laptop.

    `port` is the clients', `controller_port` the quorum's; `data` holds the logs.
    """
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        # One node: everything internal has one replica, and few partitions start sooner.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "4",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # A killed broker is let in again when its session is over; the default of 9 s only makes fault tests wait.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        # Groups: no wait for a second member, sessions as short as a test wants them.
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # Compaction with little memory, and soon enough to be watched: the defaults are 128 MiB and 15 s.
        "log.cleaner.dedupe.buffer.size": str(16 * MEBIBYTE),
        "log.cleaner.io.buffer.size": str(MEBIBYTE // 2),
        "log.cleaner.backoff.ms": "1000",
        # Larger than any record that a worker accepts: refusing one is the worker's business, not the broker's.
        "message.max.bytes": str(4 * MEBIBYTE),
        "num.network.threads": "2",
        "num.io.threads": "4",
        "num.recovery.threads.per.data.dir": "2",
    }


def rendered(values: Mapping[str, str]) -> str:
    r"""Return the text of a Java properties file; `\` is escaped, keys need no escape here."""
    return "".join(f"{key}={value.replace(chr(92), chr(92) * 2)}\n" for key, value in values.items())


def _format(runtime: java.Java, library: str, config: Path, log: Path) -> None:
    """Write the identity of a new cluster into the data folder, as Kafka's own tool does."""
    cluster = base64.urlsafe_b64encode(b"\x01" + secrets.token_bytes(15)).decode().rstrip("=")
    tool = ["-cp", library, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config)]
    # The tool lives for less than a second: the costlier compiler would not pay.
    flags = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    try:
        with log.open("wb") as output:
            subprocess.run(  # noqa: S603 - the command is ours
                [runtime.launcher, *flags, *tool],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=FORMAT_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise SetUpError(f"Kafka's data folder cannot be prepared: {last_lines(log)}") from error
