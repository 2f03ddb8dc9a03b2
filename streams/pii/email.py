"""E-mail addresses, also those that are spelled out: `name (at) example dot com`."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from streams.pii.found import Found

# RFC 5321: up to 64 characters before the @, labels of a host up to 63. Letters of any script: RFC 6531.
_PLAIN: Final = re.compile(
    r"(?<![\w.+%&'*/=?^{|}~-])[\w+%&'*/=?^{|}~-](?:[\w.+%&'*/=?^{|}~-]{0,63})@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![^\W_])"
)
_AT: Final = r"(?:\s?[\[({<]\s?(?:at|@)\s?[\])}>]\s?|\sat\s)"
_DOT: Final = r"(?:\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?|\sdot\s|\.)"
_SPELLED: Final = re.compile(
    rf"(?<![\w.+-])([\w+-](?:[\w.+-]{{0,63}})){_AT}((?:[^\W_](?:[\w-]{{0,61}}[^\W_])?{_DOT}){{1,4}})"
    r"(?:com|net|org|edu|gov|info|biz|io|me|co|eu|uk|de|fr|es|it|nl|be|ch|at|pl|ru|in|us|ca|au|br|jp|kr|cn|mail|app|dev)"
    r"(?![^\W_])",
    re.IGNORECASE,
)
_BARE_AT: Final = re.compile(r"\sat\s", re.IGNORECASE)
# "find me at example dot com" names a site, not an address.
_NO_NAME: Final = frozenset(
    {"me", "us", "him", "her", "them", "it", "you", "i", "we", "they", "is", "am", "are", "was", "be", "here", "there"}
    | {
        "site",
        "page",
        "look",
        "looking",
        "available",
        "out",
        "up",
        "on",
        "in",
        "and",
        "or",
        "the",
        "a",
        "hosted",
        "live",
    }
    | {"found", "find", "reach", "visit", "online", "meet", "order", "shop", "store", "buy", "work", "working", "now"}
)


class Email:
    """Finds e-mail addresses."""

    type: ClassVar[str] = "email"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"@|(?i)[\[({<]\s?at\s?[\])}>]|\sat\s.+\sdot\s"

    def find(self, text: str) -> Iterator[Found]:
        """Yield addresses as people type them, then those that are spelled out."""
        if "@" in text:
            for match in _PLAIN.finditer(text):
                start = match.start() + (len(match[0]) - len(match[0].lstrip("'*/=?^{|}~&%")))
                if text[start] != "@" and ".." not in match[0]:
                    yield Found(start, match.end(), self.type)
        for match in _SPELLED.finditer(text):
            bare = _BARE_AT.search(match[0]) is not None
            if not bare or (match[1].casefold() not in _NO_NAME and "dot" in match[2].casefold()):
                yield Found(*match.span(), self.type)
