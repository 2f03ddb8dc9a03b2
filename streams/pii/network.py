"""Network addresses: IP version 4 and 6, with a prefix length where one is written."""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address
from typing import ClassVar, Final

from streams.pii.cue import Cue
from streams.pii.found import Found

_OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4: Final = re.compile(
    rf"(?<![\w.:-])(?<!\w/)(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?\d))?(?![\w/-])(?!\.\w)", re.ASCII
)
_V6: Final = re.compile(
    r"(?<![\w:.])([0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,34}[0-9A-Fa-f:.]{0,16})(?:%\w{1,15})?(?:/\d{1,3})?(?!\w)", re.ASCII
)
# "version 1.2.3.4": four numbers count as a release there.
_RELEASE: Final = Cue(r"v|ver|version|release|build|firmware|section|chapter")


class Ip:
    """Finds IP addresses."""

    type: ClassVar[str] = "ip"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"\d\.\d{1,3}\.\d{1,3}\.\d|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:"

    def find(self, text: str) -> Iterator[Found]:
        """Yield addresses of both versions."""
        for match in _V4.finditer(text):
            if not _RELEASE.before(text, match.start(), 10):
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
