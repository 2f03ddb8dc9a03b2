"""A whole evaluation, with a small policy and with the shipped one."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from streams.adapters.policies import Loaded, load
from streams.agents.inspecting import Inspector
from streams.evaluation.evaluating import Means, UnknownLabels, check, evaluated
from streams.evaluation.report import Report
from streams.evaluation.report_html import page
from streams.evaluation.report_text import tables
from streams.evaluation.rows import LabelledFile, labelled
from streams.metrics import Metrics
from tests.unit.evaluation.given import Trained, Words, file, inspected, line, policy

NOW = "2026-01-31T12:00:00+00:00"
CANARY = "zanzibar"  # in every text and every field that is free text
SILENT = Loaded(msgspec.structs.replace(policy(), rules={}), (Words(),))
VOID = {"meta", "rect", "line", "circle", "polyline"}


def rows(tmp_path: Path) -> list[LabelledFile]:
    """Return two files with every kind of row."""
    free = {"note": CANARY, "conv_id": CANARY}
    first = file(
        tmp_path / "one.jsonl",
        line(1, f"known spam {CANARY}", positive=["spam"], severity="medium", orig=free),
        {**line(2, f"{CANARY} 5", negative=["spam"], orig={"spans": [[9, 10, "IP_ADDRESS"]]}), "context": [CANARY]},
        line("<b>3&", CANARY.upper(), negative=["spam", "scam"], orig={"functionality": "shout_nh", "target": CANARY}),
        {**line(4, "\ud800"), "source": CANARY},
    )
    second = file(tmp_path / "two.jsonl", line(5, f"{CANARY} 7", positive=["pii"]), line(6, CANARY, negative=["pii"]))
    return labelled([first, second])


def report(tmp_path: Path, *, against: bool = False) -> Report:
    """Return the report of the engine of these tests, against one that knows no rules."""
    return evaluated(
        rows(tmp_path),
        Loaded(policy(), (Trained(),)),
        SILENT if against else None,
        Means(inspected, 500, 2),
        (),
        lambda _: None,
        NOW,
    )


def printed(made: Report, width: int) -> str:
    """Return what a terminal of this width shows."""
    console = Console(width=width, file=io.StringIO(), force_terminal=True, color_system=None)
    with console.capture() as shown:
        console.print(tables(made, width))
    return shown.get()


class Page(HTMLParser):
    """Reads a page: every element is closed, and nothing is fetched from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is open."""
        self.seen.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "srcset", "onload", "onclick"}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.words.append(data)


def test_the_report_says_what_was_measured(tmp_path: Path) -> None:
    made = report(tmp_path)
    assert [(each.file, each.rows, each.refused) for each in made.files] == [("one", 3, 1), ("two", 2, 0)]
    found = {(each.file, each.label): each for each in made.policy.measured}
    assert set(found) == {
        *(("one", label) for label in ("scam", "spam", "spam_or_scam", "any")),
        ("two", "pii"),
        *((None, label) for label in ("pii", "scam", "spam", "spam_or_scam", "any")),
    }
    assert found["one", "spam"].found.recall == 0.0  # it was trained on the row, and its folds do not know it
    assert found["two", "pii"].found.f1 == 1.0
    assert [(each.file, each.acted, each.rows) for each in made.policy.benign] == [
        ("one", 1, 2),
        ("two", 0, 1),
        (None, 1, 3),
    ]
    assert made.policy.engines[0].trained_on == 1
    assert made.policy.functional[0].naming_found == 0
    assert made.against is None


def test_a_second_policy_shows_what_changes_by_ids_alone(tmp_path: Path) -> None:
    made = report(tmp_path, against=True)
    assert made.difference is not None
    assert made.difference.transitions == {"allow -> mask": 2}
    assert [(row.file, row.id, row.labels_after) for row in made.difference.changed] == [
        ("one", "r2", ["pii"]),
        ("two", "r5", ["pii"]),
    ]
    change = {(each.file, each.label): each for each in made.difference.measured}["two", "pii"]
    assert change.f1 == 1.0
    assert [each.acted for each in made.difference.benign] == [1, 0, 1]


@pytest.mark.parametrize("against", [False, True])
def test_no_text_of_a_row_is_in_any_form_of_the_report(tmp_path: Path, against: bool) -> None:  # noqa: FBT001
    made = report(tmp_path, against=against)
    for form in (msgspec.json.encode(made).decode(), page(made), printed(made, 200)):
        assert CANARY not in form.lower()
        assert "one" in form


@pytest.mark.parametrize("against", [False, True])
def test_the_page_needs_nothing_else(tmp_path: Path, against: bool) -> None:  # noqa: FBT001
    text = page(report(tmp_path, against=against))
    read = Page(text)
    assert read.open == []
    assert not {"script", "link", "img", "iframe"} & set(read.seen)
    assert "default-src 'none'" in text
    assert not re.search(r"https?:|url\(|@import", text)
    assert read.seen.count("svg") >= 9
    assert "cross-validated: 1 of 5 rows were trained on" in " ".join(read.words)
    assert "nan" not in text.lower()


def test_an_id_is_text_on_the_page_and_harmless_on_a_terminal(tmp_path: Path) -> None:
    path = file(tmp_path / "a.jsonl", line("<i>\x1b[2J", "7", positive=["pii"]))
    made = evaluated(
        labelled([path]), Loaded(policy(), (Words(),)), SILENT, Means(inspected, 500), (), lambda _: None, NOW
    )
    assert "r<i>" not in page(made)
    assert "r&lt;i&gt;" in page(made)
    assert "\x1b[2J" not in printed(made, 200)


def test_a_narrow_terminal_loses_columns_and_says_so(tmp_path: Path) -> None:
    made = report(tmp_path)
    narrow = printed(made, 60)
    assert "columns left out" in narrow
    assert max(len(each.rstrip()) for each in narrow.splitlines() if "spam" in each) <= 60
    assert "left out:" not in printed(made, 200).replace("1 left out: the stream refuses", "")


def test_rows_without_labels_are_judged_and_measured_by_nothing(tmp_path: Path) -> None:
    files = labelled([file(tmp_path / "a.jsonl", line(1), line(2)), file(tmp_path / "b.jsonl")])
    made = evaluated(files, Loaded(policy(), (Words(),)), None, Means(inspected, 500), (), lambda _: None, NOW)
    assert (made.policy.measured, made.policy.benign) == ([], [])
    assert made.policy.engines[0].statuses == {"ok": 2}
    assert Page(page(made)).open == []
    assert "2 rows of 2 files" in printed(made, 100)


def test_a_label_that_no_row_lists_is_told(tmp_path: Path) -> None:
    files = rows(tmp_path)
    check(files, ["spam", "any"])
    with pytest.raises(UnknownLabels, match="hate: no row lists it; rows list pii, scam, spam, spam_or_scam, any"):
        check(files, ["hate", "spam"])


def test_the_shipped_policy_finds_a_phone_number_and_leaves_harmless_texts_alone(tmp_path: Path) -> None:
    path = file(
        tmp_path / "own.jsonl",
        line(1, "call me at 555-201-4477", positive=["pii"]),
        line(2, "you can mail me: jane.doe@example.com", positive=["pii"]),
        line(3, "see you at the station tomorrow", negative=["pii", "profanity"]),
        line(4, "the garden looks lovely in spring", negative=["pii", "profanity"]),
        line(5, "what a fucking mess", positive=["profanity"], negative=["pii"]),
        line(6, "long " * 4000, negative=["pii"]),
    )
    means = Means(Inspector(Metrics()), 500)
    made = evaluated(labelled([path]), load(None), None, means, (), lambda _: None, NOW)
    found = {each.label: each for each in made.policy.measured}
    assert found["pii"].found.f1 == 1.0
    assert found["profanity"].found.recall == 1.0
    assert (made.policy.benign[0].rows, made.policy.benign[0].acted) == (3, 0)
    assert made.policy.speeds[-1].engine == "in all"
