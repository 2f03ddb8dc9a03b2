"""Pieces of a text: what the encoder reads at once."""

import re
from typing import Final

SIZE: Final = 220  # characters: about 50 tokens, a sentence or two
MOST: Final = 12  # pieces that are encoded of one text

SENTENCE_END: Final = re.compile(r"(?<=[.!?\n])\s+")


def pieces(text: str) -> list[str]:
    """Return a text cut at the ends of sentences into pieces of at most SIZE characters; at least one piece."""
    if len(text) <= SIZE:
        return [text]
    found: list[str] = []
    piece = ""
    for sentence in SENTENCE_END.split(text):
        rest = sentence
        while len(rest) > SIZE:
            if piece:
                found.append(piece)
                piece = ""
            cut = rest.rfind(" ", SIZE // 2, SIZE)
            cut = cut if cut > 0 else SIZE
            found.append(rest[:cut])
            rest = rest[cut:].strip()
        if piece and len(piece) + len(rest) >= SIZE:
            found.append(piece)
            piece = rest
        else:
            piece = f"{piece} {rest}".strip()
    if piece or not found:
        found.append(piece)
    return found
