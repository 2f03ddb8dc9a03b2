"""Table values: what is packed comes back; another release's value is named, not guessed."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.adapters.stored import UnknownVersion, Unpacker, pack
from streams.core.window import Window as Conversation
from tests.unit.adapters.records import IDS, MILLISECONDS, TEXTS


class Line(msgspec.Struct, array_like=True):
    """A part of a table value."""

    name: str
    text: str
    at: int
    word: str | None = None


class Said(msgspec.Struct, array_like=True):
    """A conversation's window without marks."""

    ids: tuple[str, ...]
    said: bytes
    sizes: bytes
    seen: bytes
    at: int


class Window(msgspec.Struct, array_like=True):
    """A table value."""

    lines: tuple[Line, ...] = ()
    seen: bytes = b""
    at: int = 0


LINES = st.builds(Line, IDS, TEXTS, MILLISECONDS, st.none() | TEXTS)
WINDOWS = st.builds(Window, st.lists(LINES, max_size=10).map(tuple), st.binary(max_size=80), MILLISECONDS)


@given(WINDOWS)
def test_a_packed_value_comes_back(window: Window) -> None:
    assert Unpacker(Window)(pack(window)) == window


def test_the_first_byte_is_the_version() -> None:
    assert pack(Window())[:1] == b"\x01"


def test_a_field_that_was_added_at_the_end_reads_old_values_with_its_default() -> None:
    class Later(msgspec.Struct, array_like=True):
        lines: tuple[Line, ...] = ()
        seen: bytes = b""
        at: int = 0
        added: int = 7

    assert Unpacker(Later)(pack(Window(at=5))) == Later(at=5, added=7)
    assert Unpacker(Window)(pack(Later(at=5))) == Window(at=5)


def test_a_window_that_was_stored_before_there_were_marks_is_read() -> None:
    stored = pack(Said(("m1",), b"said", b"size", b"seen", 5))

    assert Unpacker(Conversation)(stored) == Conversation(("m1",), b"said", b"size", b"seen", 5, b"")


def test_an_older_version_is_read_by_its_own_decoder() -> None:
    unpack = Unpacker(Window, older={0: lambda rest: Window(at=int(bytes(rest)))})
    assert unpack(b"\x0042") == Window(at=42)
    assert unpack(pack(Window(at=1))) == Window(at=1)


@pytest.mark.parametrize(
    ("value", "named"), [(b"\x09\x90", "version 9"), (b"", "version none"), (b"{}", "version 123")]
)
def test_a_version_that_nobody_knows_is_named(value: bytes, named: str) -> None:
    with pytest.raises(UnknownVersion, match=f"{named}; this release reads 1"):
        Unpacker(Window)(value)


def test_broken_bytes_are_an_error() -> None:
    with pytest.raises(msgspec.MsgspecError):
        Unpacker(Window)(pack(Window())[:-1])
