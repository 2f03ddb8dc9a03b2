"""The two ways to bring jars."""

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from streams.embedded import fetch
from streams.embedded.failure import SetUpError
from streams.embedded.jars import Jar

HELLO = Jar("org.example:hello:1.0", 5, "0" * 64)


class Repository(http.server.BaseHTTPRequestHandler):
    """Serves one artifact of five bytes, at the third request for it; nothing else."""

    def do_GET(self) -> None:
        """Answer."""
        refusals: list[str] = self.server.refusals  # type: ignore[attr-defined]
        if self.path != "/org/example/hello/1.0/hello-1.0.jar":
            self.send_error(404)
        elif len(refusals) < 2:
            refusals.append(self.path)
            self.send_error(503)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello and far more than it should be")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Be silent."""


@pytest.fixture
def repository() -> Iterator[str]:
    """Yield the URL of a small Maven repository."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    server.refusals = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_a_refused_download_is_tried_again_and_never_exceeds_its_size(repository: str, tmp_path: Path) -> None:
    fetch.by_downloader((HELLO,), tmp_path, lambda _: None, repository=repository, pause=0.01)
    assert (tmp_path / HELLO.filename).stat().st_size <= HELLO.size


def test_an_artifact_that_nobody_has_is_named(repository: str, tmp_path: Path) -> None:
    other = Jar("org.example:other:1.0", 5, "0" * 64)
    with pytest.raises(SetUpError, match=r"^org\.example:other:1\.0: HTTPError$"):
        fetch.by_downloader((other,), tmp_path, lambda _: None, repository=repository, pause=0.01)


def test_maven_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetUpError, match="Maven is not installed"):
        fetch.by_maven((HELLO,), tmp_path, lambda _: None)


def test_maven_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\nexit 3\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SetUpError, match="Maven failed with 3"):
        fetch.by_maven((HELLO,), tmp_path, lambda _: None)


def test_maven_ends_when_whoever_waits_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    maven, pid = tmp_path / "mvn", tmp_path / "pid"
    maven.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 600\n")
    maven.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def give_up(_: int) -> None:
        if pid.exists() and pid.read_text():
            raise SetUpError("stopped")

    with pytest.raises(SetUpError, match="stopped"):
        fetch.by_maven((HELLO,), tmp_path, give_up)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_the_maven_project_asks_for_these_artifacts_and_nothing_behind_them() -> None:
    project = ET.fromstring(fetch.project((HELLO, Jar("a.b:c_2.13:2", 1, "0" * 64))))  # noqa: S314 - our own text
    found = project.findall("dependencies/dependency")
    assert [[part.text for part in each[:3]] for each in found] == [
        ["org.example", "hello", "1.0"],
        ["a.b", "c_2.13", "2"],
    ]
    assert all(each.findtext("exclusions/exclusion/artifactId") == "*" for each in found)
