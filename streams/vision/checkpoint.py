"""Files of torch's without torch: the bytes of a `.pth` file in, its tensors by name out.

The format is that of torch before 1.6: five pickles, then the numbers. A pickle can name any function to be called, so
only the few names are admitted that tensors need, and none of them does more than build a value.
"""

import io
import pickle  # noqa: TID251  the format is one; `_Reader.find_class` admits nothing that acts
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

MAGIC: Final = 0x1950A86A20F9469CFC6C
PROTOCOL: Final = 1001

# The kinds of storage, with the type of their numbers.
STORAGES: Final[Mapping[str, np.dtype[Any]]] = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"),
    "IntStorage": np.dtype("<i4"),
}

Tensors = dict[str, NDArray[Any]]


class Refused(ValueError):
    """A file that is no such checkpoint, or asks for more than tensors."""


class _Storage(NamedTuple):
    key: str
    kind: np.dtype[Any]


class _Tensor(NamedTuple):
    """A tensor whose numbers are not read yet."""

    storage: _Storage
    offset: int  # in numbers
    shape: tuple[int, ...]
    strides: tuple[int, ...]  # in numbers


def _tensor(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


ADMITTED: Final[Mapping[tuple[str, str], Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    **{("torch", name): kind for name, kind in STORAGES.items()},
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise Refused(f"{module}.{name} is not what a tensor is made of") from None

    def persistent_load(self, pid: Any) -> Any:
        """Return the storage that a tensor names: ("storage", kind, key, device, numbers, view)."""
        match pid:
            case ("storage", np.dtype() as kind, str() as key, *_, None):
                return _Storage(key, kind)
        raise Refused("a tensor's storage is of no known form")


def tensors(data: bytes) -> Tensors:
    """Return the tensors of a checkpoint, contiguous, in the order of the file; raise Refused for anything else."""
    try:
        return _read(io.BytesIO(data))
    except Refused:
        raise
    except Exception as error:  # pickles raise anything
        raise Refused(f"not a checkpoint of tensors: {type(error).__name__}") from error


def _read(stream: io.BytesIO) -> Tensors:
    if (_Reader(stream).load(), _Reader(stream).load()) != (MAGIC, PROTOCOL):
        raise Refused("not a checkpoint of torch before 1.6")
    _, named, keys = (_Reader(stream).load() for _ in range(3))  # the first says how numbers are written
    kinds = {one.storage.key: one.storage.kind for one in named.values()}
    stored = {key: _numbers(stream, kinds[key]) for key in keys}
    return {name: _strided(stored[one.storage.key], one) for name, one in named.items()}


def _numbers(stream: io.BytesIO, kind: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(stream.read(8), "little", signed=True)
    data = stream.read(count * kind.itemsize)
    return np.frombuffer(data, kind, count)


def _strided(numbers: NDArray[Any], tensor: _Tensor) -> NDArray[Any]:
    """Return a tensor, contiguous; raise Refused where it reaches over its storage."""
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True))
    if min((tensor.offset, *tensor.shape, *tensor.strides)) < 0 or last >= len(numbers):
        raise Refused("a tensor reaches over its storage")
    strides = [stride * numbers.itemsize for stride in tensor.strides]
    return np.array(as_strided(numbers[tensor.offset :], tensor.shape, strides, writeable=False), order="C")
