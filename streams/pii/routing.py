"""US bank routing numbers: nine digits with the ABA checksum, beside a word that says so."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from stdnum.us import rtn

from streams.pii.cue import Cue
from streams.pii.found import Found

_WRITTEN: Final = re.compile(r"(?<![\w-])\d{4}-?\d{4}-?\d(?![\w-])", re.ASCII)
_CUE: Final = Cue(r"routing|aba|rtn|transit number|bank code")


class Routing:
    """Finds routing numbers."""

    type: ClassVar[str] = "bank_routing"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"\b\d{4}-?\d{4}-?\d\b"

    def find(self, text: str) -> Iterator[Found]:
        """Yield routing numbers near a word such as `routing`."""
        for match in _WRITTEN.finditer(text):
            if rtn.is_valid(match[0].replace("-", "")) and _CUE.near(text, *match.span()):
                yield Found(*match.span(), self.type)
