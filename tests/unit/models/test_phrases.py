"""Phrases are encoded once."""

from collections.abc import Sequence

import numpy as np

from streams.models.encoder import Vectors
from streams.models.graph import WIDTH
from streams.models.phrases import Phrases


class Encoder:
    """Encodes a text as its length, and remembers what it was asked."""

    def __init__(self) -> None:
        """Begin with nothing asked."""
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return float32 [len(texts), WIDTH]."""
        self.asked += texts
        return np.repeat(np.array([len(text) for text in texts], np.float32)[:, None], WIDTH, axis=1)


def test_a_phrase_is_encoded_once_and_each_text_gets_its_own_vector() -> None:
    encoder = Encoder()
    phrases = Phrases(encoder)
    first, second = phrases(["buy", "acquire", "buy"]), phrases(["now", "acquire"])

    assert first[:, 0].tolist() == [3, 7, 3]
    assert second[:, 0].tolist() == [3, 7]
    assert encoder.asked == ["buy", "acquire", "now"]
    assert phrases([]).shape == (0, WIDTH)


def test_what_is_forgotten_is_encoded_again() -> None:
    encoder = Encoder()
    phrases = Phrases(encoder, remembered=1)
    for text in ("buy", "acquire", "acquire", "buy"):
        phrases([text])

    assert encoder.asked == ["buy", "acquire", "buy"]
