"""All recognisers over one text: which of them can find anything, and whose claim of a span wins."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import re2

from streams.core.span import Span
from streams.pii.address import Address
from streams.pii.card import Card
from streams.pii.credentials import Credentials
from streams.pii.document import Document
from streams.pii.email import Email
from streams.pii.form import Form, formed, prepare
from streams.pii.found import Recogniser
from streams.pii.iban import Iban
from streams.pii.national import FORMATS, National
from streams.pii.network import Ip
from streams.pii.phone import Phone
from streams.pii.routing import Routing
from streams.pii.wallet import Wallet

# Where two claim the same characters the earlier wins: from those that prove themselves to those that need words.
ORDER: Final = (
    "url_credentials",
    "email",
    "wallet",
    "iban",
    "card",
    "ip",
    "national_id",
    "bank_routing",
    "document",
    "phone",
    "address",
)

# Without any of these, or the words `dot` or `corner of`, no recogniser finds anything.
_POSSIBLE: Final = re.compile(r"[0-9@\[({<]")

MAX_MEM: Final = 64 << 20  # bytes that the triggers may use together; measured: a tenth of it is filled
# Characters for private use: a set with too little memory finds nothing, not even these.
SENTINEL: Final = "\U0010fff0\U0010fff1\U0010fff2"


class Claim(NamedTuple):
    """A value in a text: its type, what exactly it is, and where it stands in the text and in its form."""

    type: str
    entity: str
    span: Span  # [start, end) in characters of the original
    within: Span  # the same in the form


def recognisers(types: Sequence[str], regions: Sequence[str]) -> Iterator[Recogniser]:
    """Yield the recognisers of some types in the order of their claims; raise ValueError for an unknown region."""
    for name in ORDER:
        if name not in types:
            continue
        if name == "national_id":
            yield from map(National, FORMATS)
        elif name == "phone":
            yield Phone(regions)
        else:
            yield _PLAIN[name]()


_PLAIN: Final[dict[str, type[Any]]] = {
    kind.type: kind for kind in (Credentials, Email, Wallet, Iban, Card, Ip, Routing, Document, Address)
}


class Detector:
    """Finds personal data of some types. Thread-safe."""

    def __init__(self, types: Sequence[str], regions: Sequence[str]) -> None:
        self._recognisers = tuple(recognisers(types, regions))
        options = re2.Options()
        options.max_mem = MAX_MEM
        options.log_errors = False
        self._triggers = re2.Set.SearchSet(options)
        for recogniser in self._recognisers:
            self._triggers.Add(recogniser.trigger)
        cues = {cue: self._triggers.Add(cue) for cue in dict.fromkeys(each.cue for each in self._recognisers) if cue}
        self._cues = [cues.get(recogniser.cue) for recogniser in self._recognisers]
        sentinel = self._triggers.Add(SENTINEL)
        self._triggers.Compile()
        if sentinel not in (self._triggers.Match(SENTINEL) or ()):
            raise MemoryError("the triggers of the recognisers need more memory than MAX_MEM")
        prepare()

    def find(self, text: str) -> tuple[Form, list[Claim]]:
        """Return the form of a text, and what was found in it, in order of place, without overlaps."""
        if text.isascii() and _POSSIBLE.search(text) is None:
            folded = text.lower()
            if "dot" not in folded and "corner of" not in folded:  # half of the price of a loop
                return Form(text, None), []
        form = formed(text)
        searched = form.text
        # Lone surrogates have no encoding; the question mark in their place triggers nothing.
        matching = self._triggers.Match(searched.encode("utf-8", "replace"))
        if not matching:
            return form, []
        taken = bytearray(len(searched))
        claims = []
        for index in sorted(matching):
            if index >= len(self._recognisers):  # from here on cues, and the sentinel
                break
            if self._cues[index] is not None and self._cues[index] not in matching:
                continue
            recogniser = self._recognisers[index]
            for start, end, entity in recogniser.find(searched):
                if taken.find(1, start, end) < 0:
                    taken[start:end] = b"\x01" * (end - start)
                    claims.append(Claim(recogniser.type, entity, form.span(start, end), (start, end)))
        return form, sorted(claims, key=lambda claim: claim.span)
