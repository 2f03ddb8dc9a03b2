import pytest

from streams.pii.keccak import keccak_256


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_the_digest_is_the_published_one(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


def test_a_block_that_is_full_is_padded_with_another() -> None:
    assert len({keccak_256(b"a" * length) for length in (135, 136, 137, 272)}) == 4
