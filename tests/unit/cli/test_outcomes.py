"""Outcomes as lines: what is asked for, what is shown of it."""

from pathlib import Path

import pytest

from streams.adapters.wire import Reader
from streams.cli.outcomes import heading, line, wanted
from streams.core.effect import Outcome


@pytest.fixture(scope="module")
def examples(root: Path) -> dict[str, Outcome]:
    """Return the examples of the schema by status."""
    read = Reader(Outcome, limit=65_536).read
    found = [read(path.read_bytes()) for path in (root / "schemas/examples/outcome.v1").glob("*.json")]
    return {one.status: one for one in found}


def test_what_is_done_says_where_the_object_lies(examples: dict[str, Outcome]) -> None:
    text = line(examples["done"]).plain
    assert "s3/quarantine_blocked" in text
    assert text.endswith("s3://ugc-quarantine/blocked/upload-731/0-5f2b0d1c9a7e4f38")


def test_what_waits_says_why(examples: dict[str, Outcome]) -> None:
    assert line(examples["waiting"]).plain.endswith("unreachable")


def test_columns_stand_under_their_headings(examples: dict[str, Outcome]) -> None:
    assert line(examples["done"]).plain.index("quarantine ") == heading().plain.index("work")


@pytest.mark.parametrize(
    ("content_id", "failed", "expected"),
    [(None, False, True), ("upload-731", False, True), ("upload-1", False, False), (None, True, False)],
)
def test_what_was_asked_for(
    examples: dict[str, Outcome], content_id: str | None, *, failed: bool, expected: bool
) -> None:
    assert wanted(examples["done"], content_id, failed=failed) is expected
