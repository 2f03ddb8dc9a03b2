"""The review service of a stream, as a process, and a moderator who asks its API whatever happens to it."""

import subprocess
import time
import uuid
from collections.abc import Iterator
from math import inf
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Any, Final, Self

import httpx

from streams.core.rights import Grant
from streams.store import accounts, sessions, tokens
from streams.store.database import Database
from streams.store.migrate import migrated
from tests.system.processes import ROOT, python
from tests.system.stream import Stream

ANSWER: Final = 15.0  # seconds; a locked database takes ten
POLL: Final = 0.01
PAUSE: Final = 0.05  # seconds before another try of what had no answer
PATIENCE: Final = 60.0
PAGE: Final = 200
DONE, CHANGED, BUSY = 200, 409, 503


def settings(folder: Path, **more: Any) -> dict[str, Any]:
    """Return the settings of a service whose files lie in a folder, its store on SQLite unless it is told otherwise."""
    return {
        "review_database": f"sqlite:///{folder}/review.db",
        "review_audit_key": folder / "audit.key",
        "review_checkpoints": str(folder / "audit.jsonl"),
        "review_checkpoint_seconds": 1,
        "review_lease": 2,
        **more,
    }


class Reviewing:
    """A service that is started, and a token for everything. A context manager; the stream ends the process."""

    def __init__(self, stream: Stream) -> None:
        """Make the tables, an account and its token, and start."""
        self.stream = stream
        self.database = Database(stream.settings.review_database.get_secret_value())
        migrated(self.database)
        now = int(time.time() * 1000)
        with self.database.writing() as connection:
            accounts.made(connection, "ada", (Grant("admin"),), now)
            _, secret = tokens.made(connection, "ada", "test", None, now)
        self.worker = stream.command("review", "serve")
        self._token = secret
        self._client = httpx.Client(
            base_url=self.worker.address, headers={"Authorization": f"Bearer {secret}"}, timeout=ANSWER, trust_env=False
        )

    def __enter__(self) -> Self:
        """Wait until it is ready."""
        self.worker.await_ready()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Close what the test opened."""
        self._client.close()
        self.database.close()

    def session(self) -> str:
        """Return a cookie of a browser that is signed in."""
        with self.database.writing() as connection:
            return sessions.opened(connection, "ada", int(PATIENCE * 60_000), int(time.time() * 1000))

    def asked(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return an answer; while there is none, or the service is busy, ask the same again."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = self._client.request(method, path, **more)
            except httpx.TransportError:
                assert time.monotonic() < deadline, f"{path}: no answer"
            else:
                if answer.status_code != BUSY:
                    return answer
                assert time.monotonic() < deadline, f"{path}: {answer.text}"
            time.sleep(PAUSE)

    def rows(self, **wanted: Any) -> Iterator[dict[str, Any]]:
        """Yield the items of a queue."""
        cursor: str | None = None
        while True:
            asked = wanted | {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
            page = self.asked("GET", "/api/items", params=asked).raise_for_status().json()
            yield from page["rows"]
            cursor = page["next"]
            if cursor is None:
                return

    def row(self, content_id: str, seconds: float = PATIENCE) -> dict[str, Any]:
        """Return the row of a content as soon as it is there."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.asked("GET", "/api/items", params={"content": content_id, "status": "all"})
            for row in answer.raise_for_status().json()["rows"]:
                found: dict[str, Any] = row
                return found
            assert time.monotonic() < deadline, f"{content_id} is no item"
            time.sleep(POLL)

    def item(self, number: int) -> dict[str, Any]:
        """Return an item whole."""
        found: dict[str, Any] = self.asked("GET", f"/api/items/{number}").raise_for_status().json()
        return found

    def approved(self, row: dict[str, Any]) -> str | None:
        """Approve an item as a row shows it, and return the ruling's id; None where it has changed since."""
        name = str(uuid.uuid4())
        headers = {"If-Match": f'"{row["version"]}"', "Idempotency-Key": name}
        answer = self.asked("POST", f"/api/items/{row['id']}/approve", json={}, headers=headers)
        if answer.status_code == CHANGED:
            return None
        assert answer.status_code == DONE, answer.text
        assert answer.json()["ruling_id"] == name
        return name

    def approve_all(self, prefix: str, stop: Event) -> list[str]:
        """Approve open contents whose ids begin so until `stop` is set and none is left; return the ids of rulings."""
        done: list[str] = []
        deadline = inf
        while True:
            if last := stop.is_set():
                deadline = min(deadline, time.monotonic() + 2 * PATIENCE)
            assert time.monotonic() < deadline, "there are open items left"
            rows = [row for row in self.rows() if row["content_id"].startswith(prefix)]
            done += [name for row in rows if (name := self.approved(row)) is not None]
            if last and not rows:
                return done

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the product's command line beside the service."""
        return subprocess.run(
            python("-m", "streams", *arguments),
            env=self.stream.environment
            | {"MODERATION_REVIEW_URL": self.worker.address, "MODERATION_REVIEW_TOKEN": self._token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
