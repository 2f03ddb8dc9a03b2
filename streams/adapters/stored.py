"""Table values: a record in, one version byte and MessagePack out, and back.

Structs with `array_like` are written by position: a new field goes to the end and has a default, then version 1 stays.
Any other change of a stored type takes a new version and a decoder for the old one.
"""

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

import msgspec

VERSION: Final = 1

T = TypeVar("T", bound=msgspec.Struct)
_MARK: Final = bytes([VERSION])
_encode: Final = msgspec.msgpack.Encoder().encode


class UnknownVersion(ValueError):
    """A stored value that another release wrote."""


def pack(value: msgspec.Struct) -> bytes:
    """Return a table value as bytes."""
    return _MARK + _encode(value)


class Unpacker(Generic[T]):
    """Reads the table values of one type; `older` has a decoder for each earlier version, given the bytes after it."""

    def __init__(self, value_type: type[T], older: Mapping[int, Callable[[memoryview], T]] | None = None) -> None:
        self._decoders: dict[int, Callable[[memoryview], T]] = {
            **(older or {}),
            VERSION: msgspec.msgpack.Decoder(value_type).decode,
        }

    def __call__(self, data: bytes) -> T:
        """Return the table value; raise UnknownVersion, naming it, or msgspec.MsgspecError for broken bytes."""
        try:
            decode = self._decoders[data[0]]
        except (IndexError, KeyError):
            version = data[0] if data else "none"
            known = ", ".join(str(number) for number in sorted(self._decoders))
            raise UnknownVersion(f"stored value has version {version}; this release reads {known}") from None
        return decode(memoryview(data)[1:])
