"""`moderation worker`: what it sets up before it starts."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from streams.adapters.policies import PolicyErrors
from streams.cli.worker import THREADS, worker


@pytest.mark.parametrize(("given", "kept"), [(None, "1"), ("4", "4")])
def test_numerical_libraries_have_one_thread_unless_somebody_says_otherwise(
    given: str | None, kept: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODERATION_POLICY", str(tmp_path / "none.yaml"))
    for name in THREADS:
        monkeypatch.setenv(name, given or "")
        if given is None:
            monkeypatch.delenv(name)

    ended = CliRunner().invoke(worker, ["--role", "screen"])

    assert isinstance(ended.exception, PolicyErrors)  # after the threads are set, before anything starts
    assert {os.environ[name] for name in THREADS} == {kept}
