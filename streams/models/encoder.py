"""The sentence encoder: texts in, one vector of length 1 each out. The same text has the same vector in any batch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from streams.core.recent import Recent
from streams.models.graph import WIDTH, Range, encoder
from streams.models.session import session
from streams.models.weights import MINILM, TOKENIZER

MOST_TOKENS: Final = 128  # of one text; what is longer is cut by the caller into pieces (pieces.py)
BATCH: Final = 8  # texts of one call, of about equal length: more would be padded further (benchmarks/README.md)
PADDING: Final = 20  # tokens of padding in one call: more costs more than another call
REMEMBERED: Final = 20_000  # vectors, 31 MB
RANGES: Final = "activations.json"

Vectors = NDArray[np.float32]


def loaded_tokenizer() -> Any:
    """Return MiniLM's WordPiece tokenizer; raise Missing where its package is not installed."""
    tokenizer = Tokenizer.from_str(TOKENIZER.read().decode())
    tokenizer.no_padding()  # the file pads every text to 128 tokens, five times the work for a short one
    tokenizer.enable_truncation(MOST_TOKENS)
    return tokenizer


class Encoder:
    """Tokenises, sorts by length, runs the network, remembers the last vectors. Thread-safe."""

    def __init__(self, ranges: Mapping[str, Range], *, threads: int = 1, remembered: int = REMEMBERED) -> None:
        self._tokenizer = loaded_tokenizer()
        self._session = session(encoder(MINILM.read(), ranges), threads)
        self._recent: Recent[str, Vectors] = Recent(remembered)
        self._lock = Lock()

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return float32 [len(texts), WIDTH]; each different text is encoded once."""
        with self._lock:  # a second caller would only share the same cores
            known = {text: self._recent.get(text) for text in texts}
            unknown = [text for text, vector in known.items() if vector is None]
            for text, vector in zip(unknown, self.encoded(unknown), strict=True):
                known[text] = self._recent.put(text, vector.copy())  # a row alone would keep its batch in memory
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        return np.stack([vector for text in texts if (vector := known[text]) is not None])

    def encoded(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors without looking at those that are remembered."""
        vectors = np.zeros((len(texts), WIDTH), np.float32)
        for places, ids, mask in batches(self._tokenizer, texts):
            (vectors[places],) = self._session.run(["vectors"], {"input_ids": ids, "attention_mask": mask})
        return vectors


def batches(tokenizer: Any, texts: Sequence[str]) -> Iterator[tuple[list[int], NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (places in `texts`, token ids, mask) of texts of about equal length, padded to the longest of a batch."""
    tokens = [encoding.ids for encoding in tokenizer.encode_batch_fast([_whole(text) for text in texts])]
    order = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
    start = 0
    while start < len(order):
        lengths = [len(tokens[place]) for place in order[start : start + BATCH]]
        count = sum(length * number - sum(lengths[:number]) <= PADDING for number, length in enumerate(lengths))
        places = order[start : start + count]
        start += count
        ids = np.zeros((len(places), len(tokens[places[-1]])), np.int64)
        mask = np.zeros_like(ids)
        for row, place in enumerate(places):
            ids[row, : len(tokens[place])] = tokens[place]
            mask[row, : len(tokens[place])] = 1
        yield places, ids, mask


def _whole(text: str) -> str:
    """Return the text without lone surrogates, which have no UTF-8."""
    return text if text.isascii() else text.encode(errors="replace").decode()


def shipped_ranges() -> dict[str, Range]:
    """Return the activations' ranges with which the shipped heads were trained."""
    data = (files("streams.models") / "data" / RANGES).read_bytes()
    return msgspec.json.decode(data, type=dict[str, Range])


Encode = Callable[[Sequence[str]], Vectors]


@cache
def shared_encoder() -> Encoder:
    """Return the process's encoder: all engines share it, so that no text is encoded twice."""
    return Encoder(shipped_ranges())
