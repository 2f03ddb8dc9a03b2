"""A text as the model reads it: disguises undone, links as one word."""

import re
from functools import cache
from typing import Final

import msgspec

from streams.models.weights import TOKENIZER
from streams.obfuscation.revealed import revealed
from streams.obfuscation.vocabulary import DISGUISED_WORDS

LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)


class _Model(msgspec.Struct):
    vocab: dict[str, int]


class _File(msgspec.Struct):
    model: _Model


@cache
def vocabulary() -> frozenset[str]:
    """Return the whole words that the encoder knows, lower case, and those that it lacks because they are rude."""
    words = msgspec.json.decode(TOKENIZER.read(), type=_File).model.vocab
    return DISGUISED_WORDS.union(word for word in words if not word.startswith("##"))


def prepared(text: str) -> str:
    """Return a text as the model reads it; what the heads were trained on and what they are served."""
    if "//" in text or "www" in text.lower():
        text = LINK.sub("http", text)
    return revealed(text, vocabulary())


def has_letter(text: str) -> bool:
    """Say whether a text says anything in words: numbers, signs and emoji alone mean nothing to the encoder."""
    return any(map(str.isalpha, text))
