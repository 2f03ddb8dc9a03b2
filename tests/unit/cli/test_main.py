"""The command as a whole: instant help, one line for each error, quiet ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streams import __version__
from streams.cli.main import COMMANDS
from tests.unit.cli.conftest import Ran, lines, message

Moderation = Callable[..., Ran]

HEAVY = ("faust", "mode", "aiokafka", "boto3", "confluent_kafka", "pydantic", "numpy", "PIL", "rich")
NOBODY = {"MODERATION_BOOTSTRAP": "127.0.0.1:9"}


@contextlib.contextmanager
def started(*arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    """Start the command as a process of its own, with a pipe for each stream; at the end it is gone."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-m", "streams", *arguments], stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(BrokenPipeError):
                assert stream is not None
                stream.close()


def test_importing_the_command_imports_nothing_heavy() -> None:
    code = f"import sys, streams.cli.main; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout == b"[]\n"


def test_help_names_every_command_without_importing_one(moderation: Moderation) -> None:
    ran = moderation("--help")
    assert ran.code == 0
    assert all(f"\n  {name} " in ran.out for name in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_its_own_help(moderation: Moderation, command: str) -> None:
    ran = moderation(command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: moderation {command}")
    assert "--help" in ran.out


def test_without_a_command_there_is_help_and_a_usage_error(moderation: Moderation) -> None:
    ran = moderation()
    assert ran.code == 2
    assert "Commands:" in ran.out


def test_the_version_is_that_of_the_package(moderation: Moderation) -> None:
    assert moderation("--version") == Ran(0, f"moderation {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nonsense",), 2, "No such command"),
        (("check", "--nonsense"), 2, "No such option"),
        (("send", "--topic", "elsewhere"), 2, "elsewhere"),
        (("watch", "--limit", "0"), 2, "--limit"),
    ],
)
def test_wrong_usage_is_one_line(moderation: Moderation, arguments: tuple[str, ...], code: int, said: str) -> None:
    ran = moderation(*arguments)
    assert ran.code == code
    assert said in ran.err
    assert ran.err.startswith("moderation: ")
    assert "--help" in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["check", "send", "watch"])
def test_a_wrong_setting_is_one_line_that_names_the_variable(moderation: Moderation, command: str) -> None:
    ran = moderation(command, env={"MODERATION_PARTITIONS": "many"})
    assert ran.code == 78
    assert "MODERATION_PARTITIONS" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_without_a_broker_there_is_one_line_that_says_what_to_do(moderation: Moderation) -> None:
    ran = moderation("watch", env=NOBODY)
    assert ran.code == 69
    assert "127.0.0.1:9" in ran.err
    assert "moderation broker" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_reader_that_goes_away_ends_the_command_quietly(policy: str) -> None:
    with started("check", "--policy", policy) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):  # it ended before it had read everything
            process.stdin.write(lines(*(message(f"m{n}") for n in range(5000))))
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


def test_ctrl_c_ends_the_command_quietly(policy: str) -> None:
    with started("check", "--policy", policy) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(lines(message("m1")))
        process.stdin.flush()
        assert b'"content_id":"m1"' in process.stdout.readline()  # a line comes out as soon as it went in
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read().strip() == b""


def test_help_comes_at_once() -> None:
    times = []
    for _ in range(3):  # the best of three: other tests run on the same processors
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "streams", "--help"], check=True, capture_output=True)
        times.append(time.monotonic() - began)
    assert min(times) < 1.0  # 0.1 s on a quiet machine


def test_one_missing_package_does_not_break_the_other_commands(tmp_path: Path, policy: str) -> None:
    (tmp_path / "confluent_kafka.py").write_text("raise ModuleNotFoundError('gone', name='confluent_kafka')", "utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def ended(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-m", "streams", *arguments]
        return subprocess.run(command, check=False, capture_output=True, env=environment, input=lines(message("m1")))

    lost, whole = ended("watch"), ended("check", "--policy", policy)
    assert lost.returncode == 78
    assert len(lost.stderr.splitlines()) == 1
    assert whole.returncode == 0
