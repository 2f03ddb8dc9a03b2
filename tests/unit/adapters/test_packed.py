"""Files in records."""

import random

import pytest

from streams.adapters.lists import Unreadable
from streams.adapters.packed import PART, packed, unpacked


@pytest.mark.parametrize("data", [b"", b"bad\n", random.Random(6).randbytes(2 * PART + 1)])
def test_a_file_comes_out_as_it_went_in(data: bytes) -> None:
    file, parts = packed("lists/words.txt", data)

    assert file.parts == len(parts) == max(1, -(-len(data) // PART))
    assert [part.number for part in parts] == list(range(len(parts)))
    assert all(len(part.data) <= PART * 4 / 3 + 4 for part in parts)
    assert unpacked(file, [part.data for part in parts]) == data


@pytest.mark.parametrize("damage", ["####", "AAAA", ""])
def test_a_damaged_file_is_refused_by_its_name(damage: str) -> None:
    file, _ = packed("lists/words.txt", b"bad\n")

    with pytest.raises(Unreadable, match=r"lists/words\.txt is damaged: apply the policy again"):
        unpacked(file, [damage])


def test_another_files_bytes_are_refused() -> None:
    file, _ = packed("words.txt", b"bad\n")
    _, others = packed("words.txt", b"good\n")

    with pytest.raises(Unreadable, match="is damaged"):
        unpacked(file, [others[0].data])


def test_a_file_that_unfolds_to_more_than_a_list_may_hold_is_refused() -> None:
    file, parts = packed("words.txt", b"a" * 16_000_001)

    with pytest.raises(Unreadable, match="is damaged"):
        unpacked(file, [part.data for part in parts])
