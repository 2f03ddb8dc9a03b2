"""Arrays: the bytes of a file in, what is made of its arrays out, and back. No pickle: nothing in a file runs."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, TypeVar
from zipfile import BadZipFile
from zlib import error as BadStream  # noqa: N812  the module's exception has no better name

import numpy as np

T = TypeVar("T")


class Wrong(ValueError):
    """The file does not hold what it should."""


def unpacked(data: bytes, what: str, made: Callable[[dict[str, Any]], T]) -> T:
    """Return what is made of the arrays of a file; raise Wrong, naming `what`, when that is not in it."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as stored:
            return made({name: stored[name] for name in stored.files})
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, BadZipFile, BadStream) as error:
        raise Wrong(f"no {what}: {type(error).__name__}") from None


def packed(arrays: Mapping[str, Any]) -> bytes:
    """Return the file of some arrays; the same arrays give the same bytes."""
    file = BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()
