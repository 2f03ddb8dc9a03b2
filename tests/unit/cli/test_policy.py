import json
from pathlib import Path

import pytest

from streams.cli.main import run

GOOD = """
id: chat
engines:
  blocklist:
    lists:
      - {name: insults, terms: [idiot], action: block, why: insults}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a policy file that holds."""
    written = tmp_path / "chat.yaml"
    written.write_text(GOOD, "utf-8")
    return written


def test_a_policy_that_holds_is_one_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["policy", "check", str(file)])
    (line,) = capsys.readouterr().out.splitlines()

    assert code == 0
    assert line.startswith("ok  chat ")
    assert line.endswith("  1 engines, 1 rules")


def test_each_error_is_a_line_and_the_exit_code_says_so(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = file.with_name("wrong.yaml")
    wrong.write_text("id: A\nengines: {nothing: {}}\n", "utf-8")
    code = run(["policy", "check", str(file), str(wrong)])
    lines = capsys.readouterr().out.splitlines()

    assert code == 1
    assert [line.split(":")[0] for line in lines[1:]] == ["error  wrong.yaml", "error  wrong.yaml"]


def test_machines_get_an_object_for_each_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "check", "--json", str(file), str(file.with_name("none.yaml"))]) == 1
    good, bad = json.loads(capsys.readouterr().out)

    assert (good["ok"], good["id"], good["engines"], good["rules"]) == (True, "chat", 1, 1)
    assert bad["errors"] == ["none.yaml: is not there, or no file"]


def test_a_rule_that_matches_much_of_harmless_text_is_called_over_broad(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(GOOD.replace("[idiot]", "[e], match: substring"), "utf-8")
    sample = tmp_path / "sample.txt"
    sample.write_text("one\ntwo\nthree\nsix\n", "utf-8")
    code = run(["policy", "check", "--sample", str(sample), str(file)])
    lines = capsys.readouterr().out.splitlines()

    assert code == 0
    assert lines[1] == "warning  chat.yaml: engines.blocklist: insults: matches 50% of 4 harmless texts: narrow it"
