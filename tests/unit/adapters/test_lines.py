"""Lines come out as they came in, however they arrive."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from streams.adapters.lines import batches


class Trickle:
    """A source that gives the bytes in given pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = [piece for piece in pieces if piece]

    def read1(self, size: int = -1, /) -> bytes:
        """Return the next piece."""
        del size
        return self._pieces.pop(0) if self._pieces else b""


@given(
    st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"").replace(b"\xef", b"")), max_size=20), st.data()
)
def test_lines_do_not_depend_on_how_the_bytes_arrive(lines: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(line + b"\n" for line in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=5)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert [line for batch in batches(Trickle(pieces), 100) for line in batch] == lines


def test_a_line_comes_out_as_soon_as_it_has_its_end() -> None:
    source = batches(Trickle([b"one\ntw", b"o\n"]), 100)
    assert next(source) == [b"one"]
    assert next(source) == [b"two"]


def test_a_line_that_is_too_long_is_cut_but_stays_too_long() -> None:
    pieces = [b"x" * 60 for _ in range(1000)] + [b"\nshort\n"]
    first, second = [line for batch in batches(Trickle(pieces), 100) for line in batch]
    assert 100 < len(first) < 300
    assert second == b"short"


def test_the_last_line_needs_no_end() -> None:
    assert list(batches(BytesIO(b"one\ntwo"), 100)) == [[b"one"], [b"two"]]
    assert list(batches(BytesIO(b""), 100)) == []
