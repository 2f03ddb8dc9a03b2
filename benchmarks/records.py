"""Chat-like messages for the benchmark: a seed comes in, Message records as JSON bytes with their keys go out.

Drawn, not collected: the words are a small own vocabulary, weighted as words of a language are (a few very often, most
seldom). About 80 characters of text and 300 bytes of JSON a record, ids as chat platforms give them (19 digits).
"""

import itertools
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

Spread = Literal["uniform", "zipf"]

FIRST_ID: Final = 1_840_000_000_000_000_000  # ids have 19 digits from here on
USERS: Final = 20_000
STARTED: Final = "2026-01-05T08:%02d:%02d.%03dZ"  # the hour in which all messages were written
WORDS_PER_TEXT: Final = (7, 30)  # 80 characters on average with this vocabulary
TERM_SHARE: Final = 0.02  # of texts that hold a term of the list
PATTERN_SHARE: Final = 0.02  # of texts that hold a phone number, a link or an address
ACCENT_SHARE: Final = 0.05  # of texts with characters outside of ASCII

_WORDS: Final = (
    "the i to and you a it is that in of for on not this my was but so have just be me with are what we do your no "
    "like at if can they up all get one out now he there know how or go really think time good about see she when "
    "then here today well as will her want some more too why him did got need people them from who would back still "
    "has going right had day much say only our make by us thanks where should an great work could down take way "
    "love been never home over again very something tomorrow even look thing any game night week nothing maybe always "
    "morning off anyone before try first after last new tell sure better next play actually watch old because other "
    "everyone help same show though friend ready long than later eat most team school whole pretty phone bit house "
    "music kind car world call hope every picture story finally train weather coffee dinner funny weekend question "
    "listen season minute happen garden window kitchen beautiful agree late early together different probably movie "
    "channel server update version problem answer station river summer winter project meeting number "
    "dog cat bread cheese lunch ticket concert match score goal level boss round party moving painting guitar"
)
VOCABULARY: Final = tuple(_WORDS.split())
ENDINGS: Final = ("", "", "", "", ".", ".", "!", "?", " :)", "...", " haha", " lol")
ACCENTS: Final = ("café", "naïve", "mañana", "über", "déjà vu", "😀", "🎉", "привет", "ありがとう", "ça va")
CATCHES: Final = (
    "call 555-014-{:04d}",
    "see https://chat{}.example/join",
    "mail me at user{}@mail.example",
    "fr3e m0ney code {}",
)
SYLLABLES: Final = tuple(
    first + vowel
    for first in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z")
    for vowel in "aeiou"
)


@dataclass(frozen=True)
class Record:
    """One record of `messages`: key and value as the platform's producer writes them."""

    content_id: str
    key: bytes
    value: bytes


def _draw(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same every time is what is wanted


def terms(count: int, seed: int = 1) -> list[str]:
    """Return made-up words of three to five syllables, every tenth a phrase of two: terms of a blocklist, each once."""
    draw = _draw(f"terms {seed}")
    found: dict[str, None] = {}
    while len(found) < count:
        word = "".join(draw.choices(SYLLABLES, k=draw.randint(3, 5)))
        if len(found) % 10 == 9:  # noqa: PLR2004 - every tenth
            word += " " + "".join(draw.choices(SYLLABLES, k=3))
        found[word] = None
    return list(found)


def texts(blocked: list[str], seed: int = 1) -> Iterator[str]:
    """Yield chat-like texts without end; some hold a term of `blocked` or something that a pattern catches."""
    draw = _draw(f"texts {seed}")
    weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(len(VOCABULARY))))
    while True:
        words = draw.choices(VOCABULARY, cum_weights=weights, k=draw.randint(*WORDS_PER_TEXT))
        chance = draw.random()
        if chance < TERM_SHARE:
            words[draw.randrange(len(words))] = draw.choice(blocked)
        elif chance < TERM_SHARE + PATTERN_SHARE:
            words.append(draw.choice(CATCHES).format(draw.randrange(10_000)))
        elif chance < TERM_SHARE + PATTERN_SHARE + ACCENT_SHARE:
            words[draw.randrange(len(words))] = draw.choice(ACCENTS)
        yield " ".join(words) + draw.choice(ENDINGS)


def conversations(count: int, spread: Spread, seed: int = 1) -> Iterator[int]:
    """Yield conversation numbers 0..count-1 without end: all equally often, or the n-th 1/n as often as the first."""
    draw = _draw(f"conversations {seed}")
    numbers = range(count)
    weights = list(itertools.accumulate(1.0 if spread == "uniform" else 1 / (number + 1) for number in numbers))
    while True:
        yield from draw.choices(numbers, cum_weights=weights, k=1000)


def messages(
    count: int, *, in_conversations: int, spread: Spread, blocked: list[str], start: int = 0, seed: int = 1
) -> Iterator[Record]:
    """Yield `count` records; `start` numbers the first one, so that another start gives other content ids."""
    draw = _draw(f"users {seed}")
    encode = msgspec.json.encode
    where, what = conversations(in_conversations, spread, seed + start), texts(blocked, seed + start)
    for number, conversation, text in zip(range(start, start + count), where, what, strict=False):
        content_id, conversation_id = str(FIRST_ID + 4_194_304 * number), str(FIRST_ID - 1 - conversation)
        minute, second = divmod(math.floor(number / 1000) % 3600, 60)
        value = {
            "content_id": content_id,
            "kind": "message",
            "conversation_id": conversation_id,
            "user": {"id": f"u-{draw.randrange(USERS)}", "role": "member", "created_at": "2024-03-01T12:00:00.000Z"},
            "text": text,
            "language": "en",
            "created_at": STARTED % (minute, second, number % 1000),
        }
        yield Record(content_id, conversation_id.encode(), encode(value))
