"""`moderation eval`: a policy is measured on labelled texts; every error is one line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Ran
from tests.unit.evaluation.given import file, line

Moderation = Callable[..., Ran]

ROWS = (
    line(1, "what an idiot", positive=["abuse"], severity="low"),
    line(2, "what a day", negative=["abuse", "spam"]),
    line(3, "buy now", positive=["spam"], negative=["abuse"]),
    line(4, "call 555-201-4477", negative=["abuse"]),
)


@pytest.fixture
def rows(tmp_path: Path) -> str:
    """Return a file of rows."""
    return str(file(tmp_path / "made.jsonl", *ROWS))


def test_tables_are_printed(moderation: Moderation, policy: str, rows: str) -> None:
    ran = moderation("eval", "--policy", policy, rows)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("chat ")
    assert ": 4 rows of 1 file\n" in ran.out
    for words in ("abuse", "harmless rows", "severity", "speed", "in all"):
        assert words in ran.out


def test_json_is_one_object(moderation: Moderation, policy: str, rows: str) -> None:
    ran = moderation("eval", "--policy", policy, "--json", rows)
    (report,) = ran.lines
    labels = {each["label"]: each for each in report["policy"]["measured"]}
    assert (labels["abuse"]["rows"], labels["abuse"]["positives"], labels["abuse"]["ap"]) == (4, 1, 1.0)
    assert labels["spam"]["found"]["recall"] == 1.0  # by a rule in shadow mode
    assert labels["spam"]["acted"]["recall"] == 0.0
    assert report["policy"]["benign"] == [{"file": "made", "rows": 2, "acted": 1, "share": 0.5}]
    assert report["against"] is None


def test_only_the_labels_that_are_named_are_measured(moderation: Moderation, policy: str, rows: str) -> None:
    ran = moderation("eval", "--policy", policy, "--json", "--label", "spam", "--label", "any", rows)
    assert [each["label"] for each in ran.lines[0]["policy"]["measured"]] == ["spam", "any"]


def test_a_second_policy_is_held_against_the_first(
    moderation: Moderation, policy: str, rows: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(Path(policy).read_text("utf-8").replace("id: chat", "id: old").replace("idiot, ", ""), "utf-8")
    shown = moderation("eval", "--policy", policy, "--against", str(other), rows)
    assert shown.code == 0
    assert "held against old" in shown.out
    assert "allow -> flag" in shown.out
    ran = moderation("eval", "--policy", policy, "--against", str(other), "--json", rows)
    assert [each["id"] for each in ran.lines[0]["difference"]["changed"]] == ["r1"]


def test_a_page_is_written_and_holds_no_text(moderation: Moderation, policy: str, rows: str, tmp_path: Path) -> None:
    html = tmp_path / "eval.html"
    ran = moderation("eval", "--policy", policy, "--html", str(html), "--json", rows)
    assert ran.code == 0
    page = html.read_text("utf-8")
    assert page.startswith("<!doctype html>")
    for text in ("what an idiot", "buy now", "555-201"):
        assert text not in page
        assert text not in ran.out


def test_a_folder_and_a_limit(moderation: Moderation, policy: str, rows: str) -> None:
    ran = moderation("eval", "--policy", policy, "--json", "--limit", "2", str(Path(rows).parent))
    assert [(each["file"], each["rows"]) for each in ran.lines[0]["files"]] == [("made", 2)]


def test_an_empty_file_is_no_error(moderation: Moderation, policy: str, tmp_path: Path) -> None:
    ran = moderation("eval", "--policy", policy, str(file(tmp_path / "empty.jsonl")))
    assert ran.code == 0
    assert ": 0 rows of 1 file\n" in ran.out


def test_texts_that_the_stream_refuses_are_counted(moderation: Moderation, policy: str, tmp_path: Path) -> None:
    path = file(tmp_path / "odd.jsonl", line(1, "\ud800"), line(2, "x" * 20_001), line(3, "x" * 20_000))
    ran = moderation("eval", "--policy", policy, str(path))
    assert ran.code == 0
    assert ": 1 row of 1 file; 2 left out: the stream refuses them" in ran.out


def failure(ran: Ran) -> tuple[int, str]:
    """Return the exit code and the one line on standard error."""
    assert ran.out == ""
    (said,) = ran.err.splitlines()
    assert said.startswith("moderation: ")
    return ran.code, said


def test_every_error_is_one_line(moderation: Moderation, policy: str, rows: str, tmp_path: Path) -> None:
    bad = str(file(tmp_path / "bad.jsonl", ROWS[0], b'{"id": '))
    trained = str(file(tmp_path / "train.jsonl", {"id": "1", "text": "x", "labels": {"toxic": True}}))
    wrong = file(tmp_path / "wrong.yaml", b"id: [")
    (tmp_path / "none").mkdir()

    code, said = failure(moderation("eval", "--policy", policy, "nowhere.jsonl"))
    assert code == 2
    assert "nowhere.jsonl" in said
    code, said = failure(moderation("eval", "--policy", policy, bad))
    assert (code, "bad.jsonl: line 2: is no JSON" in said) == (1, True)
    code, said = failure(moderation("eval", "--policy", policy, trained))
    assert (code, "training rows have another shape" in said) == (1, True)
    code, said = failure(moderation("eval", "--policy", policy, "--label", "hate", rows))
    assert (code, "rows list abuse, spam, any" in said) == (2, True)
    code, said = failure(moderation("eval", "--policy", str(wrong), rows))
    assert code == 78
    code, said = failure(moderation("eval", "--policy", policy, "--html", str(tmp_path / "no" / "a.html"), rows))
    assert (code, "folder" in said) == (74, True)
    code, said = failure(moderation("eval", "--policy", policy, str(tmp_path / "none")))
    assert (code, "holds no *.jsonl file" in said) == (1, True)
    assert failure(moderation("eval", "--policy", policy, "--limit", "0", rows))[0] == 2


def test_an_interrupt_ends_it_quietly(policy: str, tmp_path: Path) -> None:
    pipe = tmp_path / "rows.jsonl"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "streams", "eval", "--policy", policy, str(pipe)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with pipe.open("wb"):  # as soon as it reads
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err.strip()) == (130, "", "")


def test_json_goes_to_other_programs(moderation: Moderation, policy: str, rows: str) -> None:
    assert json.loads(moderation("eval", "--policy", policy, "--json", rows).out)["policy"]["policy"]["id"] == "chat"
