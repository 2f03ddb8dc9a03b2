"""The name under which a content travels with a job of Rekognition: content id to JobTag and back.

A tag has 1 to 1,024 characters of [a-zA-Z0-9_.-:+=/]; a content id up to 256 of any. An id within that alphabet is its
own tag; any other is written as its code points, 21 bits each, in base64: 896 characters for the longest.
"""

import base64
import binascii
import re
from typing import Final

MARK: Final = "=:"  # how a written-out id begins; an id that begins so is written out as well
PLAIN: Final = re.compile(r"[a-zA-Z0-9_.\-:+=/]{1,1024}")
BITS: Final = 21  # of a code point


def tag_of(content_id: str) -> str:
    """Return the tag of a content id."""
    if PLAIN.fullmatch(content_id) and not content_id.startswith(MARK):
        return content_id
    packed = 1  # keeps leading zeros
    for character in content_id:
        packed = packed << BITS | ord(character)
    return MARK + base64.b64encode(packed.to_bytes((packed.bit_length() + 7) // 8, "big")).decode()


def content_of(tag: str) -> str | None:
    """Return the content id of a tag, None for one that `tag_of` does not give."""
    if not PLAIN.fullmatch(tag):
        return None
    if not tag.startswith(MARK):
        return tag
    try:
        packed = int.from_bytes(base64.b64decode(tag.removeprefix(MARK), validate=True), "big")
        characters = []
        while packed > 1:
            packed, last = packed >> BITS, packed & ((1 << BITS) - 1)
            characters.append(chr(last))
    except (binascii.Error, ValueError):
        return None
    content_id = "".join(reversed(characters))
    return content_id if content_id and tag_of(content_id) == tag else None
