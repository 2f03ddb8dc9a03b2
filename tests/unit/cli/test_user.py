"""`moderation user`, as far as it goes without a broker."""

import pytest
from click.testing import CliRunner

from streams.cli.main import run
from streams.cli.user import user

NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize("what", ["restrict", "release", "trust", "distrust", "withdraw", "forget"])
def test_an_order_names_the_user_first(what: str) -> None:
    done = CliRunner().invoke(user, [what, "--help"])
    assert done.exit_code == 0
    assert f"{what} [OPTIONS] ID" in done.output


@pytest.mark.parametrize("period", ["7", "7y", "0d", "-1d", "4000d", "1.5h", ""])
def test_a_period_that_is_none_is_refused(period: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "restrict", "u", "--for", period]) == 2
    assert "is no period: write 30m, 12h or 7d" in capsys.readouterr().err


def test_a_user_is_erased_only_when_somebody_says_yes() -> None:
    done = CliRunner().invoke(user, ["forget", "u"], input="n\n")
    assert done.exit_code == 1
    assert "erase strikes, restrictions and history of u?" in done.output


def test_an_id_that_is_too_long_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["user", "trust", "u" * 257]) == 2
    assert "at most 256 characters" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["show", "u"], ["release", "u", "--by", "ada"], ["withdraw", "u", "m1"]])
def test_without_a_broker_it_ends_with_one_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODERATION_BOOTSTRAP", NOWHERE)
    assert run(["user", *arguments]) == 69
    assert capsys.readouterr().err.count("\n") == 1
