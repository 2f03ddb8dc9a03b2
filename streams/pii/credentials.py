"""User names and passwords in web addresses: `https://user:secret@host/`."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from streams.pii.found import Found

# RFC 3986: userinfo stands between `//` and `@`, before any `/`, `?` or `#`.
_USERINFO: Final = re.compile(r"(?<=://)[^\s/@:?#]{0,256}:[^\s/@?#]{1,256}@(?=[^\s/@:?#])")


class Credentials:
    """Finds `user:password` in web addresses."""

    type: ClassVar[str] = "url_credentials"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"://[^\s/@]+@"

    def find(self, text: str) -> Iterator[Found]:
        """Yield name and password, without the @."""
        for match in _USERINFO.finditer(text):
            yield Found(match.start(), match.end() - 1, self.type)
