import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.runtime.partitioner import partition_of


def crc_32(data: bytes) -> int:
    """Return CRC-32 (IEEE 802.3, reflected), bit by bit: what librdkafka's rd_crc32 computes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("key", "crc"),
    [
        (b"123456789", 0xCBF43926),  # the check value of the algorithm's catalogue
        (b"", 0),
        (b"a", 0xE8B7BE43),
        (b"The quick brown fox jumps over the lazy dog", 0x414FA339),
    ],
)
@pytest.mark.parametrize("partitions", [1, 4, 12, 4096])
def test_known_keys_live_where_librdkafka_puts_them(key: bytes, crc: int, partitions: int) -> None:
    assert partition_of(key, partitions) == crc % partitions


@given(st.binary(max_size=300), st.integers(1, 4096))
def test_every_key_lives_where_the_consistent_partitioner_puts_it(key: bytes, partitions: int) -> None:
    assert partition_of(key, partitions) == crc_32(key) % partitions


def test_keys_spread_over_all_partitions() -> None:
    counts = [0] * 8
    for number in range(8000):
        counts[partition_of(b"conversation-%d" % number, 8)] += 1
    assert min(counts) > 900
    assert max(counts) < 1100
