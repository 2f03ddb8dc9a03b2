"""PDQ: pictures in, perceptual hashes of 256 bits out, and in how many bits hashes differ.

A near copy (scaled, recompressed, lightly edited) differs in few bits. All eight ways to turn and mirror a picture are
hashed, so that rotations and flips of it are near, too.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
import pdqhash
from PIL import Image

from streams.core.engine import Media
from streams.core.timeline import moves

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Source of both: facebook/ThreatExchange, pdq/README.md (distance at most 31; discard quality 49 and below).
MAX_DISTANCE: Final = 31  # bits of 256
MIN_QUALITY: Final = 50  # 0..100
# The reference program shrinks pictures to this square before it hashes; measured on its own test pictures:
# at most 10 bits from the published hashes, against 12 without.
SQUARE: Final = 512  # pixels a side
WORDS: Final = 4  # of 64 bits, of one hash


def pdq(pixels: "NDArray[np.uint8]") -> "tuple[NDArray[np.uint64], ...]":
    """Return the PDQ hashes of a picture and of its seven turned and mirrored forms, the picture first.

    Takes RGB uint8 [height, width, 3], gives uint64 [4] each; nothing for a picture with too little structure.
    """
    if max(pixels.shape[:2]) > SQUARE:
        pixels = np.asarray(Image.fromarray(pixels).resize((SQUARE, SQUARE), Image.Resampling.BOX))
    vectors, quality = pdqhash.compute_dihedral(np.ascontiguousarray(pixels))
    if quality < MIN_QUALITY:
        return ()
    return tuple(np.packbits(np.asarray(vector, dtype=np.uint8)).view(np.uint64) for vector in vectors)


def hexadecimal(value: "NDArray[np.uint64]") -> str:
    """Return a PDQ hash as lists spell it."""
    return value.tobytes().hex()


def likeness(media: Media) -> tuple[str, ...]:
    """Return the hashes of a still picture and of its turned and mirrored forms, the picture first.

    Nothing for what moves, was not decoded, or has too little structure.
    """
    if media.kind != "image" or len(media.frames) != 1 or moves(media):
        return ()
    return tuple(hexadecimal(each) for each in pdq(media.frames[0]))


def columns(values: Iterable[str]) -> "NDArray[np.uint64]":
    """Return hashes in hexadecimal as uint64 [4, n]: each column one hash."""
    rows = np.frombuffer(bytes.fromhex("".join(values)), dtype=np.uint64).reshape(-1, WORDS)
    return np.ascontiguousarray(rows.T)


def distances(many: "NDArray[np.uint64]", one: "NDArray[np.uint64]") -> "NDArray[np.uint16]":
    """Return the bits, 0..256, in which each of many hashes (uint64 [4, n]) differs from one (uint64 [4]): [n]."""
    found: NDArray[np.uint16] = np.bitwise_count(many[0] ^ one[0]).astype(np.uint16)
    for word in range(1, WORDS):
        found += np.bitwise_count(many[word] ^ one[word])
    return found
