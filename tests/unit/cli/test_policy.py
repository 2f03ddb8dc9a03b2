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


def test_a_policy_that_blocks_everything_is_told_with_its_share(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(
        GOOD + "rules:\n  - {name: everybody, when: 'content.length > 0', action: block, why: no}\n", "utf-8"
    )
    sample = tmp_path / "sample.txt"
    sample.write_text("one\ntwo\nthree\nsix\n", "utf-8")
    code = run(["policy", "check", "--sample", str(sample), str(file)])
    lines = capsys.readouterr().out.splitlines()

    assert code == 0
    assert lines[1:] == [
        "warning  chat.yaml: rules: everybody: holds of 100% of 4 harmless texts: narrow it",
        "warning  chat.yaml: holds back 100% of 4 harmless texts: hardly anybody could write, see which rules do it",
    ]


def test_a_condition_that_cannot_be_said_of_harmless_text_is_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(GOOD + "rules: [{name: half, when: '1 / (content.length - content.length) > 0'}]\n", "utf-8")
    assert run(["policy", "check", str(file)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("warning  chat.yaml: rules: half: when: cannot be said of 100% of 60 harmless texts")


WRONG = {
    "an unknown key": ("rulez: []", "rulez: unknown key: did you mean rules?"),
    "a key of a rule": (
        "rules: [{name: one, when: 'true', wy: no}]",
        "rules[0] one: wy: unknown key: did you mean why?",
    ),
    "an unknown label of a condition": (
        "rules: [{name: one, when: 'labels.scma.severity > low'}]",
        "rules[0] one: when: column 1: scma: unknown label: one of abuse, ",
    ),
    "an unknown label of an exemption": (
        "exempt: [{role: admin, except_labels: [child_safty]}]",
        "exempt[0]: except_labels: child_safty: unknown label: one of abuse, ",
    ),
    "a condition of another type": ("rules: [{name: one, when: 'text > 3'}]", "rules[0] one: when: column "),
    "a condition that is none": ("rules: [{name: one, when: 'text.size('}]", "rules[0] one: when: column "),
    "a field that is not there": (
        "rules: [{name: one, when: 'user.karma > 3'}]",
        "rules[0] one: when: column 1: user.karma: unknown field: one of id, role, ",
    ),
    "a field that may be missing": (
        "rules: [{name: one, when: 'user.age_days < 7.0'}]",
        "rules[0] one: when: column 1: user.age_days: may be null and has no order then: guard it, as in has(",
    ),
    "a condition that costs too much": (
        "rules: [{name: one, when: 'context.exists(a, context.exists(b, context.exists(c, a.text == c.text)))'}]",
        "rules[0] one: when: column ",
    ),
    "two rules of one name": (
        "rules: [{name: one, when: 'true'}, {name: one, when: 'false'}]",
        "rules: one: name: occurs 2 times: names are unique among the rules",
    ),
    "a rule that blocks without a reason": (
        "rules: [{name: one, when: 'true', action: remove}]",
        "rules[0] one: why: is missing: block takes content away, say for what reason",
    ),
    "a rule that masks": ("rules: [{name: one, when: 'true', action: mask}]", "rules[0] one: action: mask hides what "),
    "an exemption of everybody": ("exempt: [{labels: [scam]}]", "exempt[0]: exempts everybody: say whom by role, "),
    "an author who is never told": ("notices: {fr: {scam: Fraude.}}", "notices.fr: default: is missing: "),
    "the failure of rules that are not there": (
        "failure: {rules: open}",
        "failure.rules: is no engine of this policy: ",
    ),
}


@pytest.mark.parametrize(("more", "error"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_place(
    more: str, error: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(f"{GOOD}{more}\n", "utf-8")
    code = run(["policy", "check", str(file)])
    (line,) = capsys.readouterr().out.splitlines()

    assert code == 1
    assert line.startswith(f"error  chat.yaml: {error}")


def test_everything_that_is_wrong_is_told_in_one_go(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(
        "id: chat\nengines:\n  blocklist: {lists: [{name: a, terms: [b], action: block}]}\n"
        "  pattern: {patterns: [{name: back, pattern: '(a)\\1', label: spam}]}\n"
        "rules: [{name: one, when: 'labels.my_own.severity > low || nothing'}]\n"
        "exempt: [{role: a, labels: [my_own]}]\n",
        "utf-8",
    )
    assert run(["policy", "check", str(file)]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("error  chat.yaml: engines.pattern.patterns[0] back: ")
    assert lines[1].startswith("error  chat.yaml: rules[0] one: when: column 33: nothing: unknown variable")
    assert lines[2].startswith("error  chat.yaml: engines.blocklist: a: why: is missing")


@pytest.mark.parametrize(
    ("pattern", "says"), [(r"(?=a)b", "look-around"), (r"(a)\1", "back-references"), ("((((a{99}){99}){99}){99})", "")]
)
def test_a_pattern_that_re2_refuses_is_told(
    pattern: str, says: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = f"id: chat\nengines:\n  pattern:\n    patterns: [{{name: one, pattern: '{pattern}', label: spam}}]\n"
    file.write_text(written, "utf-8")
    assert run(["policy", "check", str(file)]) == 1

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("error  chat.yaml: engines.pattern.patterns[0] one: ")
    assert says in line


def test_a_policy_of_five_megabytes_is_refused_at_once(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(GOOD + "# " + "x" * 5_000_000 + "\n", "utf-8")
    assert run(["policy", "check", str(file)]) == 1

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("error  chat.yaml: is larger than 1000000 bytes")


def test_list_files_that_lead_in_a_circle_are_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = file.with_name("one.txt"), file.with_name("other.txt")
    one.symlink_to(other)
    other.symlink_to(one)
    file.write_text("id: chat\nengines: {blocklist: {lists: [{name: a, file: one.txt}]}}\n", "utf-8")
    assert run(["policy", "check", str(file)]) == 1

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("error  chat.yaml: engines.blocklist.lists[0] a: file: one.txt ")
