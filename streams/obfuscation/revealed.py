"""A text as written in, the text as a language model should see it out.

The model knows whole words. Whatever is done to them so that no list finds them, readers read them all the same.
"""

import html
import re
from functools import cache, lru_cache
from typing import Any, Final

import re2

from streams.core.confusable import decorated, look_alikes
from streams.core.normal import normal, patterns
from streams.obfuscation.leet import LONGEST, plain
from streams.obfuscation.masked import unmasked
from streams.obfuscation.repeated import DRAWN_OUT, meant, shortened
from streams.obfuscation.spaced import ALONE, joined

MOST: Final = 20_000  # characters, the longest text that is taken in; NFKC makes up to eighteen of one
# One step can bring forth what another step undoes: an entity that hides a sign, for example. Each is a pass.
PASSES: Final = 4
TOKENS: Final = 16_384  # that are remembered
SHORT: Final = 40  # characters of a token that is

AMPERSANDS: Final = re.compile(r"&(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)
# Controls that were quotation marks and dashes before somebody took Windows-1252 for Latin-1; five stand for nothing.
CONTROLS: Final = re.compile("[\x80-\x9f]")
WINDOWS: Final = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
ENTITY: Final = re.compile(r"&#?\w{1,32};")
EMOJI: Final = re.compile("\\s*([\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+)\\s*")
WORD: Final = re.compile(r"[^\W\d_]+")
# Pieces of a token that may each be a disguised word.
CHUNK: Final = re.compile(r"[^\s,;:?/\\()\[\]{}<>\"=&~^`]+")
PIECE: Final = re.compile(r"[^.\-_']+")
ADDRESS: Final = re.compile(r"://|\bwww\.|\w@[\w-]+\.\w")
# What a token with a disguised word in it has: a sign beside a letter, or a letter three times.
HIDING: Final = re.compile(r"[a-z][0-9@$|+*#%_€¢]|[0-9@$|+*#%_€¢][a-z]|[a-z][!.\-]+[a-z0-9]|([^\W\d_])\1\1")


@cache
def _suspect() -> Any:
    """Return what finds, in one walk over a lower-case ASCII text, whether anything may be hidden in it."""
    between = r"[ .\-_*/,|~+]{1,3}"
    single = "[a-z0-9@$]"
    found = re2.Set.SearchSet()
    for pattern in (
        "|".join(letter * 3 for letter in "abcdefghijklmnopqrstuvwxyz"),
        r"[a-z][0-9@$|+*#%_]|[0-9@$|+*#%_][a-z]|[a-z][!.\-]+[a-z0-9]",
        rf"(?:^|[^a-z0-9_'@$]){single}{between}{single}{between}{single}(?:$|[^a-z0-9_'@$])",
        "&#?[a-z0-9]+;",
    ):
        found.Add(pattern)
    found.Compile()
    return found


def revealed(text: str, known: frozenset[str]) -> str:
    """Return a text as a language model should see it: lower case, NFKC, nothing unseen, no disguise.

    `known` holds whole lower-case words: those of a model, and vocabulary.DISGUISED_WORDS, which models leave out. One
    that is known stays as it is written; another one is changed where what it stands for is known. Letters of other
    scripts stay, but for look-alikes in Latin words. Emoji stand apart.
    Takes any string, lone surrogates included, which are left out, and returns what its first 20,000 characters say.
    What is revealed does not change any more.
    """
    for _ in range(PASSES):
        if text.isascii() and text.isprintable():
            text = text.lower().strip(" ")
            if "  " in text:
                text = " ".join(text.split())
            if not _suspect().Match(text):
                return text
        before, text = text, _pass(text, known)
        if text == before:
            break
    return text


def _pass(text: str, known: frozenset[str]) -> str:
    text = _cleaned(text[:MOST])[:MOST]
    if not text.isascii():
        text = EMOJI.sub(r" \1 ", _in_latin(text, known))
    text = joined(text, known)
    drawn_out = DRAWN_OUT.search(text)
    return " ".join(
        [token if token.isalpha() and not drawn_out else _read(token, known) for token in text.split()],
    )


def _cleaned(text: str) -> str:
    """Return a text in folded NFKC without entities, unseen characters and loose marks on Latin letters."""
    if "&" in text:
        text = ENTITY.sub(lambda match: html.unescape(match[0]), AMPERSANDS.sub("&", text))
    if text.isascii():
        return normal(text, alike=False)
    known = patterns()
    if CONTROLS.search(text):
        text = text.translate(WINDOWS)
    if known.decorated.search(text):
        text = known.decorated.sub(lambda match: decorated()[match[0]], text)
    text = normal(text, alike=False)
    return known.marked.sub("", text) if known.may_be_marked.search(text) else text


def _in_latin(text: str, known: frozenset[str]) -> str:
    """Return a text with look-alikes as Latin letters in words that mix scripts, or where the text is Latin else."""
    if not patterns().alike.search(text):
        return text
    letters = WORD.findall(text)
    latin = sum(len(word) for word in letters if word.isascii()) * 2 > sum(map(len, letters))

    def read(match: re.Match[str]) -> str:
        word = match[0]
        own = sum(map(str.isascii, word))
        if own == len(word):
            return word
        reading = word.translate(look_alikes())
        if not reading.isascii() or not (own or latin):
            return word
        return reading if reading in known or reading in ALONE or own * 2 >= len(word) else word

    return WORD.sub(read, text)


def _read(token: str, known: frozenset[str]) -> str:
    """Return a token without white space with each disguised word in it as the word; tokens come again and again."""
    return _remembered(token, known) if len(token) <= SHORT else _seen_through(token, known)


def _seen_through(token: str, known: frozenset[str]) -> str:
    if not HIDING.search(token) or ADDRESS.search(token):
        return token
    return CHUNK.sub(lambda match: _chunk(match[0], known), token)


_remembered = lru_cache(maxsize=TOKENS)(_seen_through)


def _chunk(chunk: str, known: frozenset[str]) -> str:
    """Return a chunk as a whole where it is a disguised word, and piece by piece otherwise."""
    start = len(chunk) - len(chunk.lstrip("\"'#*_~-.!"))
    core = chunk[start:].rstrip("'\".!")
    if chunk.startswith("*"):
        core = core.rstrip("*")
    end = start + len(core)
    word = None
    if len(core) <= LONGEST and core not in known:
        word = _word(core, known) or unmasked(core, known)
    core = word or PIECE.sub(lambda match: _piece(match[0], known), core)
    return chunk[:start] + core + chunk[end:]


def _piece(piece: str, known: frozenset[str]) -> str:
    """Return a piece as the word that it stands for; an unknown one at least without what is drawn out."""
    return piece if piece in known else _word(piece, known) or shortened(piece)


def _word(word: str, known: frozenset[str]) -> str | None:
    """Return the known word that an unknown one with digits, signs or drawn-out letters stands for, or None."""
    if not DRAWN_OUT.search(word):
        return plain(word, known)
    return meant(word, known) or plain(DRAWN_OUT.sub(r"\1", word), known)
