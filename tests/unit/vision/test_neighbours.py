import numpy as np
import pytest

from streams.vision.neighbours import FIRST, Neighbour, Neighbours


def flipped(value: str, bits: int) -> str:
    """Return a hash that differs from another one in its first bits."""
    changed = np.frombuffer(bytes.fromhex(value), dtype=np.uint8).copy()
    for bit in range(bits):
        changed[bit // 8] ^= 1 << bit % 8
    return changed.tobytes().hex()


ONE, TWO = "0f" * 32, "a5" * 32  # 128 bits apart


def test_those_within_the_distance_are_found_closest_first() -> None:
    known = Neighbours(10)
    known.put(b"ten", flipped(ONE, 10))
    known.put(b"three", flipped(ONE, 3))
    known.put(b"far", TWO)
    known.put(b"eleven", flipped(ONE, 11))
    assert known.near([ONE], 10) == [Neighbour(3, b"three"), Neighbour(10, b"ten")]
    assert known.near([ONE], 2) == []
    assert known.near([TWO], 0) == [Neighbour(0, b"far")]


def test_any_form_of_a_picture_may_be_the_one_that_is_close() -> None:
    known = Neighbours(10)
    known.put(b"one", flipped(ONE, 2))
    assert known.near([TWO, ONE, flipped(ONE, 200)], 5) == [Neighbour(2, b"one")]
    assert known.near([], 5) == []
    assert Neighbours(10).near([ONE], 5) == []


def test_a_key_has_one_hash_and_what_is_removed_is_found_no_more() -> None:
    known = Neighbours(10)
    for key in (b"a", b"b", b"c"):
        known.put(key, ONE)
    known.put(b"b", TWO)
    known.remove(b"a")
    known.remove(b"never there")
    assert [key for _, key in known.near([ONE], 0)] == [b"c"]
    assert [key for _, key in known.near([TWO], 0)] == [b"b"]
    assert len(known) == 2


def test_beyond_the_bound_the_one_that_came_first_is_forgotten() -> None:
    known = Neighbours(2)
    assert [known.put(key, ONE) for key in (b"a", b"b")] == [None, None]
    assert known.put(b"a", ONE) is None  # came again
    assert known.put(b"c", ONE) == b"b"
    assert [key for _, key in known.near([ONE], 0)] == [b"a", b"c"]


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_changes_the_same_is_found_as_by_comparing_one_by_one(seed: int) -> None:
    chance = np.random.default_rng(seed)
    known, plain = Neighbours(2 * FIRST), dict[bytes, str]()
    for _ in range(3 * FIRST):
        key = b"%d" % chance.integers(0, 2 * FIRST)
        if chance.random() < 0.2:
            known.remove(key)
            plain.pop(key, None)
        else:
            plain[key] = flipped(ONE, int(chance.integers(0, 60)))
            known.put(key, plain[key])
    asked = flipped(ONE, 20)
    apart = {key: (int(value, 16) ^ int(asked, 16)).bit_count() for key, value in plain.items()}
    assert len(known) == len(plain)
    assert known.near([asked], 7) == sorted((bits, key) for key, bits in apart.items() if bits <= 7)
