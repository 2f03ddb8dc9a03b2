"""The texts and conversations of the text benchmark."""

import json
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import text_input
from streams.core.velocity import WIDTH


def test_drawn_texts_have_the_length_of_an_sms_and_are_all_different() -> None:
    texts = list(islice(text_input.drawn(1), 3000))
    lengths = sorted(map(len, texts))

    assert len(set(texts)) == 3000
    assert lengths[1500] == pytest.approx(65, abs=8)
    assert lengths[2700] == pytest.approx(158, abs=15)


def test_the_same_seed_draws_the_same_texts() -> None:
    assert list(islice(text_input.drawn(7), 50)) == list(islice(text_input.drawn(7), 50))


def test_collected_texts_come_again_with_another_word_at_their_end(tmp_path: Path) -> None:
    file = tmp_path / text_input.COLLECTION
    file.parent.mkdir(parents=True)
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in ("hi there", "bye", "bye")), encoding="utf-8")

    name, texts = text_input.source(tmp_path, 1)
    found = list(islice(texts, 1000))

    assert name == "sms_spam_uci.jsonl"
    assert len(set(found)) == 1000
    assert all(text.startswith(("hi there ", "bye ")) for text in found)


def test_texts_are_drawn_where_no_collection_is(tmp_path: Path) -> None:
    assert text_input.source(tmp_path, 1)[0] == "drawn"


def test_conversations_begin_with_ten_messages_and_fifty_marks() -> None:
    windows = text_input.steady(1)

    assert len(windows) == text_input.CONVERSATIONS
    assert {len(window.entries) for window in windows.values()} == {10}
    assert {len(window.marks) // WIDTH for window in windows.values()} == {50}


def test_texts_fall_into_the_conversations_by_turns() -> None:
    first, second, again = (
        text_input.arrivals([f"text {number}" for number in range(201)])[place] for place in (0, 1, 200)
    )

    assert first.message.conversation_id == again.message.conversation_id != second.message.conversation_id
    assert again.at - first.at == text_input.APART
