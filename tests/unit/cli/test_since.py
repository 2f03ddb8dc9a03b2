from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from streams.cli.since import Duration, Moment, moment

NOW = 1_767_268_800_000


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("7d", NOW - 7 * 86_400_000),
        ("90m", NOW - 90 * 60_000),
        ("0ms", NOW),
        ("2026-01-01", 1_767_225_600_000),
        ("2026-01-01T13:00:00+01:00", NOW),
        ("2026-01-01T12:00:00Z", NOW),
    ],
)
def test_a_moment_is_before_now_or_a_date_in_utc(written: str, expected: int) -> None:
    assert moment(Moment().convert(written, None, None), NOW) == expected


@pytest.mark.parametrize("written", ["", "7", "week", "7w", "2026-13-01", "-7d"])
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(click.BadParameter, match="is no moment"):
        Moment().convert(written, None, None)


def test_a_duration_has_a_unit() -> None:
    assert Duration().convert("5m", None, None) == 300_000
    with pytest.raises(click.BadParameter, match="is no duration"):
        Duration().convert("5", None, None)


def test_the_end_must_lie_behind_the_beginning(tmp_path: Path) -> None:
    from streams.cli.backtest import backtest

    file = tmp_path / "policy.yaml"
    file.write_text("")
    result = CliRunner().invoke(backtest, ["--policy", str(file), "--since", "1h", "--until", "2h"])
    assert result.exit_code == 2
    assert "--since must lie before --until" in result.output
