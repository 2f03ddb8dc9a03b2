"""One Kafka node: its properties, its data folder, its process."""

import base64
import secrets
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.embedded.failure import SetUpError
from streams.embedded.java import Java
from streams.embedded.processes import LOOPBACK, Child, last_lines, listens

START_SECONDS: Final = 90.0  # three on a quiet machine
FORMAT_SECONDS: Final = 60.0
MEBIBYTE: Final = 1 << 20
QUIET_UNSAFE: Final = 23  # the first Java that knows, and needs, the flag against warnings about Kafka's use of Unsafe


@dataclass(frozen=True)
class Program:
    """What runs Kafka: a Java, the class path, and flags for every Java process, the short-lived ones too."""

    java: Java
    library: str
    flags: tuple[str, ...] = ()

    def command(self, *flags: str, main: Sequence[str]) -> list[str]:
        """Return the command line that runs the class `main[0]` with the arguments behind it."""
        quiet = ("--sun-misc-unsafe-memory-access=allow",) if self.java.release >= QUIET_UNSAFE else ()
        always = ("-XX:+UseSerialGC", "-Djava.awt.headless=true", *quiet, *self.flags)
        return [str(self.java.launcher), *always, *flags, "-cp", self.library, *main]


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
        # Few threads: where two cores carry broker and workers, handing a request from thread to thread costs more
        # than it saves (benchmarks/README.md).
        "num.network.threads": "1",
        "num.io.threads": "2",
        "num.recovery.threads.per.data.dir": "2",
    }


def rendered(values: Mapping[str, str]) -> str:
    r"""Return the text of a Java properties file; `\` is escaped, keys need no escape here."""
    return "".join(f"{key}={value.replace(chr(92), chr(92) * 2)}\n" for key, value in values.items())


def launch(program: Program, folder: Path, ports: tuple[int, int], heap_mb: int) -> Child:
    """Start a node on the folder, which is prepared when it is new, and return when it answers an admin request.

    `ports` are the clients' and the quorum's. Raises SetUpError with the last words of Kafka when it does not come up,
    or when the folder cannot be written.
    """
    config = folder / "server.properties"
    heap = (f"-Xms{min(128, heap_mb)}m", f"-Xmx{heap_mb}m")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        config.write_text(rendered(properties(*ports, folder / "data")), "utf-8")
        if not (folder / "data" / "meta.properties").is_file():
            _format(program, config, folder / "format.log")
        child = Child(program.command(*heap, main=["kafka.Kafka", str(config)]), folder / "broker.log")
    except OSError as error:
        raise SetUpError(f"Kafka cannot write into {folder}: {error.strerror}") from error
    child.await_answer("Kafka", lambda seconds: _answers(ports[0], seconds), START_SECONDS)
    return child


def _format(program: Program, config: Path, log: Path) -> None:
    """Write the identity of a new cluster into the data folder, as Kafka's own tool does."""
    cluster = base64.urlsafe_b64encode(b"\x01" + secrets.token_bytes(15)).decode().rstrip("=")
    tool = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(config)]
    # The tool lives for less than a second: the costlier compiler would not pay.
    command = program.command("-XX:TieredStopAtLevel=1", main=tool)
    try:
        with log.open("wb") as output:
            subprocess.run(  # noqa: S603 - the command is ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=FORMAT_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise SetUpError(f"Kafka's data folder cannot be prepared: {last_lines(log)}") from error


def _answers(port: int, seconds: float) -> bool:
    # A port first: librdkafka would wait and complain for each refused connection.
    if not listens(port):
        return False
    client = AdminClient({"bootstrap.servers": f"{LOOPBACK}:{port}", "log_level": 0})
    try:
        return bool(client.list_topics(timeout=seconds).brokers)
    except KafkaException:
        return False
