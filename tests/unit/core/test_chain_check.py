"""Whoever changes the log without the key is found, and told where, whatever he changes and however he covers it."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from streams.core.audit import Event, Head, Record, appended, body_read, canonical, chained, digest
from streams.core.chain_check import Break, Check, Mark

LENGTH: Final = 12
SALT: Final = "00" * 16


def chain(length: int = LENGTH, by: str = "mona") -> list[Record]:
    head, made = Head(), []
    for number in range(1, length + 1):
        made.append(appended("acts", head, Event(act="approve", by=by, content_id=f"m{number}"), 1000 + number))
        head = Head(number, made[-1].hash)
    return made


def head_of(records: Sequence[Record]) -> Head:
    return Head(records[-1].seq, records[-1].hash) if records else Head()


def marks(records: Sequence[Record], *numbers: int) -> list[Mark]:
    return [Mark(number, records[number - 1].hash) for number in numbers]


def broken(
    records: Sequence[Record], head: Head, signed: Sequence[Mark] = (), texts: Any = None, check: Check | None = None
) -> Break | None:
    check = check or Check("acts", signed)
    for record in sorted(records, key=lambda record: record.seq):
        if (found := check.see(record, texts or {})) is not None:
            return found
    return check.end(head)


def rehashed(records: Sequence[Record], start: int) -> list[Record]:
    """Return records whose hashes hold again from the number `start` on, as whoever covers a change makes them."""
    made = list(records[: start - 1])
    for number, record in enumerate(records[start - 1 :], start):
        body = canonical(structs.replace(body_read(record.body), seq=number))
        previous = made[-1].hash if made else Head().hash
        made.append(Record(number, chained(previous, body), body, record.at, record.content_id))
    return made


numbers = st.integers(1, LENGTH)


def edited(record: Record) -> Record:
    return structs.replace(record, body=record.body.replace('"mona"', '"eve"'))


def test_a_chain_that_nobody_touched_holds() -> None:
    records = chain()
    check = Check("acts", marks(records, 3, 12))

    assert broken(records, head_of(records), check=check) is None
    assert (check.seq, check.marks) == (LENGTH, 2)
    assert broken([], Head()) is None


@given(numbers)
def test_an_edit_is_found_where_it_is(number: int) -> None:
    records = chain()
    changed = [edited(one) if one.seq == number else one for one in records]

    found = broken(changed, head_of(records), marks(records, *range(1, number)))

    assert found is not None
    assert (found.kind, found.first, found.last) == ("edited", number, number)
    assert str(found).startswith(f"acts: record {number}: ")


@given(numbers, st.sampled_from([{"at": 5}, {"content_id": "m"}, {"body": "{}"}, {"body": ""}, {"hash": "00" * 32}]))
def test_an_edit_of_any_column_is_found(number: int, change: dict[str, Any]) -> None:
    records = chain()
    changed = [structs.replace(one, **change) if one.seq == number else one for one in records]

    found = broken(changed, head_of(records), marks(records, *range(1, number)))

    assert found is not None
    assert (found.kind, found.last) == ("edited", number)


@given(st.integers(1, LENGTH - 1), numbers)
def test_an_edit_that_is_covered_up_to_a_record_is_found_there(start: int, length: int) -> None:
    """Whoever makes the hashes anew from his edit on, and stops somewhere, leaves a seam."""
    records = chain()
    last = min(start + length, LENGTH)
    covered = rehashed([edited(one) if one.seq == start else one for one in records], start)
    changed = [*covered[: last - 1], *records[last - 1 :]]

    found = broken(changed, head_of(records))

    assert found is not None
    assert found.kind == "edited"
    assert found.first <= start < found.last == last


@given(numbers, st.data())
def test_a_record_that_is_taken_out_is_missing(number: int, data: st.DataObject) -> None:
    records = chain()
    last = data.draw(st.integers(number, LENGTH))
    left = [one for one in records if not number <= one.seq <= last]

    found = broken(left, head_of(records))

    assert found is not None
    assert found.kind == ("cut" if last == LENGTH else "missing")
    assert (found.first, found.last) == (number, last)


@given(st.integers(1, LENGTH - 1))
def test_a_gap_that_is_closed_is_found(number: int) -> None:
    records = chain()
    closed = [structs.replace(one, seq=one.seq - (one.seq > number)) for one in records if one.seq != number]

    found = broken(closed, Head(LENGTH - 1, records[-1].hash))

    assert found is not None
    assert (found.kind, found.first) == ("moved", number)


@given(st.tuples(numbers, numbers).filter(lambda pair: pair[0] < pair[1]))
def test_records_that_change_places_are_found(pair: tuple[int, int]) -> None:
    records = chain()
    places = dict([pair, pair[::-1]])
    swapped = [structs.replace(one, seq=places.get(one.seq, one.seq)) for one in records]

    found = broken(swapped, head_of(records))

    assert found is not None
    assert (found.kind, found.first, found.last) == ("moved", pair[0], pair[0])


@given(st.integers(0, LENGTH - 1))
def test_a_cut_tail_is_found_by_the_end_of_the_chain(number: int) -> None:
    records = chain()

    found = broken(records[:number], head_of(records))

    assert found is not None
    assert (found.kind, found.first, found.last) == ("cut", number + 1, LENGTH)


@given(st.integers(0, LENGTH - 2), st.data())
def test_a_cut_tail_whose_end_was_set_back_is_found_by_a_checkpoint(number: int, data: st.DataObject) -> None:
    records = chain()
    signed = data.draw(st.integers(number + 1, LENGTH))

    found = broken(records[:number], head_of(records[:number]), marks(records, signed))

    assert found is not None
    assert (found.kind, found.first, found.last) == ("cut", number + 1, signed)


@given(numbers, st.data())
def test_a_history_told_anew_is_found_by_the_first_checkpoint_after_it(start: int, data: st.DataObject) -> None:
    records = chain()
    signed = sorted(data.draw(st.sets(numbers, min_size=1)))
    told = rehashed([edited(one) if one.seq >= start else one for one in records], start)

    found = broken(told, head_of(told), marks(records, *signed))

    after = [number for number in signed if number >= start]
    if not after:
        assert found is None  # nobody vouches for what it was: see checkpoints' interval
        return
    before = [number for number in signed if number < start]
    assert found is not None
    assert (found.kind, found.first, found.last) == ("forked", max(before, default=0) + 1, after[0])


def test_a_fork_that_went_on_from_an_older_copy_is_found() -> None:
    records = chain()
    other = [*records[:6], *rehashed([*records[:6], *map(edited, records[6:])], 7)[6:]]

    assert broken(other, head_of(records)) is not None
    found = broken(other, head_of(other), marks(records, 4, 9))
    assert found is not None
    assert (found.kind, found.first, found.last) == ("forked", 5, 9)


def test_records_that_the_end_does_not_know_are_found() -> None:
    records = chain()

    found = broken(records, head_of(records[:9]))
    assert found is not None
    assert (found.kind, found.first, found.last) == ("added", 10, LENGTH)
    found = broken([structs.replace(records[0], seq=0), *records], head_of(records))
    assert found is not None
    assert (found.kind, found.first) == ("added", 0)


def test_a_record_of_another_chain_is_found() -> None:
    records = chain()
    foreign = appended("accounts", Head(4, records[3].hash), Event(act="approve", by="eve"), 7)

    found = broken([*records[:4], foreign, *records[5:]], head_of(records))

    assert found is not None
    assert (found.kind, found.first) == ("moved", 5)


def told(*events: Event) -> list[Record]:
    head, made = Head(), []
    for event in events:
        made.append(appended("acts", head, event, 1))
        head = Head(made[-1].seq, made[-1].hash)
    return made


REASON: Final = digest(SALT, "satire")


def test_a_text_that_was_changed_is_found() -> None:
    records = told(Event(act="approve", by="mona", user_id="u", reason=REASON))

    assert broken(records, head_of(records), texts={REASON: (SALT, "satire")}) is None
    found = broken(records, head_of(records), texts={REASON: (SALT, "fraud")})
    assert found is not None
    assert (found.kind, found.first) == ("text", 1)


ABOUT: Final = Event(act="note", by="mona", user_id="u", note=REASON)
ERASED: Final = Event(act="erase", by="ada", user_id="u")


@pytest.mark.parametrize(
    ("events", "lacking"),
    [
        ((ABOUT, ERASED), None),
        ((ABOUT, ERASED, ABOUT), 3),
        ((ERASED, ABOUT), 2),
        ((ABOUT, structs.replace(ERASED, user_id="another")), 1),
    ],
)
def test_a_text_that_is_gone_was_erased_or_is_missed(events: Sequence[Event], lacking: int | None) -> None:
    records = told(*events)
    check = Check("acts")

    found = broken(records, head_of(records), check=check)

    assert (found and found.first) == lacking
    assert (check.texts, check.erased) == (0, events.count(ABOUT))
