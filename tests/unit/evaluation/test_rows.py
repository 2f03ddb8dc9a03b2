from pathlib import Path
from typing import Any

import pytest

from streams.evaluation.rows import BadRows, files_of, labelled, names_of
from tests.unit.evaluation.given import file, line, row


def read(path: Path) -> list[str]:
    """Return the ids of a file's rows."""
    return [row.id for row in labelled([path])[0].rows]


def refusal(path: Path, *records: dict[str, Any] | bytes) -> str:
    """Return what is said of a file that is wrong."""
    with pytest.raises(BadRows) as caught:
        labelled([file(path, *records)])
    return str(caught.value).replace(str(path), "FILE")


def test_rows_come_in_the_order_of_their_lines(tmp_path: Path) -> None:
    path = file(tmp_path / "a.jsonl", line(1, positive=["spam"]), b"", line(2, negative=["spam"], severity="low"))
    first, second = labelled([path])[0].rows
    assert (first.id, first.labels.positive, first.labels.severity) == ("r1", ("spam",), None)
    assert (second.id, second.labels.negative, second.labels.severity) == ("r2", ("spam",), "low")


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert read(file(tmp_path / "a.jsonl")) == []


def test_line_ends_of_windows_a_byte_order_mark_and_separators_of_unicode_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id":"a","text":"x\xe2\x80\xa8y","labels":{"positive":[],"negative":[]}}\r\n')
    (read,) = labelled([path])[0].rows
    assert read.text == "x\u2028y"
    assert read.context == ()


def test_a_row_does_not_show_its_text() -> None:
    assert "secret" not in repr(row(1, "secret", context=["secret"]))


def test_a_text_that_the_stream_refuses_is_counted_and_left_out(tmp_path: Path) -> None:
    lone = {**line("lone"), "context": ["\ud800"]}
    path = file(
        tmp_path / "a.jsonl",
        line("lone", "\udfff"),
        lone,
        b'{"id":"x","text":"\xed\xa0\x80","labels":{"positive":[],"negative":[]}}',
        line("long", "x" * 20_001),
        line("longest", "é" * 20_000),
    )
    (read,) = labelled([path])
    assert [row.id for row in read.rows] == ["rlongest"]
    assert read.refused == 4


def test_a_line_that_is_no_row_is_told_with_its_number_and_without_its_text(tmp_path: Path) -> None:
    good, path = line(1), tmp_path / "a.jsonl"
    assert refusal(path, good, b'{"id": "secret') == "FILE: line 2: is no JSON"
    assert refusal(path, b"", b'{"labels":{"orig":{"a":' + b"[" * 100_000) == "FILE: line 2: is nested too deeply"
    assert refusal(path, b"\xff\xfe{}") == "FILE: line 1: is no JSON"
    assert refusal(path, b'{"id": "\xff"}') == "FILE: line 1: is no UTF-8"
    assert refusal(path, b"[1]") == "FILE: line 1: is no evaluation row: Expected `object`, got `array`"
    assert "secret" not in refusal(path, line(1, severity="secret"))
    assert "secret" not in refusal(path, line(1, positive=["secret text"]))
    assert "$.text" in refusal(path, {**good, "text": 7})


def test_rows_of_the_training_data_are_refused_in_one_line(tmp_path: Path) -> None:
    edos = {"id": "edos-0", "text": "x", "labels": {"sexist": False, "category": "none"}, "split": "dev"}
    said = refusal(tmp_path / "edos.jsonl", edos)
    assert said.startswith("FILE: line 1: is no evaluation row: `labels` must hold the lists")
    assert "training rows have another shape" in said
    assert "`labels` must hold" in refusal(tmp_path / "b.jsonl", {"id": "1", "text": "x"})


def test_a_label_that_holds_and_does_not_hold_is_refused(tmp_path: Path) -> None:
    said = refusal(tmp_path / "a.jsonl", line(1, positive=["spam"], negative=["spam"]))
    assert "positive and as negative" in said


def test_a_limit_takes_rows_from_the_whole_file(tmp_path: Path) -> None:
    path = file(tmp_path / "a.jsonl", *(line(number) for number in range(10)))
    assert [row.id for row in labelled([path], 4)[0].rows] == ["r0", "r2", "r5", "r7"]
    assert len(labelled([path], 100)[0].rows) == 10


def test_of_a_folder_its_json_lines_files_are_read_once_each(tmp_path: Path) -> None:
    one, two = file(tmp_path / "b.jsonl"), file(tmp_path / "a.jsonl")
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    assert files_of([tmp_path, one]) == [two, one]
    assert files_of([one, tmp_path / "." / "b.jsonl"]) == [one]


def test_a_folder_without_rows_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadRows, match=r"holds no \*\.jsonl file"):
        files_of([tmp_path])


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "dev.jsonl" for folder in ("a", "b")]
    assert names_of(paths) == ["a/dev.jsonl", "b/dev.jsonl"]
    assert names_of([tmp_path / "one.jsonl", tmp_path / "a" / "two.jsonl"]) == ["one", "two"]


def test_every_row_of_the_real_data_is_read_and_the_training_data_is_not(shared: Path) -> None:
    files = labelled(files_of([shared / "data/text/dev"]))
    assert sum(len(file.rows) for file in files) > 20_000
    assert sum(file.refused for file in files) == 0
    for path in (shared / "data/text/train").glob("*.jsonl"):
        with pytest.raises(BadRows, match=r"line 1: .*training rows have another shape"):
            labelled([path])
