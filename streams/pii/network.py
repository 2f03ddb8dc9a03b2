"""Network addresses: IP version 4 and 6, with a prefix length where one is written."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address
from typing import ClassVar, Final

from streams.pii.found import Found

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4: Final = re.compile(
    rf"(?<![\w.:-])(?<!\w/)(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?\d))?(?![\w/-])(?!\.\w)", re.ASCII
)
_V6: Final = re.compile(
    r"(?<![\w:.])([0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,34}[0-9A-Fa-f:.]{0,16})(?:%\w{1,15})?(?:/\d{1,3})?(?!\w)", re.ASCII
)
# "version 1.2.3.4", "release is: 1.2.3.4": four numbers right behind such a word are no address.
_RELEASE: Final = re.compile(
    r"(?<![^\W\d_])(?:v|ver|version|release|build|firmware|section|chapter)(?:\s(?:is|no|number|to|from))?[\s.:=#]{0,3}\Z",
    re.IGNORECASE,
)
_BEFORE: Final = 24  # characters in which it stands


class Ip:
    """Finds IP addresses."""

    type: ClassVar[str] = "ip"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"\d\.\d{1,3}\.\d{1,3}\.\d|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:"

    def find(self, text: str) -> Iterator[Found]:
        """Yield addresses of both versions."""
        for match in _V4.finditer(text):
            if not _RELEASE.search(text[max(0, match.start() - _BEFORE) : match.start()]):
                yield Found(*match.span(), self.type)
        for match in _V6.finditer(text):
            written = match[1].rstrip(".")
            if not written.endswith("::"):
                written = written.rstrip(":")
            if any(map(str.isdigit, written)) and written.count(":") > 1 and _is_v6(written):
                whole = written != match[1]
                yield Found(match.start(), match.start() + len(written) if whole else match.end(), self.type)


def _is_v6(written: str) -> bool:
    try:
        IPv6Address(written)
    except AddressValueError:
        return False
    return True
