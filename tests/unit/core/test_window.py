from hypothesis import given
from hypothesis import strategies as st

from streams.core.window import EMPTY, FINGERPRINT, Entry, Said, Window, advanced, fingerprint, place, stored


def entry(number: int) -> Entry:
    return Entry(f"m{number}", "u", f"text {number}", number)


def talked(messages: int) -> Window:
    ids = [f"m{number}" for number in range(messages)]
    said = [stored(Said("u", f"text {number}", number)) for number in range(messages)]
    return advanced(EMPTY, ids, said, [], 200, 5)


def test_a_window_keeps_the_last_ten_messages_oldest_first() -> None:
    window = talked(11)
    assert [kept.content_id for kept in window.entries] == [f"m{number}" for number in range(1, 11)]
    assert window.at == 5


def test_a_window_of_few_messages_keeps_all() -> None:
    assert talked(2).entries == (entry(0), entry(1))


@given(st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=30), st.integers(1, 12))
def test_exactly_the_last_ids_are_remembered(ids: list[str], remembered: int) -> None:
    window = EMPTY
    for content_id in ids:
        window = advanced(window, [], [], [fingerprint(content_id)], remembered, 0)
    known = [content_id for content_id in ids if place(window.seen, fingerprint(content_id)) >= 0]
    assert known == ids[-remembered:]
    assert len(window.seen) == FINGERPRINT * min(len(ids), remembered)


@given(st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=30))
def test_the_place_of_an_id_counts_from_the_oldest(ids: list[str]) -> None:
    window = advanced(EMPTY, [], [], map(fingerprint, ids), 200, 0)
    assert [place(window.seen, fingerprint(content_id)) for content_id in ids] == list(range(len(ids)))


def test_a_fingerprint_across_two_others_is_not_remembered() -> None:
    first, second = b"abcdefgh", b"ijklmnop"
    assert place(first + second, b"efghijkl") == -1
    assert place(first + second + b"efghijkl", b"efghijkl") == 2


def test_fingerprints_have_eight_bytes_and_differ() -> None:
    marks = {fingerprint(f"id-{number}") for number in range(10_000)}
    assert len(marks) == 10_000
    assert {len(mark) for mark in marks} == {8}


def test_an_entry_shows_no_text() -> None:
    assert "secret" not in repr(Entry("m1", "u", "secret", 0))
    assert "secret" not in repr(Said("u", "secret", 0))
    assert "secret" not in repr(Window(("m1",), (stored(Said("u", "secret", 0)),)))
