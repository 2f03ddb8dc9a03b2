"""Texts of the length of an SMS for the text benchmark, all different, and the conversations that they fall into.

Of a labelled collection beside the checkout where there is one, each made distinct by a word at its end; else drawn
from a seed. Conversations are in their steady state: ten messages, and the marks of ten minutes, before the first text.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.records import VOCABULARY
from streams.core.arrival import Arrival
from streams.core.content import Message, User
from streams.core.screen import table_key
from streams.core.velocity import WIDTH, mark
from streams.core.window import EMPTY, SIZE, Said, Window, added, fingerprint

COLLECTION: Final = Path("data/text/dev/sms_spam_uci.jsonl")  # below the folder of shared data

# Of the lengths of texts, in characters: half have 60 or fewer, nine of ten 155 or fewer, as SMS do.
MEDIAN: Final = 60
SPREAD: Final = 0.74
MOST: Final = 480
OFFER_SHARE: Final = 0.1  # of drawn texts that advertise
OFFERS: Final = (
    "WINNER!! you have won a {}00 prize, call 0906170{:04d} now to claim",
    "URGENT your account {:04d} is blocked, follow http://chat{}.example to confirm",
    "Free entry in our weekly draw, text WIN to 8{:04d} now, T&C apply {}p",
)
ABBREVIATED: Final = {"you": "u", "are": "r", "for": "4", "to": "2", "be": "b", "your": "ur", "tomorrow": "tmrw"}

CONVERSATIONS: Final = 200
AUTHORS: Final = 5  # of a conversation, by turns
MARKS: Final = 50  # that a conversation holds when a text comes
HORIZON: Final = 600_000  # milliseconds that the default limits look back
APART: Final = HORIZON // MARKS  # milliseconds between two texts of a conversation: so MARKS are within the horizon
CREATED: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)  # of every text, by its platform: nobody looks at it
BEGUN: Final = 1_767_600_000_000  # milliseconds since 1970 at which the measured texts begin


def drawn(seed: int) -> Iterator[str]:
    """Yield texts without end, each another one."""
    draw = random.Random(f"sms {seed}")  # noqa: S311 - the same every time is what is wanted
    weights = [1 / (rank + 2) for rank in range(len(VOCABULARY))]
    seen: set[str] = set()
    while True:
        if draw.random() < OFFER_SHARE:
            text = draw.choice(OFFERS).format(draw.randrange(10, 10_000), draw.randrange(10_000))
        else:
            wanted = min(MOST, MEDIAN * draw.lognormvariate(0, SPREAD))
            text = ""
            while len(text) < wanted:
                word = draw.choices(VOCABULARY, weights)[0]
                word = ABBREVIATED.get(word, word) if draw.random() < 0.3 else word  # noqa: PLR2004 - a share
                text += ("" if not text else draw.choice((" ",) * 9 + (". ", "... "))) + word
            text = text[0].upper() + text[1:] + draw.choice(("", "", ".", "!", "?", " :)", "..", " lol"))
        if text not in seen:
            seen.add(text)
            yield text


def collected(file: Path) -> Iterator[str]:
    """Yield the texts of a collection, again and again, each time with another word at their end."""
    rows = [msgspec.json.decode(line)["text"] for line in file.read_bytes().splitlines()]
    texts = list(dict.fromkeys(rows))
    for first in ("", *VOCABULARY):
        for second in VOCABULARY:
            yield from (f"{text} {first} {second}" if first else f"{text} {second}" for text in texts)


def source(shared: Path | None, seed: int) -> tuple[str, Iterator[str]]:
    """Return what the texts are, and the texts: of the collection in a folder of shared data if it is there."""
    if shared is not None and (shared / COLLECTION).is_file():
        return COLLECTION.name, collected(shared / COLLECTION)
    return "drawn", drawn(seed)


def steady(seed: int) -> dict[bytes, Window]:
    """Return the window of each conversation by its table key, full of other texts."""
    texts = drawn(-seed)
    windows = {}
    for conversation in range(CONVERSATIONS):
        window, marks = EMPTY, b""
        for number in range(MARKS):
            text, author = next(texts), _author(conversation, number)
            at = BEGUN - (MARKS - number) * APART
            marks += mark(text, author, at)
            if number >= MARKS - SIZE:
                content_id = f"before-{conversation}-{number}"
                window = added(window, content_id, Said(author, text, at), fingerprint(content_id), SIZE, at, marks)
        key = table_key(_message("", conversation, 0, ""))
        windows[key] = window
    return windows


def arrivals(texts: Sequence[str]) -> list[Arrival]:
    """Return texts as messages that fall into the conversations by turns."""
    found = []
    for number, text in enumerate(texts):
        turn, conversation = divmod(number, CONVERSATIONS)
        found.append(Arrival(_message(f"text-{number}", conversation, turn, text), BEGUN + turn * APART))
    return found


def _author(conversation: int, turn: int) -> str:
    return f"u-{conversation}-{turn % AUTHORS}"


def _message(content_id: str, conversation: int, turn: int, text: str) -> Message:
    return Message(
        content_id=content_id,
        kind="message",
        user=User(id=_author(conversation, turn)),
        text=text,
        created_at=CREATED,
        conversation_id=f"conversation-{conversation}",
    )


def marks_of(windows: dict[bytes, Window]) -> list[int]:
    """Return how many marks each window holds, sorted."""
    return sorted(len(window.marks) // WIDTH for window in windows.values())
