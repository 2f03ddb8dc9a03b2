"""Passports and driving licences: formats that anything has, so only beside a word that says so."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from streams.pii.cue import Cue
from streams.pii.found import Found

# ICAO 9303: nine characters at most for passports; licences of the US, Canada and Europe have 5 to 16.
_DIGIT: Final = r"[A-Z0-9-]{0,12}\d"  # at least four in a number
_WRITTEN: Final = re.compile(
    rf"(?<![\w-])(?=(?:{_DIGIT}){{4}})[A-Z0-9]{{1,9}}(?:-?[A-Z0-9]{{2,9}}){{1,4}}(?![\w-])", re.ASCII | re.IGNORECASE
)
_PASSPORT: Final = Cue(r"passports?|passeport|pasaporte|reisepass|passnummer|travel document|passaporto|passaporte")
_LICENCE: Final = Cue(
    r"driv(?:er'?s?|ing|ers'?) ?-?licen[cs]es?|driv(?:er'?s?|ing) permit|licen[cs]e (?:no|num|number)|dl"
    r"|f[üu]hrerschein|permis de conduire|patente di guida|carnet de conducir|rijbewijs"
)
PASSPORT: Final = range(6, 10)  # characters
LICENCE: Final = range(6, 19)


class Document:
    """Finds numbers of passports and driving licences."""

    type: ClassVar[str] = "document"
    trigger: ClassVar[str] = r"(?i)pass|licen|driv|travel doc|\bdl\b|f[üu]hrer|permis|patente|carnet|rijbewijs"

    def find(self, text: str) -> Iterator[Found]:
        """Yield numbers that follow a word such as `passport`."""
        for match in _WRITTEN.finditer(text):
            start, end = match.span()
            length = end - start - match[0].count("-")
            if length in PASSPORT and _PASSPORT.before(text, start):
                yield Found(start, end, "passport")
            elif length in LICENCE and _LICENCE.before(text, start):
                yield Found(start, end, "driving_licence")
