import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.core.window import EMPTY, FINGERPRINT, Entry, Said, Window, added, fingerprint, noted, remembers, replaced

TEXTS = st.text(max_size=40)


def said(number: int, text: str | None = None) -> Said:
    return Said("u", f"text {number}" if text is None else text, number)


def entry(number: int) -> Entry:
    return Entry(f"m{number}", "u", f"text {number}", number)


def talked(messages: int) -> Window:
    window = EMPTY
    for number in range(messages):
        window = added(window, f"m{number}", said(number), fingerprint(f"m{number}"), 200, 5)
    return window


def test_a_window_keeps_the_last_ten_messages_oldest_first() -> None:
    window = talked(11)
    assert window.entries == tuple(entry(number) for number in range(1, 11))
    assert window.ids == tuple(f"m{number}" for number in range(1, 11))
    assert window.at == 5


def test_a_window_of_few_messages_keeps_all() -> None:
    assert talked(2).entries == (entry(0), entry(1))


@given(st.lists(TEXTS, max_size=25))
def test_what_was_said_comes_back_whatever_its_length(texts: list[str]) -> None:
    window = EMPTY
    for number, text in enumerate(texts):
        window = added(window, f"m{number}", said(number, text), fingerprint(f"m{number}"), 200, 5)
    assert [kept.text for kept in window.entries] == texts[-10:]


@given(st.integers(1, 15), st.integers(0, 14), TEXTS)
def test_one_message_is_replaced_and_the_others_stay(messages: int, back: int, text: str) -> None:
    before = talked(messages)
    after = replaced(before, back, said(99, text))
    expected = list(before.entries)
    if back < len(expected):
        expected[-1 - back] = Entry(expected[-1 - back].content_id, "u", text, 99)
    assert after.entries == tuple(expected)
    assert (after.ids, after.seen, after.at) == (before.ids, before.seen, before.at)


def test_a_noted_id_is_remembered_and_leaves_no_message() -> None:
    window = noted(talked(1), fingerprint("lone"), 200, 7)
    assert window.entries == (entry(0),)
    assert remembers(window.seen, fingerprint("lone"))
    assert window.at == 7


@given(st.lists(st.text(min_size=1), unique=True, min_size=1, max_size=30), st.integers(1, 12))
def test_exactly_the_last_ids_are_remembered(ids: list[str], remembered: int) -> None:
    window = EMPTY
    for content_id in ids:
        window = noted(window, fingerprint(content_id), remembered, 0)
    known = [content_id for content_id in ids if remembers(window.seen, fingerprint(content_id))]
    assert known == ids[-remembered:]
    assert len(window.seen) == FINGERPRINT * min(len(ids), remembered)


def test_a_fingerprint_across_two_others_is_not_remembered() -> None:
    first, second = b"abcdefgh", b"ijklmnop"
    assert not remembers(first + second, b"efghijkl")
    assert remembers(first + second + b"efghijkl", b"efghijkl")


def test_fingerprints_have_eight_bytes_and_differ() -> None:
    marks = {fingerprint(f"id-{number}") for number in range(10_000)}
    assert len(marks) == 10_000
    assert {len(mark) for mark in marks} == {8}


def test_nothing_shows_a_text() -> None:
    secret = Said("u", "secret", 0)
    window = added(EMPTY, "m1", secret, fingerprint("m1"), 200, 0)
    assert "secret" not in repr((Entry("m1", "u", "secret", 0), secret, window))


def test_a_window_that_an_earlier_release_stored_is_read() -> None:
    window = talked(3)
    stored = msgspec.msgpack.encode([window.ids, window.said, window.sizes, window.seen, window.at])
    assert msgspec.msgpack.decode(stored, type=Window) == window


def test_marks_are_those_of_the_last_message_and_stay_when_others_change() -> None:
    marked = added(EMPTY, "m1", said(1), fingerprint("m1"), 200, 5, b"mark")
    assert marked.marks == b"mark"
    assert noted(marked, fingerprint("lone"), 200, 6).marks == b"mark"
    assert replaced(marked, 0, said(2)).marks == b"mark"
    assert added(marked, "m2", said(2), fingerprint("m2"), 200, 7).marks == b""
