"""Readings: what the encoder is given of a text."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from streams.models.encoder import shared_encoder
from streams.models.pieces import MOST, SIZE
from streams.models.reading import read, readings, vectors


def test_a_disguise_is_undone_before_the_text_is_cut() -> None:
    (reading,) = readings(["H e l l o\u200b \U0001d4ef\U0001d4fb\U0001d4f2\U0001d4ee\U0001d4f7\U0001d4ed"])

    assert reading.prepared == "hello friend"
    assert reading.pieces == ("hello friend",)


def test_of_a_long_text_the_first_eight_pieces_and_the_last_four_are_read() -> None:
    sentences = [f"{number} is the number of this sentence, {'which goes on and on ' * 8}." for number in range(40)]
    reading = read(" ".join(sentences))

    assert len(reading.pieces) == MOST
    assert [piece.split()[0] for piece in reading.pieces] == [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "36",
        "37",
        "38",
        "39",
    ]
    assert all(len(piece) <= SIZE for piece in reading.pieces)


def test_a_text_without_anything_to_read_has_one_empty_piece() -> None:
    assert [reading.pieces for reading in readings(["", " \n", "\u200b\u200b"])] == [("",)] * 3


def test_readings_come_in_order_and_those_of_the_last_batch_are_shared() -> None:
    first, other = readings(["one text", "another text"])

    assert (first.prepared, other.prepared) == ("one text", "another text")
    assert readings(["one text", "another text"])[0] is first
    assert readings(["another text", "one text"]) == [other, first]


def test_many_threads_read_the_same() -> None:
    texts = [f"text number {number % 50}" for number in range(400)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: readings(texts), range(8)))

    assert all(each == found[0] for each in found)


def test_each_reading_has_the_vectors_of_its_pieces() -> None:
    read = readings(["hello", "word " * 100, ""])
    encoded = vectors(read, shared_encoder())

    assert encoded.starts.tolist() == [0, 1, 4, 5]
    assert [len(encoded.of(place)) for place in range(3)] == [len(each.pieces) for each in read]
    assert np.array_equal(encoded.of(0), shared_encoder()(["hello"]))
    assert np.array_equal(encoded.of(1), shared_encoder()(read[1].pieces))


def test_no_readings_have_no_vectors() -> None:
    encoded = vectors([], shared_encoder())

    assert encoded.vectors.shape == (0, 384)
    assert encoded.starts.tolist() == [0]
