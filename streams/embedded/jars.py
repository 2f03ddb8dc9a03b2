"""The jars of Apache Kafka: listed in `jars.txt`, fetched once, checked at every start, kept in a cache folder."""

import hashlib
import importlib.resources
import os
import shutil
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.embedded import fetch, locks
from streams.embedded.failure import SetUpError

KAFKA: Final = "4.1.1"
THREADS: Final = 8
LOCK_SECONDS: Final = 600.0  # longer than the slowest download of another process that is worth waiting for
HASH_LENGTH: Final = 64

Progress = Callable[[int], None]  # called with the bytes that have arrived since the last call, from any thread
Fetch = Callable[[tuple["Jar", ...], Path, Progress], None]  # brings jars into a folder, under their file names


@dataclass(frozen=True)
class Jar:
    """One jar: Maven coordinate `group:artifact:version`, size in bytes, SHA-256 in lower-case hex."""

    coordinate: str
    size: int
    sha256: str

    @property
    def filename(self) -> str:
        """Return the name under which the jar is kept."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def intact(self, path: Path) -> bool:
        """Tell whether the file at `path` is this jar, byte by byte."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


def parse(text: str) -> tuple[Jar, ...]:
    """Read lines of `coordinate size sha256`; `#` begins a comment line. Raise ValueError naming a bad line."""
    jars = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match line.split():
            case [coordinate, size, sha256] if (
                coordinate.count(":") == 2  # noqa: PLR2004 - group:artifact:version
                and size.isdecimal()
                and len(sha256) == HASH_LENGTH
            ):
                jars.append(Jar(coordinate, int(size), sha256.lower()))
            case _:
                raise ValueError(f"jars.txt line {number}: expected 'group:artifact:version size sha256'")
    return tuple(jars)


def listed() -> tuple[Jar, ...]:
    """Return the jars that this version of the program runs."""
    return parse(importlib.resources.files("streams.embedded").joinpath("jars.txt").read_text("utf-8"))


def cache_folder() -> Path:
    """Return where the jars are kept: below `$XDG_CACHE_HOME`, else `~/.cache`."""
    home = os.environ.get("XDG_CACHE_HOME") or ""
    parent = Path(home) if Path(home).is_absolute() else Path.home() / ".cache"
    return parent / "moderation-streams" / f"kafka-{KAFKA}"


def ensure(
    folder: Path | None = None,
    jars: Iterable[Jar] | None = None,
    *,
    progress: Progress | None = None,
    ways: Iterable[Fetch] = (fetch.by_downloader, fetch.by_maven),
) -> Path:
    """Return the folder with every jar in it, whole; what is missing or damaged is fetched by the first way that works.

    `progress` is told of bytes as they come. Safe to call from several processes at once.
    Raises SetUpError when no way brings the jars.
    """
    folder = folder or cache_folder()
    wanted = tuple(listed() if jars is None else jars)
    if not missing(folder, wanted):
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locks.held(folder / ".lock", LOCK_SECONDS):
            _bring(folder, wanted, progress or _ignore, ways)
    except OSError as error:
        raise SetUpError(f"cannot write Kafka's jars to {folder} ({error.strerror}): set XDG_CACHE_HOME") from error
    return folder


def missing(folder: Path, wanted: tuple[Jar, ...]) -> tuple[Jar, ...]:
    """Return the jars that are absent from the folder, or not what the list says."""
    with ThreadPoolExecutor(THREADS) as pool:
        whole = pool.map(lambda jar: jar.intact(folder / jar.filename), wanted)
        return tuple(jar for jar, intact in zip(wanted, whole, strict=True) if not intact)


def _bring(folder: Path, wanted: tuple[Jar, ...], progress: Progress, ways: Iterable[Fetch]) -> None:
    """Fetch into a temporary folder, check, rename: a reader never sees half a jar."""
    reasons = []
    for way in ways:
        absent = missing(folder, wanted)
        if not absent:
            return
        landing = folder / ".landing"  # ours alone while we hold the lock
        shutil.rmtree(landing, ignore_errors=True)  # of a process that was killed
        landing.mkdir()
        try:
            way(absent, landing, progress)
            _move(absent, landing, folder)
        except SetUpError as error:
            reasons.append(str(error))
        finally:
            shutil.rmtree(landing)
    if absent := missing(folder, wanted):
        raise SetUpError(
            f"{len(absent)} of Kafka's {len(wanted)} jars cannot be fetched ({'; '.join(reasons)}): "
            f"check the network and its proxy, or install Maven"
        )


def _move(fetched: tuple[Jar, ...], landing: Path, folder: Path) -> None:
    for jar in fetched:
        if not jar.intact(landing / jar.filename):
            raise SetUpError(f"{jar.coordinate} does not have the size and SHA-256 of jars.txt")
        (landing / jar.filename).replace(folder / jar.filename)


def _ignore(_: int) -> None:
    """Tell nobody."""
