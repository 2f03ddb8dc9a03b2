from hypothesis import given
from hypothesis import strategies as st

from streams.web.media_address import VALID, holds, signed_path

SECRET = b"s" * 32
NOW = 1_790_000_000_000


def parts(path: str) -> tuple[int, str, int, int]:
    _, _, until, signature, _, item_id, number = path.split("/")
    return int(until), signature, int(item_id), int(number)


@given(st.integers(1, 2**63 - 1), st.integers(0, 99), st.integers(0, 2**45))
def test_a_signed_address_holds_for_five_to_ten_minutes(item_id: int, number: int, now: int) -> None:
    until, signature, *named = parts(signed_path(SECRET, item_id, number, now))
    assert named == [item_id, number]
    assert VALID / 2 <= until - now <= VALID
    assert holds(SECRET, until, signature, item_id, number, now)
    assert not holds(SECRET, until, signature, item_id, number, until)


def test_an_address_is_for_one_object_and_one_time_and_by_one_secret() -> None:
    until, signature, item_id, number = parts(signed_path(SECRET, 11, 2, NOW))
    assert not holds(SECRET, until, signature, item_id + 1, number, NOW)
    assert not holds(SECRET, until, signature, item_id, number + 1, NOW)
    assert not holds(SECRET, until, signature, 1, 12, NOW)
    assert not holds(SECRET, until + 1, signature, item_id, number, NOW)
    assert not holds(b"t" * 32, until, signature, item_id, number, NOW)
    for forged in ("", signature[:-1], signature.upper(), "é" * 64):
        assert not holds(SECRET, until, forged, item_id, number, NOW)


def test_an_address_stays_the_same_for_a_while_so_that_a_browser_may_keep_the_picture() -> None:
    start = NOW // VALID * VALID
    assert signed_path(SECRET, 1, 0, start) == signed_path(SECRET, 1, 0, start + VALID // 2 - 1)
