"""Hashed n-grams: texts in, the buckets of their characters' and words' n-grams out, for a whole batch at once.

A text is words between single spaces, punctuation apart. Its n-grams are 2 to 5 characters within a word and the
spaces around it, words, and pairs of words. All are hashed from one run of prefix sums: a polynomial over the code
points, modulo 2^64, whose base is odd and so can be divided out (Karp and Rabin, 1987).

Two marks stand beside them for what n-grams cannot say: how long a text is, and how many digits its longest number has.
Adverts fill a short message, and name a number to call.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

BITS: Final = 18  # of a bucket's number
BUCKETS: Final = 1 << BITS
ORDERS: Final = (2, 3, 4, 5)  # characters
LONGEST: Final = 20_000  # characters of a text that are looked at
FEW: Final = 1 << (32 - BITS)  # texts whose places fit beside a bucket into 32 bits, which are sorted in half the time
SPACE: Final = 32
ZERO: Final = 48  # the first of RADIX digits
RADIX: Final = 10

BASE: Final = 0x100000001B3  # the 64-bit FNV prime, odd
MIXERS: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))  # of splitmix64
# What keeps a word's hash apart from that of the same characters inside a word.
WORD: Final = 101
PAIR: Final = 102

TOKEN: Final = re.compile(r"[\w']+|[^\w\s']+")  # a word, or the signs beside it

STEP: Final = 20  # characters from one class of length to the next
MOST_STEPS: Final = 7  # all longer texts are as long
MOST_DIGITS: Final = 9  # all longer numbers are as long
EACH: Final = 8  # buckets of one mark: a single one would not be heard among hundreds of n-grams

Places = NDArray[np.int64]
Hashes = NDArray[np.uint64]

# Buckets [classes of length, then those of digits; EACH], spread evenly: Fibonacci hashing.
MARKS: Final = (
    ((np.arange(1, (MOST_STEPS + MOST_DIGITS + 2) * EACH + 1, dtype=np.uint64) * MIXERS[0]) >> np.uint64(64 - BITS))
    .astype(np.int64)
    .reshape(-1, EACH)
)


class Ngrams(NamedTuple):
    """The different n-grams of a batch, ordered by text: a bucket and its text's place each."""

    buckets: NDArray[np.int64]
    texts: Places


def spaced(text: str) -> str:
    """Return a text as n-grams see it: lower case, punctuation apart, single spaces, its first LONGEST characters."""
    return " ".join(TOKEN.findall(text[:LONGEST].lower()))[:LONGEST]


def ngrams(texts: Sequence[str]) -> Ngrams:
    """Return the different n-grams of texts as `spaced` returns them."""
    joined = f" {'  '.join(texts)} "
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    owner = np.repeat(np.arange(len(texts)), lengths + 2)
    points = points[: len(owner)]  # of no texts there is not even a space
    powers, inverses = _powers(_enough(len(points) + 1))
    sums = np.zeros(len(points) + 1, np.uint64)
    np.cumsum((points.astype(np.uint64) + np.uint64(1)) * powers[: len(points)], out=sums[1:])
    space = points == SPACE
    spaces = np.concatenate(([0], np.cumsum(space)))
    keys = []
    for order in ORDERS:  # of all places first: what lies in a row costs less than what is picked
        count = max(0, len(points) - order + 1)
        buckets = _buckets((sums[order : order + count] - sums[:count]) * inverses[:count], order)
        # No space inside, and not only spaces: the two between texts.
        inside = spaces[order - 1 : order - 1 + count] == spaces[1 : count + 1]
        inside &= ~(space[:count] & space[1 : count + 1])
        keys.append((owner[:count] << BITS | buckets)[inside])
    starts = np.flatnonzero(space[:-1] & ~space[1:]) + 1
    ends = np.flatnonzero(~space[:-1] & space[1:]) + 1
    together = owner[starts[:-1]] == owner[starts[1:]]
    for first, last, salt in ((starts, ends, WORD), (starts[:-1][together], ends[1:][together], PAIR)):
        buckets = _buckets((sums[last] - sums[first]) * inverses[first], salt)
        keys.append(owner[first] << BITS | buckets)
    keys.append(_marked(points, owner, lengths))
    key = np.concatenate(keys)
    if len(texts) <= FEW:
        key = key.astype(np.uint32)
    key.sort()
    if len(key):
        key = key[np.concatenate(([True], key[1:] != key[:-1]))]
    key = key.astype(np.int64)
    return Ngrams(key & (BUCKETS - 1), key >> BITS)


def _buckets(values: Hashes, salt: int) -> Places:
    """Return the bucket of each hash; the salt keeps kinds of n-grams apart."""
    mixed = (values ^ np.uint64(salt)) * MIXERS[0]
    mixed = (mixed ^ (mixed >> np.uint64(29))) * MIXERS[1]
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _marked(points: NDArray[np.uint32], owner: Places, lengths: Places) -> Places:
    """Return the keys of the marks of all texts that are not empty; `owner` is each code point's text."""
    digit = (points - np.uint32(ZERO)) < RADIX  # others wrap around
    edges = np.flatnonzero(digit[1:] != digit[:-1]) + 1  # a space is first and last
    digits = np.zeros(len(lengths), np.int64)
    np.maximum.at(digits, owner[edges[::2]], edges[1::2] - edges[::2])
    longest = np.minimum(digits, MOST_DIGITS) + MOST_STEPS + 1
    classes = np.stack([np.minimum(lengths // STEP, MOST_STEPS), longest], axis=1)
    places = np.flatnonzero(lengths)
    keys: Places = places[:, None, None] << BITS | MARKS[classes[places]]
    return keys.ravel()


def _enough(length: int) -> int:
    """Return the next power of two, so that few tables are made."""
    return 1 << max(16, length.bit_length())


@cache
def _powers(length: int) -> tuple[Hashes, Hashes]:
    """Return BASE to the powers 0, 1, 2 …, and their inverses, modulo 2^64."""
    inverse = pow(BASE, -1, 1 << 64)
    tables = []
    for base in (BASE, inverse):
        table = np.full(length, base, np.uint64)
        table[0] = 1
        tables.append(np.multiply.accumulate(table))
    return tables[0], tables[1]
