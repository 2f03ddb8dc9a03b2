"""Payment cards: an issuer's prefix, one of its lengths, and the Luhn check digit."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from stdnum import luhn

from streams.pii.cue import OTHER_NUMBER, Cue
from streams.pii.found import Found

# Prefixes and lengths as the issuers publish them (ISO/IEC 7812 identification numbers).
_ISSUERS: Final = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]\d|6\d\d|[89]\d\d)\d{10}(?:\d{2,5})?"  # Diners Club
    r"|6(?:011|4[4-9]\d|5\d\d|2\d\d)\d{12,15}"  # Discover, UnionPay
    r"|35(?:2[89]|[3-8]\d)\d{12,15}|(?:2131|1800)\d{11}"  # JCB
    r"|(?:50[0-9]{2}|5[6-8]\d\d|6304|6390|67\d\d|0604)\d{8,15}"  # Maestro and the debit cards of its ranges
    r"|(?:220[0-4]|9792|60\d\d|8[12]\d\d)\d{12,15}"  # Mir, Troy, RuPay
)
# Whole numbers, or groups as they are printed, with one kind of separator.
_WRITTEN: Final = re.compile(
    r"(?<![\w+])(?<!\d[.,:-])(?:"
    r"\d{12,19}"
    r"|\d{4}([ .-])\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?"
    r"|\d{4}([ .-])\d{6}\2\d{4,5}"
    r"|\d{6}([ -])\d{6,13}"
    r"|\d(?:(?:[ -]|--)\d){11,18}"
    r")(?![^\W_])(?![.,:-]\d)"
)
_CUE: Final = Cue(
    r"cards?|credit|debit|visa|master ?card|maestro|amex|american express|discover|diners|jcb|unionpay|rupay|cc|pan"
    r"|tarjeta|carte|karte|kreditkarte|carta|cart[aã]o|карт[аыу]"
)
_CLOSE: Final = 16  # characters in which a word such as `order` makes it no card
VARIED: Final = 2  # different digits at least: a row of one digit can pass Luhn
SHORT: Final = 13  # digits; numbers up to here need a cue: EAN codes and accounts have as many


class Card:
    """Finds card numbers."""

    type: ClassVar[str] = "card"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"\d(?:[ .-]{0,2}\d){11}"

    def find(self, text: str) -> Iterator[Found]:
        """Yield card numbers of 12 to 19 digits; up to 13 digits only near a word such as `card`."""
        for match in _WRITTEN.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if len(set(digits)) < VARIED or not luhn.is_valid(digits):
                continue
            if _CUE.near(text, *match.span()):
                # Such a word vouches for ranges that are newer than the table.
                proven = len(digits) > SHORT or _ISSUERS.fullmatch(digits) is not None
            else:
                proven = len(digits) > SHORT and _ISSUERS.fullmatch(digits) is not None
                proven = proven and not OTHER_NUMBER.before(text, match.start(), _CLOSE)
            if proven:
                yield Found(*match.span(), self.type)
