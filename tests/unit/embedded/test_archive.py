"""When Java's cache of Kafka's classes is made, and used."""

from pathlib import Path

import pytest

from streams.embedded.archive import with_archive
from streams.embedded.failure import SetUpError
from streams.embedded.java import Java
from streams.embedded.node import Program

PROGRAM = Program(Java(Path("/java"), 25, "build 1"), "/lib/*")


def make(program: Program, path: Path) -> None:
    path.write_text(program.java.banner)


def refuse(program: Program, path: Path) -> None:
    del program, path
    raise SetUpError("no room")


def never(program: Program, path: Path) -> None:
    pytest.fail(f"{program} needs no {path}")


def test_the_cache_is_made_once_and_used(tmp_path: Path) -> None:
    first = with_archive(PROGRAM, tmp_path, make)
    (path,) = tmp_path.glob("*.aot")
    assert first.flags == (f"-XX:AOTCache={path}",)
    assert with_archive(PROGRAM, tmp_path, never) == first


def test_another_java_has_a_cache_of_its_own(tmp_path: Path) -> None:
    other = Program(Java(Path("/java"), 25, "build 2"), "/lib/*")
    assert with_archive(PROGRAM, tmp_path, make).flags != with_archive(other, tmp_path, make).flags


def test_an_older_java_goes_without(tmp_path: Path) -> None:
    old = Program(Java(Path("/java"), 17, "build 1"), "/lib/*")
    assert with_archive(old, tmp_path, never) == old


def test_a_cache_that_cannot_be_made_costs_one_try_and_says_why(tmp_path: Path) -> None:
    assert with_archive(PROGRAM, tmp_path, refuse) == PROGRAM
    assert with_archive(PROGRAM, tmp_path, never) == PROGRAM
    assert [path.read_text() for path in tmp_path.glob("*.refused")] == ["no room\n"]
