"""Street addresses: house number and street, boxes, military post, town with state and postcode.

Not every address can be told from other words; what is found has a street word and a number, a unit, a box or a
postcode, or stands beside words such as `my address is`.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, ClassVar, Final

import re2

from streams.core.span import Span, merged
from streams.pii.found import Found
from streams.pii.street import (
    AFTER_NAME,
    ANY_WORD,
    BEFORE_NAME,
    BOX,
    CAPITAL,
    ENDING,
    NAME,
    NUMBER,
    PARTICLE,
    POSTCODE,
    STATE,
    UNIT,
)

_GAP: Final = r"(?:,?[ ]?\n?[ >]{0,3}|[ ])"
_HOUSE: Final = rf"{NUMBER}(?:,?[ ]\d{{1,5}})?,?[ ]"  # a house number, or two, as in 12 4th Street
_SHORT_WORDS: Final = r"(?:[a-zà-ÿ']{1,5}[ ]){0,3}"  # between a street word and its name: de la, del
# Not within a word or a price; a word that goes on after a dot or an apostrophe begins only once.
_LEFT: Final = r"(?<![\w.'\u2019/$€£#@-])(?<![\d$€£][,:])"


def _compiled(needed: str, pattern: str) -> tuple[str, re.Pattern[str]]:
    return needed, re.compile(_LEFT + pattern)


# What needs no cue: what every match holds, in RE2 syntax, and the expression itself. One search for all of the first
# takes a tenth of those for the second.
_ALONE: Final = (
    # 12 Main Street; 30497 N. Main St. 12
    _compiled(rf"(?i)[ ]{AFTER_NAME}(?:\W|$)", rf"{_HOUSE}{NAME}[ ](?i:{AFTER_NAME})(?!\w)\.?(?:[ ]\d{{1,4}}(?!\d))?"),
    # 643 ul. Biskupa 118; Rua João Pessoa 1636; 20 rue de la Paix
    _compiled(
        rf"(?i)[ ]{BEFORE_NAME}",
        rf"{_HOUSE}(?:bis[ ]|ter[ ])?(?i:{BEFORE_NAME})[ ]?{_SHORT_WORDS}{NAME}(?:,?[ ]\d{{1,5}}(?!\d))?",
    ),
    _compiled(
        rf"(?i)(?:\W|^){BEFORE_NAME}[^\n]*\d",
        rf"(?=[^\W\d_a-z\u0430-\u044f])(?i:{BEFORE_NAME})[ ]?{_SHORT_WORDS}{NAME},?[ ]\d{{1,4}}(?![\w%])",
    ),
    # Villacher Strasse 89; 76 Magasinsgatan 7; Kálmán Imre u. 12
    _compiled(
        rf"(?i){ENDING}[ ]\d",
        rf"(?:{_HOUSE})?(?:{CAPITAL}[ ]){{0,3}}{CAPITAL}?(?<=\w)(?i:{ENDING})[ ]\d{{1,4}}[a-z]?(?!\w)",
    ),
    _compiled(
        r"(?i)(?:Strasse|Straße|Street)[ ]\d",
        rf"(?:{CAPITAL}[ ]){{0,3}}(?i:Strasse|Straße|Street)[ ]\d{{1,4}}[a-z]?(?!\w)",
    ),
    _compiled(
        r"[ ](?:utca|útja|út|u\.|tér|ulice|sokak|caddesi)[ ]\d",
        rf"{NAME}[ ](?:utca|útja|út|u\.|tér|ulice|sokak|caddesi)[ ]\d{{1,4}}(?!\d)",
    ),
    # 48010 Paseo del Atlántico 81\n Suite 762; 12 High Road, Flat 3
    _compiled(
        rf"(?i){UNIT}", rf"{_HOUSE}(?:{ANY_WORD}[ ]){{0,6}}{ANY_WORD}(?:[ ]\d{{1,5}})?\.?{_GAP}(?i:{UNIT})(?!\w)"
    ),
    _compiled(rf"\d[ .][^\w]*(?i:{UNIT})", rf"{NAME}[ ]\d{{1,5}}[ .]{_GAP}(?i:{UNIT})(?!\w)"),
    _compiled(rf"(?i){UNIT},?[ ]\d", rf"(?i:{UNIT}),?[ ]{_HOUSE}{NAME}(?:[ ]\d{{1,5}}(?!\d))?"),
    # PO Box 12, PSC 12, Box 34 APO AE 12345, USS Name FPO AE 12345
    _compiled(rf"(?i){BOX}[ ]?\d", rf"(?i:{BOX})[ ]?\d{{1,6}}(?!\d)"),
    _compiled(
        r"(?i)[ADF]PO[ ]A[AEP][ ]\d",
        r"(?:(?:USS|USNS|USCGC|Unit)[ ][\w.' -]{1,30}?,?\s{1,2})?(?i:[ADF]PO[ ]A[AEP][ ]\d{5})(?!\d)",
    ),
    # Springfield, IL 62704
    _compiled(rf"[ ]{STATE}[ ]\d{{5}}", rf"{NAME},?[ ]?\n?,?[ ]{STATE}[ ]\d{{5}}(?:-\d{{4}})?(?![\w-])"),
    # 6750 Koskikatu 25, Persint
    _compiled(
        r"\d{2}[ ][^\n]*[ ]\d{1,4}(?:,|\n|[ ](?i:st))",
        rf"(?!(?:19|20)\d\d[ ])\d{{2,6}}[ ]{NAME}[ ]\d{{1,4}}(?=,[ ]{CAPITAL}|\n[ >]?{CAPITAL}|[ ](?i:st)\b)",
    ),
    # the corner of 5th Avenue and Main Street
    _compiled(
        r"(?i)the[ ]corner[ ]of[ ]",
        rf"(?i:the[ ]corner[ ]of)[ ](?:\w[\w'\u2019.-]{{0,24}}[ ]){{1,6}}(?:and|&|und|y|et)[ ](?:\d{{1,5}}[ ])?"
        rf"[\w'\u2019.-]{{2,30}}(?:[ ](?:{CAPITAL}|(?i:{AFTER_NAME})\b)\.?){{0,3}}",
    ),
)

# What a cue makes likely: number and name, or name and number, in any case of letters.
_CUED: Final = (
    re.compile(_LEFT + rf"(?i:{_HOUSE}(?:{ANY_WORD}[ ]){{0,4}}{AFTER_NAME})(?!\w)\.?(?:[ ]\d{{1,4}}(?!\d))?"),
    re.compile(_LEFT + rf"{_HOUSE}(?:{ANY_WORD}[ ]){{0,5}}{ANY_WORD}[ ]\d{{1,4}}[a-z]?(?!\w)"),
    re.compile(_LEFT + rf"{_HOUSE}{NAME}(?:[ ]\d{{1,4}}(?!\d))?"),
    re.compile(_LEFT + rf"{NAME}[ ]\d{{1,4}}[a-z]?(?!\w)"),
    re.compile(_LEFT + rf"\d{{1,6}}[ ](?:{ANY_WORD}[ ]){{1,5}}{_GAP}(?i:{UNIT})(?!\w)"),
)
_CUE: Final = re.compile(
    r"(?i)(?<![^\W_])(?:address(?:es)?[ ]?:\s{0,3}|(?:"
    r"(?:my|our|your|his|her|their|new|home|billing|shipping|mailing|postal|street|the|office|work|what's|delivery"
    r"|current|old|secondary|primary)[ ](?:\w{1,20}[ ]){0,2}address(?:es)?|address(?:[ ]of[ ][^\n\d]{1,40})?(?=[ ]is)"
    r"|liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing)|located|office[ ]is|offices[ ]are|mov(?:e|ed|ing)|station[ ]is|shipped"
    r"|deliver(?:ed)?|(?:send|mail|ship)[ ]it|taxi|cab|uber|meet(?:ing)?(?:[ ](?:me|you|us|him|her|them|\w{1,6}day))?"
    r"|meet[ ]up|arrived|drops?[ ]you[ ]off|dropped[ ]off|pick(?:ed)?[ ](?:me|you|us)[ ]up|come|house[ ]is|enter)"
    r"[ ](?:(?:is|are)[ ](?:at|on|in|located[ ]at)?[ ]?|(?:at|to|on|in|is)[ ]))"
)
_CUE_NEEDED: Final = (  # what every cue holds, in RE2 syntax
    r"(?i)address(?:es)?[ ]?:|(?:address|liv(?:e|es|ed|ing)|resid|located|office|mov(?:e|ed|ing)|station|shipped"
    r"|deliver|(?:send|mail|ship)[ ]it|taxi|cab|uber|meet|arrived|drop|pick|come|house|enter)"
    r"[^\n]*[ ](?:is|are|at|to|on|in)[ ]"
)
_MOST_CUES: Final = 50  # in one text that are followed: so many are no letter
# Words that no street has before its number, and dates.
_NO_STREET: Final = re.compile(
    r"(?i)(?<!\w)(?:jan|feb|mar|apr|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|september"
    r"|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|volume|vol|page|chapter|version|game"
    r"|episode|season|part|no|number|level|grade|degrees?|percent|minutes?|mins?|hours?|days?|weeks?|months?|years?|pm|am"
    r"|dollars?|bucks|pounds|miles?|km|but|we|they|you|she|he|was|were|is|are|have|had|will|per|people|then|than|about"
    r"|(?<=\d )and(?= \d)"
    r"|(?-i:on|at|in|to|for|from|with|by|so|if|it|my|your|me))(?!\w)"
)
_ANCHOR: Final = re.compile(r"\d+|(?i:corner of)")
_LONGEST: Final = 120  # characters from a cue, or from a digit, to the end of the street
_MEMORY: Final = 16 << 20  # bytes for the set of what the expressions need; measured: a twentieth of it is filled
_REACH: Final = 30  # characters between a cue and what it makes likely

# What may follow: units, a town after a comma, lines that end in a postcode.
_UNITS: Final = re.compile(rf"(?:{_GAP}(?i:{UNIT})(?!\w)){{1,2}}")
_TOWN: Final = re.compile(
    rf"(?:,?[ ]?\n?[ >]{{0,3}}(?:,[ ])?{CAPITAL}(?:[ ](?:{PARTICLE}[ ]){{0,2}}{CAPITAL}){{0,4}}(?!\w|:)){{0,4}}"
    rf"{_GAP}(?:{STATE}[ ])?{POSTCODE}(?![\w-])"
)
_REST: Final = re.compile(
    rf"(?:,[ ]?{CAPITAL}(?:[ ]{CAPITAL}){{0,3}}(?![\w:])){{1,3}}"
    rf"|(?:[ ]?\n[ >]{{1,2}}{CAPITAL}(?:[ ]{CAPITAL}){{0,3}}(?![\w:])){{1,3}}"
)


class Address:
    """Finds street addresses."""

    type: ClassVar[str] = "address"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = (
        rf"(?i)\d[^\n]+\b{AFTER_NAME}(?:\W|$)|{ENDING}[ ]\d|(?:\W|^){BEFORE_NAME}[ ]?\pL[^\n]*\d"
        rf"|\d[ ]{BEFORE_NAME}[ ]?\pL|\d[^\n]*\n?[^\n]*\b{UNIT}|{UNIT},?[ ]\d|\b{BOX}[ ]?\d|\b[adf]po[ ]a"
        rf"|corner[ ]of|\b{STATE}[ ]\d{{5}}|\d{{2}}[ ]\pL[^\d\n]+[ ]\d+(?:,|\n|[ ]st)|utca|útja|u\."
        r"|(?:\W|^)(?:address|addresses|liv(?:e|es|ed|ing)|resid(?:e|es|ed|ing)|located|office|offices|mov(?:e|ed|ing)"
        r"|station|shipped|deliver|delivered|(?:send|mail|ship) it|taxi|cab|uber|meet|meeting|arrived|off|up|come|house"
        r"|enter)(?:\W[^\n]*)?(?:at|to|on|in|is|are|:)\s.*\d"
    )

    def __init__(self) -> None:
        _needed()  # compiled now, not while a message waits

    def find(self, text: str) -> Iterator[Found]:
        """Yield addresses with what follows of them: unit, town, postcode."""
        possible = frozenset(_needed().Match(text.encode("utf-8", "replace")) or ())
        if not possible:
            return
        alone = [pattern for index, (_, pattern) in enumerate(_ALONE) if index in possible]
        spans = [
            match.span()
            for start, end in _windows(text)
            for pattern in alone
            for match in pattern.finditer(text, start, end)
            if _is_likely(match[0])
        ]
        if len(_ALONE) in possible:
            spans += (span for cue in islice(_CUE.finditer(text), _MOST_CUES) for span in _after(text, cue.end()))
        last = -1
        for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start < last:
                continue
            last = _extended(text, end)
            yield Found(start, last, self.type)


@cache
def _needed() -> Any:
    """Return the set of what the expressions need: those of _ALONE by their places, then that of the cues."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    needed = re2.Set.SearchSet(options)
    for each, _ in _ALONE:
        needed.Add(each)
    needed.Add(_CUE_NEEDED)
    needed.Compile()
    if not needed.Match("the corner of "):  # a set with too little memory finds nothing
        raise MemoryError("what addresses need takes more memory than _MEMORY")
    return needed


def _windows(text: str) -> list[Span]:
    """Return where an address can stand: around digits, and behind `corner of`."""
    if len(text) <= _LONGEST:
        return [(0, len(text))]
    return merged((max(0, match.start() - _LONGEST), match.end() + _LONGEST) for match in _ANCHOR.finditer(text))


def _after(text: str, place: int) -> Iterator[Span]:
    """Yield what a cue that ends at a place makes likely."""
    for pattern in _CUED:
        match = pattern.search(text, place, place + _LONGEST)
        near = match is not None and match.start() - place <= _REACH
        if match and near and _is_likely(match[0]) and "\n\n" not in text[place : match.start()]:
            yield match.span()


def _is_likely(written: str) -> bool:
    """Say whether a candidate is no part of a sentence: no dates and no verbs; in capitals alone it must be short."""
    if _NO_STREET.search(written):
        return False
    return not written.isupper() or written[1:2].isdigit() or not written[0].isdigit()


def _extended(text: str, end: int) -> int:
    """Return where an address ends that has been recognised up to `end`."""
    for more in (_UNITS, _TOWN):
        match = more.match(text, end)
        if match:
            end = match.end()
    rest = _REST.match(text, end)
    return rest.end() if rest else end
