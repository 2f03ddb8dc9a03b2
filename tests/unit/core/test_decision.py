from hypothesis import given
from hypothesis import strategies as st

from streams.core.decision import decision_id

CONTENT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)


def test_the_id_is_the_same_for_ever() -> None:
    # Consumers drop repeats by it: it must not change with a release.
    assert decision_id("m1", 0) == "ade0f02e8ab964fb6d8f3de2074d5f98"


@given(CONTENT, CONTENT, st.integers(0, 1000), st.integers(0, 1000))
def test_ids_differ_exactly_where_content_or_revision_differ(a: str, b: str, first: int, second: int) -> None:
    assert (decision_id(a, first) == decision_id(b, second)) == ((a, first) == (b, second))


@given(CONTENT, st.integers(0, 2**53))
def test_an_id_is_32_hexadecimal_digits(content_id: str, revision: int) -> None:
    found = decision_id(content_id, revision)
    assert len(found) == 32
    assert set(found) <= set("0123456789abcdef")


def test_a_content_id_that_looks_like_a_revision_is_another_content() -> None:
    assert decision_id("1:x", 0) != decision_id("x", 1)
    assert decision_id("0:x", 0) != decision_id("x", 0)
