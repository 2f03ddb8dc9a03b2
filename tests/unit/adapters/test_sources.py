"""Documents and list files, from disk and out of records: what is refused, and in which words."""

from pathlib import Path

import pytest

from streams.adapters.lists import Unreadable
from streams.adapters.policies import PolicyErrors, load
from streams.adapters.sources import LARGEST, InHand, OnDisk


def test_a_document_of_five_megabytes_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "large.yaml"
    file.write_bytes(b"id: large\n" + b"# a remark\n" * 480_000)

    with pytest.raises(PolicyErrors) as refused:
        load(file)
    assert refused.value.errors == (
        f"large.yaml: is larger than {LARGEST} bytes: split it, or put long lists into files of their own",
    )


def test_a_published_document_that_is_too_large_is_refused() -> None:
    with pytest.raises(Unreadable, match="larger than"):
        InHand("large@1", "#" * (LARGEST + 1), {}).text()


def test_list_files_that_are_links_to_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "first.txt").symlink_to(tmp_path / "second.txt")
    (tmp_path / "second.txt").symlink_to(tmp_path / "first.txt")

    with pytest.raises(Unreadable, match=r"first\.txt (leads nowhere|is not there|cannot be read)"):
        OnDisk(tmp_path / "policy.yaml").listed("first.txt")


@pytest.mark.parametrize("name", ["../secret.txt", "lists/../../secret.txt", "link.txt"])
def test_a_file_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "policies"
    (folder / "lists").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")

    with pytest.raises(Unreadable, match="lies outside"):
        OnDisk(folder / "policy.yaml").listed(name)


def test_a_file_that_was_not_published_is_never_looked_for_on_disk(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("damn", "utf-8")

    with pytest.raises(Unreadable, match="was not published"):
        InHand("chat@1", "", {}).listed(str(tmp_path / "words.txt"))
