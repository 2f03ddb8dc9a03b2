"""The encoder: one vector for each text, in order, each different text encoded once."""

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from streams.models.encoder import (
    BATCH,
    MOST_TOKENS,
    PADDING,
    Encoder,
    Vectors,
    batches,
    loaded_tokenizer,
    shipped_ranges,
)

TEXTS = ("the cat sleeps", "a dog barks at the postman every morning", "rain", "order two coffees, please")


class Counting(Encoder):
    """Notes what it is asked to encode."""

    def __init__(self, remembered: int) -> None:
        super().__init__(shipped_ranges(), remembered=remembered)
        self.asked: list[str] = []

    def encoded(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors."""
        self.asked += texts
        return super().encoded(texts)


class Idle(Counting):
    """Answers without work."""

    def encoded(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors."""
        self.asked += texts
        return np.zeros((len(texts), 384), np.float32)


@pytest.fixture
def counting() -> Counting:
    """Return an encoder that remembers two vectors."""
    return Counting(2)


@pytest.fixture(scope="module")
def forgetful() -> Encoder:
    """Return an encoder that remembers nothing."""
    return Encoder(shipped_ranges(), remembered=0)


def test_vectors_come_in_the_order_of_the_texts(forgetful: Encoder) -> None:
    many = [f"{TEXTS[number % 4]} {'again and ' * (number * 7 % 13)}{number}" for number in range(BATCH * 2 + 5)]
    together = forgetful(many)

    assert together.shape == (len(many), 384)
    assert np.array_equal(together, np.concatenate([forgetful([text]) for text in many]))
    assert len(np.unique(together, axis=0)) == len(many)


def test_equal_texts_are_encoded_once_and_the_last_ones_remembered(counting: Counting) -> None:
    first, second, again = counting([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert counting.asked == [TEXTS[0], TEXTS[1]]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)

    assert np.array_equal(counting([TEXTS[1], TEXTS[0]]), np.stack([second, first]))
    assert counting.asked == [TEXTS[0], TEXTS[1]]


def test_only_so_many_vectors_are_remembered(counting: Counting) -> None:
    counting(TEXTS[:3])
    counting([TEXTS[2]])
    assert len(counting.asked) == 3

    counting([TEXTS[0]])
    assert counting.asked[3:] == [TEXTS[0]]


def test_more_texts_than_are_remembered_all_get_their_vectors(counting: Counting) -> None:
    assert np.array_equal(counting([*TEXTS, *TEXTS])[:4], counting.encoded(TEXTS))


def test_what_is_remembered_does_not_keep_whole_batches_in_memory() -> None:
    encode = Idle(600)
    kept: list[str] = []
    tracemalloc.start()
    try:
        for number in range(20):
            kept.append(f"kept {number}")
            encode([kept[-1], *(f"{number} passes by {other}" for other in range(500))][::-1])
            encode(kept)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(encode.asked) == 20 * 501
    assert used < 3_000_000  # twenty whole batches are 15 MB


def test_no_texts_have_no_vectors(forgetful: Encoder) -> None:
    assert forgetful([]).shape == (0, 384)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "\U0001f600" * 50,
        "\ud800",
        "before \udc00\ud800 after",
        "\u200b\u202e",
        "word " * 4000,
        "a" * 20_000,
    ],
)
def test_odd_texts_have_a_vector_of_length_one(forgetful: Encoder, text: str) -> None:
    vectors = forgetful([text, TEXTS[0]])

    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vectors[1:], forgetful([TEXTS[0]]))


def test_of_a_long_text_only_the_first_tokens_are_read(forgetful: Encoder) -> None:
    words = ["word"] * (MOST_TOKENS - 2)
    vectors = forgetful([" ".join(words), " ".join([*words, "cat", "dog"]), " ".join([*words[:-1], "cat"])])

    assert np.array_equal(vectors[0], vectors[1])
    assert not np.array_equal(vectors[0], vectors[2])


def test_texts_of_about_equal_length_share_a_batch() -> None:
    texts = ["word " * (number % 40 // 2) for number in range(BATCH * 6)]
    sizes = [mask.sum(axis=1) for _, _, mask in batches(loaded_tokenizer(), texts)]
    places = [place for batch, _, _ in batches(loaded_tokenizer(), texts) for place in batch]

    assert sorted(places) == list(range(len(texts)))
    assert {len(each) for each in sizes} <= set(range(1, BATCH + 1))
    assert len(sizes) < len(texts) / 3
    assert all(each.max() * len(each) - each.sum() <= PADDING for each in sizes)
    assert all(before.max() <= after.min() for before, after in pairwise(sizes))


def test_one_length_fills_its_batches() -> None:
    sizes = [len(places) for places, _, _ in batches(loaded_tokenizer(), ["a cat sleeps"] * (BATCH * 2 + 1))]

    assert sizes == [BATCH, BATCH, 1]


def test_two_threads_at_once_get_what_one_gets(counting: Counting) -> None:
    texts = [f"{text} {number}" for number in range(6) for text in TEXTS]
    alone = counting.encoded(texts)
    barrier = Barrier(2)

    def ask(order: int) -> Iterator[bool]:
        barrier.wait(10)
        return iter([bool(np.array_equal(counting(texts[::order])[::order], alone)) for _ in range(3)])

    with ThreadPoolExecutor(2) as threads:
        assert all(same for each in threads.map(ask, (1, -1)) for same in each)


def test_the_network_library_sends_and_writes_nothing(tmp_path: Path) -> None:
    script = "from streams.models.encoder import shared_encoder; shared_encoder()(['hello'])"
    environment = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", script], env={**environment, "TMPDIR": str(tmp_path)}, check=True, timeout=60)

    assert list(tmp_path.iterdir()) == []
