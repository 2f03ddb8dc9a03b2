"""A lock between processes."""

from pathlib import Path

import pytest

from streams.embedded.failure import SetUpError
from streams.embedded.locks import held


def test_a_lock_that_somebody_holds_is_given_up_after_the_time(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        held(lock, 1),
        pytest.raises(SetUpError, match=r"another process has held .*lock for 0 s: end it"),
        held(lock, 0),
    ):
        pytest.fail("two hold one lock")


def test_a_lock_that_was_let_go_can_be_had(tmp_path: Path) -> None:
    for _ in range(2):
        with held(tmp_path / "lock", 0):
            assert (tmp_path / "lock").exists()
