# ruff: noqa: RUF001 (letters that look alike are what is tested here)
import json
import random
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core import velocity
from streams.core.normal import normal
from streams.core.velocity import WIDTH, kept, likeness, mark

DISTANCE = 16
OFFER = "claim your free prize at the shop next to the bank"


class Sent(NamedTuple):
    """A text as a naive reader remembers it."""

    text: str
    user_id: str
    at: int

    @property
    def mark(self) -> bytes:
        """Return its mark."""
        return mark(self.text, self.user_id, self.at)


TEXTS = st.sampled_from([OFFER, OFFER.upper(), OFFER + " now", "hello", "see http://a.example", "www.b.example ok", ""])
SENT = st.builds(Sent, TEXTS, st.sampled_from(["ann", "bob"]), st.integers(0, 3000))


def run(sent: list[Sent]) -> bytes:
    """Return the marks of texts, one after the other."""
    return b"".join(each.mark for each in sent)


def bits(one: str, other: str) -> int:
    """Return in how many bits the likenesses of two texts differ."""
    return (likeness(normal(one, alike=True)) ^ likeness(normal(other, alike=True))).bit_count()


def sms(shared: Path, label: str) -> list[str]:
    """Return the messages of the SMS corpus with a label of its authors."""
    file = shared / "data" / "text" / "dev" / "sms_spam_uci.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [row["text"] for row in rows if row["labels"]["orig"]["label"] == label]


@given(st.lists(SENT, max_size=30), SENT, st.integers(1, 2000))
def test_the_counts_are_those_of_a_naive_recount(before: list[Sent], last: Sent, within: int) -> None:
    marks = run(before)
    near = [each for each in before if each.user_id == last.user_id and abs(each.at - last.at) < within]
    same = [each for each in near if each.text.lower() == last.text.lower()]
    alike = [each for each in near if bits(each.text, last.text) <= DISTANCE]
    links = [each for each in [*near, last] if "example" in each.text]

    assert velocity.messages(marks, last.mark, within) == len(near) + 1
    assert velocity.same(marks, last.mark, within) == len(same) + 1
    assert velocity.similar(marks, last.mark, within, DISTANCE) == len(alike) + 1
    assert velocity.links(marks, last.mark, within) == len(links)


@given(st.lists(SENT, max_size=30), SENT)
def test_a_first_look_never_says_fewer_than_there_are(before: list[Sent], last: Sent) -> None:
    marks = run(before)
    ever = 10_000  # milliseconds: longer than all of them

    assert velocity.authored(marks, last.mark) >= velocity.messages(marks, last.mark, ever) - 1
    assert velocity.repeated(marks, last.mark) >= velocity.same(marks, last.mark, ever) - 1
    assert velocity.alike(marks, last.mark, DISTANCE) >= velocity.similar(marks, last.mark, ever, DISTANCE) - 1


@given(st.lists(st.binary(min_size=WIDTH, max_size=WIDTH), max_size=70), st.integers(0, 32), st.data())
def test_all_likenesses_at_once_compare_as_one_by_one(runs: list[bytes], distance: int, data: st.DataObject) -> None:
    own = data.draw(st.sampled_from([bytes(WIDTH), b"\xff" * WIDTH, *runs]))
    mine = int.from_bytes(own[16:24], "big")
    near = [each for each in runs if (int.from_bytes(each[16:24], "big") ^ mine).bit_count() <= distance]

    assert velocity.alike(b"".join(runs), own, distance) == len(near)


PIECES = ["http", "s", ":", "//", "/", "www", ".", "com", "co", "uk", "example", "a", "x", "1", "-", " ", "<", "150p"]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_the_quick_look_misses_no_link(text: str) -> None:
    written = velocity._LINK.findall(normal(text, alike=True).strip())

    assert velocity.links_of(Sent(text, "ann", 0).mark) == len(written)


@given(st.lists(SENT, max_size=30), st.integers(0, 12), st.integers(1, 2000))
def test_what_is_kept_is_what_a_list_would_keep(sent: list[Sent], most: int, horizon: int) -> None:
    marks, model = b"", list[Sent]()
    for each in sent:
        model = model[-(most - 1) :] if most > 1 else []
        while model and model[0].at < each.at - horizon:
            model = model[1:]
        model = [*model, each] if most else []
        marks = kept(marks, each.mark, most, each.at - horizon)

        assert marks == run(model)


def test_the_window_ends_where_it_is_long_ago_or_far_ahead() -> None:
    before = [Sent("a", "ann", at) for at in (1000, 1001, 5000, 8999, 9000)]
    last = Sent("b", "ann", 5000)

    assert velocity.messages(run(before), last.mark, 4000) == 4


def test_a_text_that_comes_late_counts_what_was_sent_around_it() -> None:
    before = [Sent("a", "ann", 50_000), Sent("a", "ann", 10_000), Sent("a", "ann", 11_000)]

    assert velocity.messages(run(before), Sent("a", "ann", 10_500).mark, 5000) == 3


def test_a_text_stamped_far_ahead_is_not_counted_against_the_next() -> None:
    year_9999 = 253_402_300_799_999
    marks = kept(b"", Sent("a", "ann", 1000).mark, 10, 0)
    marks = kept(marks, Sent("a", "ann", year_9999).mark, 10, year_9999 - 60_000)
    marks = kept(marks, Sent("a", "ann", 2000).mark, 10, 0)

    assert velocity.messages(marks, Sent("a", "ann", 3000).mark, 60_000) == 2


@pytest.mark.parametrize(
    "other",
    [
        OFFER.title(),
        f"  {OFFER} \n",
        OFFER.replace(" ", "\u00a0\t"),
        OFFER.replace("e", "e\u200b"),
        "\u202e" + OFFER + "\u2069",
        OFFER.replace("a", "а").replace("o", "о"),  # Cyrillic
        OFFER.replace("c", "ｃ"),
    ],
)
def test_a_text_is_the_same_however_it_is_dressed_up(other: str) -> None:
    assert velocity.same(Sent(OFFER, "ann", 0).mark, Sent(other, "ann", 1).mark, 10) == 2


def test_authors_are_told_apart() -> None:
    assert velocity.messages(Sent(OFFER, "ann", 0).mark, Sent(OFFER, "bob", 1).mark, 10) == 1


def test_a_mark_holds_no_text_and_is_small() -> None:
    one = mark("secret words", "ann", 1)

    assert len(one) == WIDTH == 32
    assert b"secret" not in one


def test_a_text_of_no_words_is_like_no_other_in_particular() -> None:
    assert likeness("") == likeness(" ") == 0


def test_the_order_of_words_does_not_count_and_the_words_do() -> None:
    assert bits(OFFER, " ".join(reversed(OFFER.split()))) == 0
    assert bits(OFFER, "I shall be at the station at nine unless the train is late") > DISTANCE


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("hello.how are you... I am fine/well 1.5 2/3 e.g. this", 0),
        ("go to evil.com", 1),
        ("go to evil.com. Now", 1),
        ("evil.com, evil.co.uk! (evil.com.au) evil.com:80", 4),
        ("evil.common evil.com.banana", 0),
        ("HTTP://EVIL.EXAMPLE/a?u=http://other.example", 1),
        ("http://a.example https://b.example www.c.example d.example/e f.org", 5),
        ("ｗｗｗ.evil.example", 1),
        ("ht\u200btp://evil.example", 1),
        ("mail me at ann@evil.com", 0),
        ("welcome.committee and.organic", 0),
        ("http://a.example " * 400, 255),
    ],
)
def test_links_are_counted(text: str, count: int) -> None:
    assert velocity.links_of(mark(text, "ann", 0)) == count


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u200b" * 20_000,
        "a" * 20_000,
        "a " * 10_000,
        "👨‍👩‍👧‍👦" * 2_000,
        "\ud800" * 20_000,
        "\ud800 \udfff",
        "\u0316\u0301" * 10_000,
        "ﷺ" * 20_000,
        "a." * 10_000,
        "-." * 10_000,
        '"a.' * 6_600,
        "http://" * 2_800,
        "田" * 20_000,
        "\x00" * 20_000,
    ],
)
def test_a_hostile_text_has_a_mark_like_any_other(text: str) -> None:
    one = mark(text, text[:256], 253_402_300_799_999)

    assert len(one) == WIDTH
    assert velocity.messages(one * 3, one, 1) == 4


@given(st.text(max_size=600), st.integers(0, 253_402_300_799_999))
def test_any_text_has_the_same_mark_again(text: str, at: int) -> None:
    assert mark(text, "ann", at) == mark(text, "ann", at)


def test_texts_of_one_template_are_near() -> None:
    names = ["Ann", "Bob", "Christina", "Dmitri", "Eve"]
    texts = [f"Dear {name}, your parcel waits. Pay the fee today to receive it." for name in names]

    assert all(bits(one, other) <= DISTANCE for one, other in pairwise(texts))


def test_one_changed_or_added_word_of_ten_leaves_a_text_near(shared: Path) -> None:
    draw = random.Random(7)
    ham = sms(shared, "ham")
    words = [word for text in ham for word in text.split()]
    tens = [text.split()[:10] for text in ham if len(text.split()) >= 10]
    changed = added = 0
    for ten in tens:
        place = draw.randrange(10)
        changed += bits(" ".join(ten), " ".join([*ten[:place], draw.choice(words), *ten[place + 1 :]])) <= DISTANCE
        added += bits(" ".join(ten), " ".join([*ten, draw.choice(words)])) <= DISTANCE

    assert len(tens) > 900
    assert changed / len(tens) >= 0.98
    assert added / len(tens) >= 0.995


def test_unrelated_messages_are_not_near(shared: Path) -> None:
    draw = random.Random(7)
    near = {text: likeness(normal(text, alike=True)) for text in sms(shared, "ham") if len(text) >= 24}
    texts = list(near)
    pairs = [draw.sample(texts, 2) for _ in range(20_000)]

    assert sum((near[one] ^ near[other]).bit_count() <= DISTANCE for one, other in pairs) / len(pairs) <= 0.002
