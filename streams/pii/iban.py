"""International bank account numbers: country, length, structure and the mod 97 check."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from stdnum import iban

from streams.pii.found import Found

# ISO 13616: 15 to 34 characters, printed in groups of four.
_WRITTEN: Final = re.compile(
    r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![^\W_])", re.IGNORECASE | re.ASCII
)


class Iban:
    """Finds IBANs."""

    type: ClassVar[str] = "iban"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"(?i)\b[a-z]{2}\d{2}[ -]?[a-z0-9]{4}[ -]?[a-z0-9]{4}"

    def find(self, text: str) -> Iterator[Found]:
        """Yield IBANs in one piece or in groups; words that follow are left out."""
        for match in _WRITTEN.finditer(text):
            written = match[0]
            while written:
                # The national check digits are left alone: who masks wants what looks like an account.
                if iban.is_valid(written, check_country=False):
                    yield Found(match.start(), match.start() + len(written), self.type)
                    break
                cut = max(written.rfind(" "), written.rfind("-"))
                written = written[: max(cut, 0)]
