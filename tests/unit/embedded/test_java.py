"""Which Java runs Kafka."""

from pathlib import Path

import pytest

from streams.embedded import java
from streams.embedded.failure import SetUpError


def launcher(folder: Path, banner: str) -> Path:
    """Write a program that answers `-version` as a Java of that version does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "java"
    path.write_text(f"#!/bin/sh\necho '{banner}' >&2\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("banner", "release"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "21.0.1" 2023-10-17 LTS', 21),
        ('java version "1.8.0_391"', 8),
        ("command not found", 0),
        ("", 0),
    ],
)
def test_the_release_is_read_from_the_banner(banner: str, release: int) -> None:
    assert java.release_of(banner) == release


def test_the_first_java_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    old = launcher(tmp_path / "old", 'openjdk version "11.0.2" 2019-01-15')
    new = launcher(tmp_path / "new", 'openjdk version "21.0.1" 2023-10-17')
    assert java.find([tmp_path / "absent", old, new]) == java.Java(new, 21, 'openjdk version "21.0.1" 2023-10-17\n')


def test_without_a_new_enough_java_one_line_says_what_to_do(tmp_path: Path) -> None:
    old = launcher(tmp_path, 'openjdk version "11.0.2" 2019-01-15')
    with pytest.raises(SetUpError) as caught:
        java.find([old, tmp_path / "absent"])
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"Kafka needs Java 17 or newer ({old} is Java 11; {tmp_path / 'absent'} does not run)")
    assert text.endswith("pip install 'moderation-streams[embedded]', or set JAVA_HOME")


def test_java_home_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home = launcher(tmp_path / "home" / "bin", "x")
    on_path = launcher(tmp_path / "path", "x")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert list(java.launchers())[-2:] == [at_home, on_path]
