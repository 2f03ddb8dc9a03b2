import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.job_tag import PLAIN, content_of, tag_of


@pytest.mark.parametrize("content_id", ["v1", "a/b:c=d+e._-", "0", "x" * 256])
def test_an_id_of_plain_characters_is_its_own_tag(content_id: str) -> None:
    assert tag_of(content_id) == content_id
    assert content_of(content_id) == content_id


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256))
def test_every_id_comes_back_from_its_tag(content_id: str) -> None:
    tag = tag_of(content_id)
    assert PLAIN.fullmatch(tag)
    assert content_of(tag) == content_id


@pytest.mark.parametrize("content_id", ["\U0010ffff" * 256, "\x00" * 256, "=:", "=:QQ==", " ", "é", "a\n"])
def test_strange_ids_have_tags_too(content_id: str) -> None:
    assert PLAIN.fullmatch(tag_of(content_id))
    assert content_of(tag_of(content_id)) == content_id


@pytest.mark.parametrize("tag", ["", "é", "x" * 1025, "=:", "=:!", "=:QQ", "=:AQ==", "=:////////", "a b"])
def test_what_is_no_tag_of_ours_names_no_content(tag: str) -> None:
    assert content_of(tag) is None
