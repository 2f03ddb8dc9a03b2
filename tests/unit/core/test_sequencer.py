import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.sequencer import is_older

HEX = st.text("0123456789abcdefABCDEF", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6"),
        ("0055AED6DCD90281E5", "0055aed6dcd90281e6"),
        ("0055aed6dcd90281e5", "0055AED6DCD90281E6"),
        ("00B", "00B1"),  # 00B0
        ("009", "00A"),
        ("0FFF", "1"),  # 1000
    ],
)
def test_the_older_one_is_the_smaller_after_padding_and_folding(one: str, other: str) -> None:
    assert is_older(one, other)
    assert not is_older(other, one)


@pytest.mark.parametrize("other", ["00AB", "00ab", "00AB00"])
def test_equal_ones_are_repeats(other: str) -> None:
    assert not is_older("00AB", other)
    assert not is_older(other, "00AB")


@given(HEX, HEX)
def test_two_are_ordered_as_hexadecimal_fractions(one: str, other: str) -> None:
    numbers = [int(each, 16) * 16 ** (20 - len(each)) for each in (one, other)]
    assert is_older(one, other) is (numbers[0] < numbers[1])
