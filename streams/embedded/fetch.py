"""Two ways to bring Maven artifacts into a folder: a downloader in Python, and Maven where it is installed."""

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Protocol
from xml.sax.saxutils import escape

from streams.embedded.failure import SetUpError

THREADS: Final = 8
CHUNK: Final = 1 << 16
ATTEMPTS: Final = 3
TIMEOUT: Final = (10.0, 60.0)  # seconds until connected, seconds between two pieces of the answer
MAVEN_SECONDS: Final = 600.0
LOOK: Final = 0.2  # seconds between two looks at Maven


class Artifact(Protocol):
    """What is fetched: a Maven coordinate, the size that it must have, the name of its file."""

    @property
    def coordinate(self) -> str:
        """`group:artifact:version`."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def filename(self) -> str:
        """Name without a folder."""


def by_downloader(
    artifacts: tuple[Artifact, ...],
    folder: Path,
    progress: Callable[[int], None],
    *,
    repository: str | None = None,
    pause: float = 1.0,
) -> None:
    """Fetch the artifacts side by side; the proxies and certificates of the environment are honoured.

    `repository` is a URL; without it the downloader's own default, Maven's central one. What was refused is asked for
    again after `pause` seconds, then after twice as many.

    Raises SetUpError when the package is missing or an artifact cannot be fetched.
    """
    try:
        from maven_artifact.artifact import Artifact as Coordinate  # noqa: PLC0415 - an extra
        from maven_artifact.downloader import Downloader  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SetUpError("maven-artifact is not installed: pip install 'moderation-streams[embedded]'") from error

    downloader = Downloader(repository) if repository else Downloader()
    given_up = threading.Event()

    def fetch(artifact: Artifact) -> None:
        url = downloader.resolver.uri_for_artifact(Coordinate.parse(artifact.coordinate))
        for attempt in range(1, ATTEMPTS + 1):
            if given_up.is_set():
                return
            try:
                _stream(downloader.requestor, url, folder / artifact.filename, artifact.size, progress)
            except OSError as error:  # what requests raises is an OSError, too
                if (answer := getattr(error, "response", None)) is not None:
                    answer.close()  # its connection would stay open
                if attempt == ATTEMPTS:
                    given_up.set()
                    raise SetUpError(f"{artifact.coordinate}: {type(error).__name__}") from error
                given_up.wait(pause * attempt)
            else:
                return

    with ThreadPoolExecutor(THREADS) as pool:
        # The largest first: the slowest transfer then does not begin last.
        transfers = [pool.submit(fetch, each) for each in sorted(artifacts, key=lambda each: -each.size)]
        try:
            for transfer in transfers:
                transfer.result()
        finally:
            given_up.set()  # after a failure or Ctrl-C, what has not begun does not begin


def _stream(requestor: Any, url: str, path: Path, size: int, progress: Callable[[int], None]) -> None:
    """Write one answer to a file, never more than the size it must have."""
    came = 0
    with requestor.request(url, None, stream=True, timeout=TIMEOUT) as answer, path.open("wb") as file:
        for piece in answer.iter_content(CHUNK):
            came += len(piece)
            if came > size:
                break
            file.write(piece)
            progress(len(piece))


def by_maven(artifacts: tuple[Artifact, ...], folder: Path, progress: Callable[[int], None]) -> None:
    """Let Maven fetch the artifacts, with the mirrors and credentials of the user's own Maven settings.

    What `progress` raises ends Maven. Raises SetUpError when Maven is missing, fails, or takes longer than ten minutes.
    """
    maven = shutil.which("mvn")
    if maven is None:
        raise SetUpError("Maven is not installed")
    with tempfile.TemporaryDirectory() as work:
        pom = Path(work) / "pom.xml"
        pom.write_text(project(artifacts), "utf-8")
        command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        silent = subprocess.DEVNULL
        with subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent) as process:  # noqa: S603 - our words
            try:
                code = _ended(process, progress)
            finally:
                process.kill()
    if code:
        raise SetUpError(f"Maven failed with {code}")
    progress(sum(each.size for each in artifacts))


def _ended(process: "subprocess.Popen[bytes]", progress: Callable[[int], None]) -> int:
    """Return the exit code; `progress` is told of nothing meanwhile, so that whoever gives up can raise in it."""
    until = time.monotonic() + MAVEN_SECONDS
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(LOOK)
        progress(0)
    raise SetUpError(f"Maven took longer than {MAVEN_SECONDS:.0f} s")


def project(artifacts: tuple[Artifact, ...]) -> str:
    """Return a Maven project that depends on exactly these artifacts: nothing comes along with them."""
    exclusions = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>"
    dependencies = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version>{}</dependency>".format(
            *map(escape, each.coordinate.split(":")), exclusions
        )
        for each in artifacts
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>moderation</groupId><artifactId>broker</artifactId>"
        f"<version>1</version><packaging>pom</packaging><dependencies>{dependencies}</dependencies></project>"
    )
