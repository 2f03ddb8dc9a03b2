"""A whole stream for one test: topics of its own, workers as processes, a watch, and the checker's word at the end."""

import json
import subprocess
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from streams.adapters.topics import Topics
from streams.embedded import aws as embedded_aws
from streams.settings import Settings
from tests.system.anomaly import Record
from tests.system.checker import Log
from tests.system.load import Feed, Plan, Sender, Sent, send
from tests.system.processes import ROOT, Worker, environment, python
from tests.system.watch import Watch
from tests.waiting import is_gone

HERE: Final = Path(__file__).resolve().parent
SETTLE: Final = 15.0  # seconds in which everything that was decided must also be applied
CHECK: Final = 300.0


class Stream:
    """A stream under a prefix of its own. A context manager: at the end no process of it is left."""

    def __init__(self, bootstrap: str, folder: Path, *, aws: str | None = None, **settings: Any) -> None:
        """Make the topics. `folder` takes the logs, `aws` is the S3 server's URL, `settings` are ours to change."""
        self.bootstrap = bootstrap
        self.prefix = f"t{uuid.uuid4().hex[:10]}-"
        self.workers: list[Worker] = []
        self._folder = folder
        chosen = {
            "bootstrap": bootstrap,
            "topic_prefix": self.prefix,
            "policy": HERE / "policy.yaml",
            "session_timeout": 3.0,
            **({"s3_endpoint": aws} if aws else {}),
            **settings,
        }
        self.environment = {**environment(**chosen), **embedded_aws.environment()}
        self.settings = Settings(**chosen)
        Topics(self.settings).apply()
        self._stack = ExitStack()
        self._sender = Sender(bootstrap, self.prefix)
        self.watch = Watch(bootstrap, self.prefix)

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._stack.enter_context(self.watch)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill what still runs, and prove that nothing is left."""
        pids = [worker.pid for worker in self.workers]
        for worker in self.workers:
            worker.close()
        self._stack.close()
        assert all(is_gone(pid) for pid in pids)

    def start(self, *roles: str) -> list[Worker]:
        """Start a worker with the nonce judge for each role, side by side, and return them when all are ready."""
        started = [self.launch(role) for role in roles]
        for worker in started:
            worker.await_ready()
        return started

    def launch(self, role: str) -> Worker:
        """Start a worker with the nonce judge; it is not waited for."""
        return self._launched(role, python(str(HERE / "nonce_worker.py"), role))

    def worker(self, role: str) -> Worker:
        """Return the newest worker of a role."""
        return next(worker for worker in reversed(self.workers) if worker.name == role)

    def command(self, *arguments: str) -> Worker:
        """Start the product's own command; it is not waited for."""
        return self._launched("command", python("-m", "streams", *arguments))

    def _launched(self, name: str, command: tuple[str, ...]) -> Worker:
        log = self._folder / f"{self.prefix}{name}-{len(self.workers)}.log"
        worker = Worker(name, command, self.environment, log)
        self.workers.append(worker)
        return worker

    def feed(self, plan: Plan, rate: float | None = None) -> "Feeding":
        """Begin to send a plan; the result's `done` waits for its end."""
        return Feeding(self, Feed(plan), rate)

    def send(self, records: Iterable[Sent]) -> int:
        """Append records and return how many."""
        return send(self._sender, records)

    def drained(self, *feeds: Feed, seconds: float = 60.0) -> None:
        """Return when everything that feeds asked for has come out; raise TimeoutError."""
        contents, letters = (sum(feed.asked[what] for feed in feeds) for what in ("contents", "dead letters"))
        self.watch.wait(seconds, decisions=contents, dead_letters=letters)

    def decision(self, content_id: str) -> dict[str, Any]:
        """Return the first decision on a content; raise LookupError without one."""
        with Log(self.bootstrap, self.prefix) as log:
            for record in log.read("actions"):
                if record.key == content_id.encode():
                    found: dict[str, Any] = json.loads(record.value or b"")
                    return found
        raise LookupError(content_id)

    def decided(self, *content_ids: str, seconds: float = 60.0) -> list[dict[str, Any]]:
        """Wait for decisions and return the first one on each content; raise TimeoutError."""
        for content_id in content_ids:
            self.watch.wait_for_id(content_id, seconds)
        found: dict[bytes | None, dict[str, Any]] = {}
        with Log(self.bootstrap, self.prefix) as log:
            for record in log.read("actions"):
                found.setdefault(record.key, json.loads(record.value or b""))
        return [found[content_id.encode()] for content_id in content_ids]

    def records(self, topic: str) -> list[tuple[str, dict[str, Any] | None]]:
        """Return the committed records of a topic, each with its key."""
        with Log(self.bootstrap, self.prefix) as log:
            return [
                ((each.key or b"").decode(), json.loads(each.value) if each.value else None) for each in log.read(topic)
            ]

    def dead_letters(self, topic: str) -> list[Record]:
        """Return the dead letters of a source topic."""
        with Log(self.bootstrap, self.prefix) as log:
            return list(log.read(f"{topic}-dlq"))

    def checked(self) -> dict[str, Any]:
        """Return the verdict of the checker, in a process of its own, once the last transactions are through."""
        command = python(str(HERE / "checker.py"), "--json", "--bootstrap", self.bootstrap, "--prefix", self.prefix)
        deadline = time.monotonic() + SETTLE
        while True:
            answer = subprocess.run(command, capture_output=True, text=True, timeout=CHECK, check=False, cwd=ROOT)
            assert answer.stdout, answer.stderr
            verdict: dict[str, Any] = json.loads(answer.stdout)
            # What comes out of no topic, such as a repeated input, cannot be waited for in any other way.
            if verdict["sound"] or time.monotonic() > deadline:
                return verdict
            time.sleep(0.5)


class Feeding:
    """A plan being sent by a thread of its own."""

    def __init__(self, stream: Stream, feed: Feed, rate: float | None) -> None:
        self.feed = feed
        self._stream, self._rate = stream, rate
        self._error: Exception | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeding")
        self._thread.start()

    def _run(self) -> None:
        try:
            send(Sender(self._stream.bootstrap, self._stream.prefix), self._wanted(), self._rate)
        except Exception as error:  # noqa: BLE001  raised where somebody waits
            self._error = error

    def _wanted(self) -> Iterator[Sent]:
        for record in self.feed:
            yield record
            if self._stopping.is_set():
                return

    def stop(self) -> Feed:
        """Send no more; wait until all is acknowledged and return what was asked for."""
        self._stopping.set()
        return self.done()

    def done(self, seconds: float = 300.0) -> Feed:
        """Wait until all is acknowledged and return what was asked for; raise what went wrong."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "the load is still being sent"
        if self._error is not None:
            raise self._error
        return self.feed
