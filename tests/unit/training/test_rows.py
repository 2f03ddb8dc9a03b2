"""Rows of both forms, each with its labels and its group."""

import json
from pathlib import Path
from typing import Any

import pytest

from streams.training.rows import file_rows, rows


def put(folder: Path, name: str, *lines: Any) -> Path:
    """Write a file of JSON lines; what is bytes is written as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.jsonl"
    file.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )
    return file


def labelled(text: str, **more: Any) -> dict[str, Any]:
    return {"id": "1", "text": text, "labels": {"positive": ["scam"], "negative": ["spam"]}, **more}


def test_an_evaluation_row_tells_what_is_known_and_leaves_the_rest_open(tmp_path: Path) -> None:
    raw = labelled("Send money", context=["hi", "who is this"])
    raw["labels"]["severity"] = "high"
    (row,) = file_rows(put(tmp_path, "some_set", raw))

    assert (row.source, row.id, row.text, row.context) == ("some_set", "1", "Send money", ("hi", "who is this"))
    assert row.labels == {"scam": True, "spam": False}
    assert row.severity == "high"


def test_a_group_is_a_conversation_a_named_group_or_the_text(tmp_path: Path) -> None:
    spoken = labelled("one")
    spoken["labels"]["orig"] = {"conv_id": "c7"}
    found = file_rows(put(tmp_path, "set", spoken, labelled("two", group="campaign"), labelled("  Three,\tor FOUR! ")))

    assert [row.group for row in found] == ["set:c7", "set:campaign", "three or four"]


def test_one_text_of_two_sources_is_one_group(tmp_path: Path) -> None:
    put(tmp_path / "dev", "one", labelled("Same text!"))
    put(tmp_path / "train", "hatemoji", {"id": "h", "text": "same  TEXT", "labels": {"hate": True}})
    first, second = rows(tmp_path)

    assert first.source != second.source
    assert first.group == second.group


def test_of_edos_only_the_training_part_is_read_and_sexism_is_hatred(tmp_path: Path) -> None:
    raw = {"id": "e", "text": "[USER] says [URL]", "labels": {"sexist": True}, "split": "train"}
    found = list(file_rows(put(tmp_path, "edos", raw, raw | {"split": "dev"}, raw | {"split": "test"})))

    assert [(row.text, row.labels) for row in found] == [("@user says http", {"hate_speech": True})]


def test_hatemoji_tells_hate(tmp_path: Path) -> None:
    file = put(tmp_path, "hatemoji", {"id": "h", "text": "a", "labels": {"hate": False}, "split": "train"})

    assert [row.labels for row in file_rows(file)] == [{"hate_speech": False}]


@pytest.mark.parametrize("name", ["surge_toxicity", "wikipedia_toxicity"])
def test_what_is_not_toxic_is_no_hate_and_what_is_may_be(tmp_path: Path, name: str) -> None:
    file = put(tmp_path, name, *({"id": "t", "text": "a", "labels": {"toxic": toxic}} for toxic in (True, False)))

    assert [row.labels for row in file_rows(file)] == [{"toxicity": True}, {"toxicity": False, "hate_speech": False}]


def test_hatecheck_and_sets_of_other_harms_are_never_read(tmp_path: Path) -> None:
    for part in ("dev", "train"):
        for name in ("hatecheck", "naughty_strings", "pii_presidio_synth", "pii_presidio_unit"):
            put(tmp_path / part, name, labelled("never"), b"not even JSON")
    put(tmp_path / "dev", "some_set", labelled("read"))
    put(tmp_path / "test", "other_set", labelled("of another folder"))

    assert [row.text for row in rows(tmp_path)] == ["read"]


def test_hatecheck_is_in_no_row_of_the_real_data(shared: Path) -> None:
    found = rows(shared / "data" / "text")

    assert len(found) > 10_000
    assert "hatecheck" not in {row.source for row in found}
    assert not any(row.id.startswith("hatecheck") for row in found)


def test_files_are_read_by_name_and_the_same_each_time(tmp_path: Path) -> None:
    put(tmp_path / "train", "a_set", labelled("third"))
    put(tmp_path / "dev", "z_set", labelled("second"))
    put(tmp_path / "dev", "b_set", labelled("first"))

    assert [row.text for row in rows(tmp_path)] == ["first", "second", "third"]


def test_a_folder_without_rows_has_none(tmp_path: Path) -> None:
    assert rows(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("some_set", b"{"),
        ("some_set", b""),
        ("some_set", b'{"text": "\xff"}'),
        ("some_set", {"text": "no labels"}),
        ("some_set", {"labels": {"positive": [], "negative": []}}),
        ("some_set", {"text": "a", "labels": {"positive": []}}),
        ("some_set", {"text": "a", "labels": []}),
        ("some_set", {"text": 5, "labels": {"positive": [], "negative": []}}),
        ("some_set", ["a", "list"]),
        ("edos", {"id": "e", "text": "a", "labels": {"sexist": True}}),
        ("hatemoji", labelled("of the other form")),
        ("surge_toxicity", {"id": "t", "text": None, "labels": {"toxic": True}}),
    ],
)
def test_a_line_that_is_no_row_is_named_by_its_number(tmp_path: Path, name: str, line: Any) -> None:
    good = {
        "edos": {"id": "e", "text": "a", "labels": {"sexist": True}, "split": "train"},
        "hatemoji": {"id": "h", "text": "a", "labels": {"hate": True}},
        "surge_toxicity": {"id": "t", "text": "a", "labels": {"toxic": True}},
    }.get(name, labelled("good"))
    file = put(tmp_path, name, good, good, line, good)

    with pytest.raises(ValueError, match=rf"^{name}\.jsonl:3: no labelled row \(\w+\)$"):
        list(file_rows(file))


def test_own_examples_are_rows(root: Path) -> None:
    found = list(file_rows(root / "streams" / "training" / "own.jsonl"))

    assert {row.source for row in found} == {"own"}
    assert len(found) > 1000
    assert len({row.group for row in found}) > 10
    assert all(row.text.strip() and row.labels for row in found)
