"""Errors become one line and an exit code."""

import click
import pytest

from streams.adapters.log import LogError
from streams.cli.failure import explained
from streams.embedded.failure import SetUpError


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (ModuleNotFoundError("No module named 'PIL'", name="PIL"), "pip install 'moderation-streams[media]'", 78),
        (ModuleNotFoundError("x", name="moto.server"), "pip install 'moderation-streams[embedded]'", 78),
        (FileNotFoundError(2, "No such file or directory", "a.jsonl"), "a.jsonl: No such file or directory", 74),
        (click.ClickException("two\n lines"), "two; lines", 1),
        (LogError("no broker: start one", 69), "no broker: start one", 69),
        (SetUpError("no Java: install one"), "no Java: install one", 78),
    ],
)
def test_an_expected_error_says_what_to_do(error: Exception, line: str, code: int) -> None:
    text, ends_with = explained(error)
    assert line in text
    assert "\n" not in text
    assert ends_with == code


def test_an_unexpected_error_tells_its_place_and_never_its_text() -> None:
    try:
        raise KeyError("the content of somebody's message")  # noqa: TRY301
    except KeyError as error:
        text, code = explained(error)
    assert text.startswith("unexpected KeyError at test_failure.py:")
    assert "content" not in text
    assert code == 70
