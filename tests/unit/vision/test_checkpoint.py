"""Tensors come out of a checkpoint; nothing else does."""

import pickle  # noqa: TID251  the format is one
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from streams.vision.checkpoint import MAGIC, PROTOCOL, Refused, tensors


def plain(value: Any) -> bytes:
    """Return what a pickle says to put a plain value on its stack."""
    return pickle.dumps(value, 2)[2:-1]


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def called(function: bytes, *arguments: bytes) -> bytes:
    return function + b"(" + b"".join(arguments) + b"tR"


def storage(key: str, kind: str = "FloatStorage", view: Any = None) -> bytes:
    parts = (plain("storage"), named("torch", kind), plain(key), plain("cpu"), plain(6), plain(view))
    return b"(" + b"".join(parts) + b"tQ"


def tensor(store: bytes, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> bytes:
    hooks = called(named("collections", "OrderedDict"))
    rest = (plain(offset), plain(shape), plain(strides), plain(False), hooks)  # noqa: FBT003  no gradient
    return called(named("torch._utils", "_rebuild_tensor_v2"), store, *rest)


def checkpoint(tensors: dict[str, bytes], *stored: NDArray[Any], magic: int = MAGIC) -> bytes:
    """Return a file whose storages are named "0", "1" and so on."""
    named = b"}(" + b"".join(plain(name) + value for name, value in tensors.items()) + b"u"
    keys = plain([str(index) for index in range(len(stored))])
    pickles = (plain(magic), plain(PROTOCOL), plain({"little_endian": True}), named, keys)
    numbers = [len(one).to_bytes(8, "little") + one.tobytes() for one in stored]
    return b"".join([*(b"\x80\x02" + one + b"." for one in pickles), *numbers])


SIX = np.arange(6, dtype="<f4")


def test_tensors_come_back_with_their_names_shapes_and_numbers() -> None:
    data = checkpoint(
        {
            "rows": tensor(storage("0"), 0, (2, 3), (3, 1)),
            "turned": tensor(storage("0"), 0, (3, 2), (1, 3)),
            "last": tensor(storage("0"), 4, (2,), (1,)),
            "count": tensor(storage("1", "LongStorage"), 0, (), ()),
        },
        SIX,
        np.array([7], "<i8"),
    )

    found = tensors(data)

    assert {name: value.tolist() for name, value in found.items()} == {
        "rows": [[0, 1, 2], [3, 4, 5]],
        "turned": [[0, 3], [1, 4], [2, 5]],
        "last": [4, 5],
        "count": 7,
    }
    assert all(value.flags.c_contiguous for value in found.values())


def test_a_name_that_no_tensor_needs_is_refused() -> None:
    with pytest.raises(Refused, match=r"^os\.system is not what a tensor is made of$"):
        tensors(checkpoint({"weight": called(named("os", "system"), plain("true"))}))


@pytest.mark.parametrize(
    ("lies", "said"),
    [
        (tensor(storage("0"), 0, (7,), (1,)), "reaches over its storage"),
        (tensor(storage("0"), 1, (2, 3), (3, 1)), "reaches over its storage"),
        (tensor(storage("0"), -1, (1,), (1,)), "reaches over its storage"),
        (tensor(storage("0"), 5, (2,), (-1,)), "reaches over its storage"),
        (tensor(storage("0", view=("0", 0, 6)), 0, (6,), (1,)), "no known form"),
        (tensor(storage("1"), 0, (6,), (1,)), "KeyError"),
        (plain("a text"), "AttributeError"),
    ],
)
def test_a_tensor_that_lies_is_refused(lies: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        tensors(checkpoint({"weight": lies}, SIX))


def test_what_is_cut_off_or_another_format_is_refused() -> None:
    data = checkpoint({"weight": tensor(storage("0"), 0, (6,), (1,))}, SIX)
    for broken in (b"", b"PK\x03\x04", data[:-1], data[:100], checkpoint({}, magic=1)):
        with pytest.raises(Refused):
            tensors(broken)
