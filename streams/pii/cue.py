"""Cues: words near a candidate that say what it is, for formats that other numbers share."""

import re
from typing import Final

REACH: Final = 40  # characters before a candidate in which a cue counts
AFTER: Final = 30  # characters after it


# A letter of a script that puts spaces between words; Thai, Chinese and Japanese have none.
_LETTER: Final = r"[^\W\d_\u0e00-\u0eff\u2e80-\u9fff]"


class Cue:
    """Words that make a candidate likely when they stand near it; whole words, case does not count."""

    def __init__(self, words: str) -> None:
        self._words = re.compile(rf"(?<!{_LETTER})(?:{words})(?!{_LETTER})", re.IGNORECASE)

    def near(self, text: str, start: int, end: int) -> bool:
        """Say whether a cue stands up to 40 characters before, or 30 after, [start, end)."""
        return self.before(text, start) or self.after(text, end)

    def before(self, text: str, start: int, reach: int = REACH) -> bool:
        """Say whether a cue stands up to `reach` characters before a place."""
        return self._words.search(text, max(0, start - reach), start) is not None

    def after(self, text: str, end: int, reach: int = AFTER) -> bool:
        """Say whether a cue stands up to `reach` characters after a place."""
        return self._words.search(text, end, end + reach) is not None


# Words before a number that is no phone, card or account of a person.
OTHER_NUMBER: Final = Cue(
    r"order|orders|invoice|tracking|parcel|shipment|ref|reference|ticket|serial"
    r"|(?:case|part|model) (?:no|number|id)|sku|isbn|imei"
    r"|version|build|transaction id|receipt|booking|confirmation|product|batch|message id|user id"
)
