"""What tests of the command line share: a command line run in this process, and records."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from streams.cli.main import run

POLICY = r"""
id: chat
engines:
  blocklist:
    lists:
      - {name: insults, label: abuse, terms: [idiot, "piece of trash"], action: flag, why: insults}
      - {name: tried, label: spam, terms: [buy now], action: block, mode: shadow, why: on trial}
  pattern:
    patterns:
      - {name: phone, pattern: '\d{3}-\d{3}-\d{4}', label: pii, action: mask_flag}
"""


class Ran(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return the JSON lines on standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def moderation() -> Callable[..., Ran]:
    """Return a function that runs a command line: `moderation("check", "--scores", stdin=b"...")`."""

    def ran(*arguments: str, stdin: bytes = b"", env: dict[str, str | None] | None = None) -> Ran:
        with CliRunner().isolation(stdin, env) as (out, err, _):
            code = run(arguments)
            sys.stderr.flush()
            return Ran(code, out.getvalue().decode(), err.getvalue().decode())

    return ran


@pytest.fixture
def policy(tmp_path: Path) -> str:
    """Return the path of a small policy without media engines."""
    path = tmp_path / "chat.yaml"
    path.write_text(POLICY, "utf-8")
    return str(path)


def message(content_id: str, text: str = "hello", **more: Any) -> dict[str, Any]:
    """Return a message as its producer writes it."""
    return {
        "content_id": content_id,
        "kind": "message",
        "user": {"id": "u1"},
        "text": text,
        "created_at": "2026-01-31T12:00:00Z",
        **more,
    }


def upload(content_id: str, path: str, **more: Any) -> dict[str, Any]:
    """Return an upload whose picture lies in a file."""
    return {
        "content_id": content_id,
        "kind": "image",
        "user": {"id": "u1"},
        "location": {"path": path},
        "created_at": "2026-01-31T12:00:00Z",
        **more,
    }


def lines(*records: dict[str, Any] | bytes) -> bytes:
    """Return records as lines; bytes stand for themselves."""
    return b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)
