"""Phone numbers: international ones, national ones of some regions, and any beside a word such as `call`.

The numbering plans come from phonenumbers; its own matcher takes a hundred times as long as this stream may.
"""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import phonenumbers

from streams.pii.cue import OTHER_NUMBER, Cue
from streams.pii.found import Found

# E.164 allows 15 digits; seven is the shortest number that a person gives away in full.
VARIED: Final = 3  # different digits at least
FEWEST: Final = 7
MOST: Final = 15
MOST_GROUPS: Final = 5  # of two digits or more: 01 84 17 61 18
GROUPED: Final = 9  # digits from which a number with a trunk prefix, in groups, needs no cue
UNGROUPED: Final = 10  # digits from which a number in one piece needs no cue; shorter ones are of anything
# How numbers of North America are grouped: 415 555 0132, 1-415-555-0132, 4155550132.
_NANP: Final = frozenset({(3, 3, 4), (1, 3, 3, 4), (10,)})

_BETWEEN: Final = r"(?:[ \t]?[().\-/]?[ \t]?\d|\)[ .-]{0,2}\(?\d|[ ]?\(0\)[ ]?\d)"  # a digit and what stands before it
_WRITTEN: Final = re.compile(
    r"(?<![\w=&%@$€£#_+])(?<![\w)][./:,-])(?:\+[ ]?)?[(]?\d" + _BETWEEN + r"{6,17}(?![\w%€£$@])(?![.,:/-]\d)"
)
_GROUP: Final = re.compile(r"\d+")
_DATE: Final = re.compile(
    r"(?:19|20)\d\d([-./ ])(?:0?[1-9]|1[0-2])\1(?:[0-3]?\d)(?!\d)"
    r"|(?:[0-3]?\d)([-./ ])(?:[0-3]?\d)\2(?:19|20)?\d\d(?![./-]?\d)"
    r"|(?:19|20)\d\d ?[-/] ?(?:19|20)\d\d(?!\d)"
)
_YEARS: Final = re.compile(r"(?<!\d)(?:19|20)\d\d\D(?:19|20)\d\d(?!\d)")
_CUE: Final = Cue(
    r"phones?|tele?phone|tel|call(?:ed|ing|s)?|dial|mobile|mob|cell|cellphone|landline|contact|reach|fax|ring"
    r"|whats ?app|wa|viber|telegram|signal|sms|text|txt|ph|my number|my no|[tmfp](?=:)|get me on"
    r"|hotline|helpline|t[ée]l[ée]phone"
    r"|tel[ée]fono|telefon(?:nummer)?|handynummer|rufnummer|telefono|handy|telefone|celular|m[oó]vil|portable|телефон|тел|звони|电话|手机|電話"
)
_LINE: Final = re.compile(
    r"[ \t]{1,2}\(?(?i:office|fax|mobile|home|cell|work|direct)(?!\w)"
)  # after it, in a signature
# "the number is", of a phone unless another thing that has a number stands there.
_NUMBER: Final = Cue(r"numbers? (?:is|are|was)|numbers?(?=:)")
_ACCOUNT: Final = Cue(
    r"account|acct|card|social|security|routing|passport|licen[cs]e|member|policy|bank|id|flight|room|tax"
)
_CLOSE: Final = 24  # characters before a number in which the cue must stand
_THEIRS: Final = Cue(
    r"is (?:my|her|his|our|their|the) (?:\w+ )?(?:phone|number|cell|mobile|tel)|(?:mobile|cell) number"
)


def unknown_regions(regions: Sequence[str]) -> list[int]:
    """Return the places of what is no region with a numbering plan."""
    return [place for place, region in enumerate(regions) if region not in phonenumbers.SUPPORTED_REGIONS]


class Plan:
    """Which national numbers some regions have, as one expression over digits."""

    def __init__(self, regions: Sequence[str]) -> None:
        with_trunk, bare = [], []
        for region in regions:
            plan = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
            if plan is None:
                raise ValueError(f"{region} has no numbering plan: give codes such as US, GB, DE")
            kinds = (
                plan.fixed_line,
                plan.mobile,
                plan.toll_free,
                plan.premium_rate,
                plan.shared_cost,
                plan.voip,
                plan.uan,
                plan.personal_number,
            )
            numbers = "|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
            if plan.national_prefix == "0":
                with_trunk.append(f"0(?:{numbers})")
            bare.append(f"(?:{plan.national_prefix or ''})?(?:{numbers})")
        self.nanp = any(phonenumbers.country_code_for_region(region) == 1 for region in regions)
        self._with_trunk = re.compile("|".join(with_trunk) or r"(?!)")
        self._any = re.compile("|".join(bare) or r"(?!)")
        self._nanp = re.compile(r"1?[2-9](?!11)\d\d[2-9](?!11)\d{6}")

    def stands_alone(self, digits: str, groups: tuple[int, ...]) -> bool:
        """Say whether a number needs no cue: a trunk prefix and a valid number, or ten digits of North America."""
        if digits[0] == "0":
            spaced = len(digits) >= GROUPED and 1 < len(groups) <= MOST_GROUPS and min(groups[1:]) > 1
            return (spaced or len(digits) >= UNGROUPED) and self._with_trunk.fullmatch(digits) is not None
        return self.nanp and groups in _NANP and self._nanp.fullmatch(digits) is not None

    def has(self, digits: str) -> bool:
        """Say whether digits are a number of any of the regions, with or without the trunk prefix."""
        return self._any.fullmatch(digits) is not None


class Phone:
    """Finds phone numbers."""

    type: ClassVar[str] = "phone"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"\d(?:[ \t().\-/]{0,4}\d){6}"

    def __init__(self, regions: Sequence[str]) -> None:
        self._plan = Plan(regions)

    def find(self, text: str) -> Iterator[Found]:
        """Yield phone numbers; what looks like a date, an order or a reference is left out."""
        for match in _WRITTEN.finditer(text):
            start = match.start()
            cued = (
                _CUE.before(text, start, _CLOSE) or _THEIRS.after(text, match.end()) or _LINE.match(text, match.end())
            )
            named = not cued and _NUMBER.before(text, start, _CLOSE)
            if not cued and (OTHER_NUMBER.before(text, start, _CLOSE) or (named and _ACCOUNT.before(text, start))):
                continue
            readings = [(first, last) for first, last in _readings(match[0]) if not _DATE.match(match[0][first:last])]
            for is_phone in (self._is_proven, self._is_known, _is_likely)[: 3 if cued else 2 if named else 1]:
                fitting = next(((first, last) for first, last in readings if is_phone(match[0][first:last])), None)
                if fitting:
                    yield Found(start + fitting[0], start + fitting[1], self.type)
                    break

    def _is_proven(self, written: str) -> bool:
        """Say whether a number needs no cue."""
        if _is_abroad(written):
            return _is_international(written)
        groups = _GROUP.findall(written)
        digits = "".join(groups)
        return len(set(digits)) >= VARIED and self._plan.stands_alone(digits, tuple(map(len, groups)))

    def _is_known(self, written: str) -> bool:
        """Say whether a number is one of the plan, however it is grouped."""
        digits = "".join(_GROUP.findall(written))
        return len(digits) >= FEWEST and not _YEARS.search(written) and self._plan.has(digits)


def _is_likely(written: str) -> bool:
    """Say whether a number beside a cue looks like one, of wherever it may be."""
    groups = _GROUP.findall(written)
    digits = "".join(groups)
    if _is_abroad(written):
        return FEWEST <= len(digits) <= MOST + 2
    if _YEARS.search(written):
        return False
    return FEWEST <= len(digits) <= MOST and len(set(digits)) >= VARIED and max(map(len, groups)) > 1


def _is_abroad(written: str) -> bool:
    """Say whether a number begins with a country code."""
    return written[0] == "+" or written.startswith(("00", "(00"))


def _readings(written: str) -> Iterator[tuple[int, int]]:
    """Yield the whole candidate, then it without its last words, then without its first: [start, end) within it."""
    length = len(written)
    yield 0, length
    spaces = [match.start() for match in re.finditer(" ", written)]
    for cut in spaces[:-4:-1]:
        yield 0, len(written[:cut].rstrip(" \t(.-/"))
    for cut in spaces[:2]:
        yield cut + 1, length


def _is_international(written: str) -> bool:
    plus = written if written[0] == "+" else "+" + re.sub(r"\D", "", written)[2:]
    try:
        number = phonenumbers.parse(plus, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)
