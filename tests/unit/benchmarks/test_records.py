"""The records of the benchmark."""

from collections import Counter
from itertools import islice

import msgspec

from benchmarks.records import conversations, messages, terms
from streams.core.content import Message

BLOCKED = terms(100)


def drawn(count: int, start: int = 0) -> list[Message]:
    decode = msgspec.json.Decoder(Message).decode
    made = messages(count, in_conversations=50, spread="uniform", blocked=BLOCKED, start=start)
    return [decode(record.value) for record in made]


def test_every_record_is_a_message_of_the_contract() -> None:
    found = drawn(500)
    assert all(message.conversation_id and message.text for message in found)
    assert 60 < sum(len(message.text) for message in found) / 500 < 100


def test_the_same_seed_draws_the_same_records() -> None:
    assert drawn(100) == drawn(100)


def test_another_start_gives_other_ids() -> None:
    assert not {message.content_id for message in drawn(200)} & {message.content_id for message in drawn(200, 200)}


def test_terms_are_distinct_and_some_are_phrases() -> None:
    found = terms(1000)
    assert len(set(found)) == 1000
    assert 90 <= sum(" " in term for term in found) <= 110


def test_a_few_texts_hold_a_term() -> None:
    held = sum(any(f" {term} " in f" {message.text} " for term in BLOCKED) for message in drawn(1000))
    assert 5 <= held <= 40


def test_zipf_gives_the_first_conversation_the_most() -> None:
    counts = Counter(islice(conversations(100, "zipf"), 10_000))
    assert counts.most_common(1)[0][0] == 0
    assert counts[0] > 1000
    assert max(Counter(islice(conversations(100, "uniform"), 10_000)).values()) < 200
