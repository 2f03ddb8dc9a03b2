"""Passports and driving licences: most have formats that anything has, and count only beside a word that says so."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from streams.pii.cue import Cue
from streams.pii.found import Found

# ICAO 9303: nine characters at most for passports; licences elsewhere have up to 18.
_DIGIT: Final = r"[A-Z0-9-]{0,12}\d"  # at least four in a number
_WRITTEN: Final = re.compile(
    rf"(?<![\w-])(?=(?:{_DIGIT}){{4}})[A-Z0-9]{{1,9}}(?:-?[A-Z0-9]{{2,9}}){{1,4}}(?![\w-])", re.ASCII | re.IGNORECASE
)
_PASSPORT: Final = Cue(r"passports?|passeport|pasaporte|reisepass|passnummer|travel document|passaporto|passaporte")
_LICENCE: Final = Cue(
    r"driv(?:er'?s?|ing|ers'?) ?-?licen[cs]es?|driv(?:er'?s?|ing) permit|licen[cs]e (?:no|num|number)|dl"
    r"|f[üu]hrerschein|permis de conduire|patente di guida|carnet de conducir|rijbewijs"
)
# Driver numbers of Great Britain: name, date of birth with 50 added to the month of women, initials.
_BRITISH: Final = re.compile(
    r"(?=[A-Z9]{5})[A-Z]{1,5}9{0,4}\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d[A-Z9]{2}[A-Z0-9]{3}",
    re.ASCII,
)
PASSPORT: Final = range(6, 10)  # characters
LICENCE: Final = range(6, 19)
BRITISH: Final = 16


class Document:
    """Finds numbers of passports and driving licences."""

    type: ClassVar[str] = "document"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = (
        r"(?i)pass|licen|driv|travel doc|\bdl\b|f[üu]hrer|permis|patente|carnet|rijbewijs"
        r"|\b[a-z]{1,5}9{0,4}\d{6}[a-z9]{2}[a-z0-9]{3}\b"
    )

    def find(self, text: str) -> Iterator[Found]:
        """Yield numbers that follow a word such as `passport`, and British licences anywhere."""
        for match in _WRITTEN.finditer(text):
            start, end = match.span()
            length = end - start - match[0].count("-")
            if length == BRITISH and _BRITISH.fullmatch(match[0]):
                yield Found(start, end, "driving_licence")
            elif length in PASSPORT and _PASSPORT.before(text, start):
                yield Found(start, end, "passport")
            elif length in LICENCE and _LICENCE.before(text, start):
                yield Found(start, end, "driving_licence")
