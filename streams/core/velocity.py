"""Velocity: a text in, a mark of it out; the marks of a conversation or an author in, counts of repetition out.

A mark is WIDTH bytes that hold no text: author, text, likeness, time, links. Marks lie one after the other in the
order of the log, as a table stores them. Times are those of the records in the log, and need not rise: a mark counts
when it is less than the window away from the text that is judged, before or after it. A record that is stamped far
ahead empties the run (`since` is taken from it), and counts begin anew.
"""

import re
import struct
from array import array
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from streams.core.normal import normal

# Author, text, likeness, stamp: the time in milliseconds in the stamp's upper 56 bits, links in the lowest 8.
_LAYOUT: Final = struct.Struct(">8s8sQQ")
WIDTH: Final = _LAYOUT.size  # bytes of a mark
_PRINT: Final = 8  # bytes of an author and of a text
_TIME: Final = slice(24, 31)
_FIELDS: Final = 4  # of a mark, 8 bytes each: all likenesses are one slice, at half the price of unpacking
_LIKENESS: Final = 2  # which of them it is
_OWN: Final = slice(16, 24)  # the likeness of one mark

BITS: Final = 64  # of a likeness
READ: Final = 2000  # characters of the normal form that a likeness looks at: bounds what a hostile text costs
MOST_LINKS: Final = 255  # links of one text that are counted
GRAM: Final = 3  # characters; with the weight of a word below the best of 1 to 4 on SMS texts
WORD: Final = 2  # how often a whole word counts beside its grams
# Characters of a word that is remembered: what is longer is a script without spaces, or made to fill the memory.
_LONG_WORD: Final = 32
_WORDS: Final = 16_384  # that are remembered, about 300 bytes each
_SHORT: Final = 500  # characters of a text whose traits are remembered

# What counts as a link in a normal form: a scheme, `www.`, a host with a path, a host under a common domain. A host is
# looked for at the start of a word only and is at most 253 characters, so that the search stays linear.
_LINK: Final = re.compile(
    r"""(?:https?://|\bwww\.)[^\s<>"']+"""
    r"""|(?<![^\s(\[<"',;:])[a-z0-9-][a-z0-9.-]{0,240}\."""
    r"""(?:[a-z]{2,12}/|(?:com|net|org|info|biz|xyz|io|app|(?:com?|net|org)\.[a-z]{2})(?![\w-]|\.\w))"""
)
# What links without a scheme hold, but for those with `www.`; a search for this takes a tenth of one for a link.
_DOTTED: Final = re.compile(r"\.(?:co|net|org|info|biz|xyz|io|app|[a-z]{2,12}/)")
_AROUND: Final = ".,!?;:'\"()[]{}<>*_-~…"  # signs around a word that do not make it another one

# A byte of a hash as eight counters of 16 bits; a counter's highest bit is reached from half of the features on.
_SPREAD: Final = tuple(b"".join(bytes((0, byte >> bit & 1)) for bit in range(7, -1, -1)) for byte in range(256))
_COUNTERS: Final = 16 * BITS  # bits of all counters
_HALF: Final = 0x8000
_ONE_EACH: Final = int.from_bytes(b"\0\1" * BITS, "big")
_DIGITS: Final = b"0" * 128 + b"1" * 128

_ONES: Final = bytes(byte.bit_count() for byte in range(256))  # how many bits of a byte are set
# A number of eight bytes times this has their sum in its highest byte, as long as that is below 256.
_SUM: Final = int.from_bytes(b"\1" * 8, "big")
_MORE: Final = tuple(bytes(range(distance + 1, BITS + 1)) for distance in range(BITS))


class Author(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a table keeps of an author."""

    marks: bytes = b""  # of the last texts in all conversations


class Traits(NamedTuple):
    """What a mark says of a text."""

    text: bytes  # fingerprint of the normal form
    likeness: int  # BITS bits
    links: int  # 0..MOST_LINKS
    length: int  # characters of the normal form; no part of the mark


def mark(text: str, user_id: str, at: int) -> bytes:
    """Return the WIDTH bytes by which a text is remembered; `at` is its time in the log, milliseconds since 1970."""
    about = traits(text)
    return _LAYOUT.pack(_author(user_id), about.text, about.likeness, at << 8 | about.links)


def kept(marks: bytes, mark: bytes, most: int, since: int) -> bytes:
    """Return the marks after one more: those at the front that are older than `since` go, the last `most` stay.

    A mark older than `since` behind a younger one stays until that one goes: the counts leave it out by its time.
    """
    if most <= 0:
        return b""
    start = max(0, len(marks) - (most - 1) * WIDTH)
    while start < len(marks) and int.from_bytes(marks[start + _TIME.start : start + _TIME.stop], "big") < since:
        start += WIDTH
    return marks[start:] + mark


def traits(text: str) -> Traits:
    """Return what a mark says of a text; those of short texts are remembered, as they are asked for again."""
    return _remembered(text) if len(text) <= _SHORT else _traits(text)


def links_of(mark: bytes) -> int:
    """Return the number of links in a mark's text."""
    return mark[-1]


def authored(marks: bytes, mark: bytes) -> int:
    """Return the number of marks of a mark's author; seldom more than there are, never fewer: a quick first look."""
    return marks.count(mark[:_PRINT])


def repeated(marks: bytes, mark: bytes) -> int:
    """Return the number of marks of the same author and text; seldom more, never fewer: a quick first look."""
    return marks.count(mark[: 2 * _PRINT])


def alike(marks: bytes, mark: bytes, distance: int) -> int:
    """Return the number of marks of texts alike, whoever sent them and when: a quick first look, never too few.

    All likenesses are compared at once, as one number: differing bits, how many of them in each byte, in each eight.
    """
    others = array("Q", marks)[_LIKENESS::_FIELDS].tobytes()
    size = len(others)
    mine = mark[_OWN] * (size // 8)
    differing = (int.from_bytes(others, "little") ^ int.from_bytes(mine, "little")).to_bytes(size, "little")
    summed = int.from_bytes(differing.translate(_ONES), "little") * _SUM
    counts = summed.to_bytes(size + 8, "little")[7:size:8]
    return len(counts.translate(None, _MORE[distance]))


def messages(marks: bytes, mark: bytes, within: int) -> int:
    """Return how many texts the author sent within so many milliseconds, this one included."""
    return 1 + len(_near(marks, mark, within))


def same(marks: bytes, mark: bytes, within: int) -> int:
    """Return how often the author sent the same text within so many milliseconds, this one included."""
    mine = mark[_PRINT : 2 * _PRINT]
    return 1 + sum(text == mine for text, _, _ in _near(marks, mark, within))


def similar(marks: bytes, mark: bytes, within: int, distance: int) -> int:
    """Return how many of the author's texts within so many milliseconds are like this one, this one included.

    Alike are texts whose likenesses differ in at most `distance` of BITS bits.
    """
    mine: int = _LAYOUT.unpack(mark)[2]
    return 1 + sum((other ^ mine).bit_count() <= distance for _, other, _ in _near(marks, mark, within))


def links(marks: bytes, mark: bytes, within: int) -> int:
    """Return how many links the author sent within so many milliseconds, those of this text included."""
    return links_of(mark) + sum(stamp & 0xFF for _, _, stamp in _near(marks, mark, within))


def likeness(form: str) -> int:
    """Return a simhash of BITS bits over the words of a normal form and their trigrams; 0 where there is no word.

    Texts that share most words differ in few bits, others in about half. The order of the words does not count.
    """
    words = form[:READ].split()
    if not words:
        return 0
    total = sum(map(_share, words))
    features = total >> _COUNTERS
    total += (_HALF - (features >> 1)) * _ONE_EACH
    return int(total.to_bytes(2 * BITS + 4, "big")[4::2].translate(_DIGITS), 2)


def _near(marks: bytes, mark: bytes, within: int) -> list[tuple[bytes, int, int]]:
    """Return text, likeness and stamp of the author's marks that are less than the window away."""
    author, _, _, stamp = _LAYOUT.unpack(mark)
    at = stamp >> 8
    # As stamps, so that no mark's time has to be taken out of its own.
    after, before = (at - within) << 8 | 0xFF, (at + within) << 8
    return [
        (text, other, stamp)
        for each, text, other, stamp in _LAYOUT.iter_unpack(marks)
        if each == author and after < stamp < before
    ]


def _traits(text: str) -> Traits:
    form = normal(text, alike=True).strip()
    return Traits(_digest(form, _PRINT), likeness(form), _links(form), len(form))


def _links(form: str) -> int:
    if "://" in form or ("." in form and ("www." in form or _DOTTED.search(form))):
        return min(len(_LINK.findall(form)), MOST_LINKS)
    return 0


_remembered = lru_cache(maxsize=512)(_traits)


@lru_cache(maxsize=4096)
def _author(user_id: str) -> bytes:
    return _digest(user_id, _PRINT)


def _digest(text: str, size: int) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest()


def _shared(word: str) -> int:
    """Return a word's share of the counters; the number of its features stands above them."""
    bare = word.strip(_AROUND) or word
    padded = f" {bare} "
    grams = [padded[start : start + GRAM] for start in range(len(padded) - GRAM + 1)]
    return sum(map(_spread, grams)) + WORD * _spread(f"={bare}") + ((len(grams) + WORD) << _COUNTERS)


class _Shares(dict[str, int]):
    """The shares of words seen before, as words come again: a known one costs a tenth of a microsecond."""

    def __missing__(self, word: str) -> int:
        share = _shared(word)
        if len(word) <= _LONG_WORD:
            if len(self) >= _WORDS:
                self.clear()
            self[word] = share
        return share


_share: Final = _Shares().__getitem__


@lru_cache(maxsize=16384)
def _spread(feature: str) -> int:
    """Return the hash of a feature, each of its BITS bits as a counter of 16 bits."""
    return int.from_bytes(b"".join([_SPREAD[byte] for byte in _digest(feature, BITS // 8)]), "big")
