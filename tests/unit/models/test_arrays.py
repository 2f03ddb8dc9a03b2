"""Arrays: files are read as they were written; nothing else is taken for one, and nothing in them runs."""

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from streams.models.arrays import Wrong, packed, unpacked

ARRAYS = {"weights": np.arange(2_000, dtype=np.int8), "bias": np.array([0.5, -1.5])}


def same(arrays: dict[str, Any]) -> dict[str, Any]:
    return arrays


def test_arrays_are_read_as_they_were_written() -> None:
    again = unpacked(packed(ARRAYS), "heads", same)

    assert set(again) == {"weights", "bias"}
    assert all(np.array_equal(again[name], ARRAYS[name]) for name in ARRAYS)
    assert again["weights"].dtype == np.int8


def test_the_same_arrays_give_the_same_bytes() -> None:
    assert packed(ARRAYS) == packed(dict(ARRAYS))


def test_what_is_no_file_of_arrays_is_refused_by_its_name() -> None:
    data = packed(ARRAYS)
    alone, archive = io.BytesIO(), io.BytesIO()
    np.save(alone, np.zeros(3))
    with zipfile.ZipFile(archive, "w") as entries:
        entries.writestr("weights", "none")

    for wrong in (b"", b"text", data[:100], data[: len(data) // 2], data[:-1], alone.getvalue(), archive.getvalue()):
        with pytest.raises(Wrong, match=r"^no heads: \w+$"):
            unpacked(wrong, "heads", lambda arrays: arrays["weights"] + 1)


def test_a_pickle_is_never_loaded() -> None:
    stored = io.BytesIO()
    np.savez(stored, weights=np.array([print], object))

    with pytest.raises(Wrong, match="no words: ValueError"):
        unpacked(stored.getvalue(), "words", same)


def test_arrays_of_which_nothing_can_be_made_are_refused() -> None:
    def made(arrays: dict[str, Any]) -> Any:
        return arrays["missing"]

    with pytest.raises(Wrong, match="no sketch: KeyError"):
        unpacked(packed(ARRAYS), "sketch", made)
