"""A PostgreSQL server of its own on 127.0.0.1, from the packages of the system."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg

PORTS: Final = range(20_000, 32_000)  # below those that the system hands out itself
START: Final = 60  # seconds
USER: Final = "postgres"


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl of the newest version; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Postgres:
    """Runs a server. A context manager; `stop` and `start` within it keep the data.

    A durable one does as it does in production: what was committed is on the disk.
    """

    def __init__(self, programs: Path, *, durable: bool = False) -> None:
        self._programs = programs
        self._durable = durable
        self._folder = Path()
        # It refuses to run as root.
        self._user = USER if os.geteuid() == 0 else None
        self.port = 0

    def __enter__(self) -> Self:
        """Make the cluster and start."""
        self._folder = Path(tempfile.mkdtemp(prefix="moderation-postgres-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user, self._user)
        try:
            self._run(
                "initdb",
                "--username",
                USER,
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
                "--locale",
                "C.UTF-8",
                "--no-sync",
            )
            self.port = _free()
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and remove all of it."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop(crash=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start; return when it answers."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder}"
            " -c max_connections=200 -c shared_buffers=256MB -c max_wal_size=4GB"
        )
        if not self._durable:
            options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "--wait", "--timeout", str(START), "--log", log, "--options", options, "start")

    def stop(self, *, crash: bool = False) -> None:
        """End all connections and stop; with `crash` at once, and what is not durable may be gone."""
        self._run("pg_ctl", "--wait", "--mode", "immediate" if crash else "fast", "stop")

    def url(self, name: str = "postgres") -> str:
        """Return where one of its databases is."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        """Run a statement outside of any transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "--pgdata", str(self._folder / "data"), *arguments]
        # Files and not pipes: the server would keep a pipe open for as long as it runs.
        with tempfile.TemporaryFile() as output:
            ended = subprocess.run(
                command, user=self._user, cwd="/", stdout=output, stderr=output, timeout=2 * START, check=False
            )
            if ended.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}")


def _free() -> int:
    for port in PORTS[os.getpid() % 4000 :]:
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
