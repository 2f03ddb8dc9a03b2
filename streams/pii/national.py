"""National numbers of persons: a table of formats, each with the check of python-stdnum and the words it needs.

A format without cue has a checksum or a shape that other numbers hardly have; the others count only near a cue.
"""

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import ClassVar, Final, NamedTuple

from streams.pii.cue import Cue
from streams.pii.found import Found

_GENERIC: Final = r"national id|nat(?:ional)? identi\w+|id(?:entity|entification)? (?:no|num|number|card)|personal code"


class Format(NamedTuple):
    """One way to write a number."""

    entity: str  # country and name, such as us_ssn
    pattern: str  # in a syntax that RE2 and `re` share; letters of any case
    module: str = ""  # of python-stdnum, "" where there is no check
    cue: str = ""  # words one of which must stand near; "" for none


_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"

FORMATS: Final = (
    Format("us_ssn", r"\d{3}-\d{2}-\d{4}", "us.ssn"),
    Format(
        "us_ssn", r"\d{3}[ .]?\d{2}[ .]?\d{4}|\d{3}-\d{6}|\d{5}-\d{4}", "us.ssn", r"ssn|ss#|social security|soc sec"
    ),
    Format("us_itin", r"9\d{2}-\d{2}-\d{4}", "us.itin"),
    Format("us_itin", r"9\d{2} ?\d{2} ?\d{4}", "us.itin", r"itin|tax ?payer|tax id"),
    Format(
        "us_mbi",
        r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}",
    ),
    Format("ca_sin", r"\d{3}-\d{3}-\d{3}", "ca.sin"),
    Format("ca_sin", r"\d{3} ?\d{3} ?\d{3}", "ca.sin", r"sin|social insurance"),
    Format("gb_nino", r"[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"),
    Format("gb_nhs", r"\d{3}[ -]?\d{3}[ -]?\d{4}", "gb.nhs", r"nhs"),
    Format("ie_pps", r"\d{7}[A-W][AHIWTX]?", "ie.pps"),
    Format("au_tfn", r"\d{3} ?\d{3} ?\d{2,3}", "au.tfn", r"tfn|tax file"),
    Format("de_idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", "de.idnr", r"steuer\w*|idnr|tin|tax id\w*"),
    Format("de_rvnr", rf"\d{{2}}{_DAY}{_MONTH}\d{{2}}[A-Z]\d{{3}}", "de_rvnr"),
    Format("es_dni", r"\d{8}[ -]?[A-Z]", "es.dni"),
    Format("es_nie", r"[XYZ][ -]?\d{7}[ -]?[A-Z]", "es.nie"),
    Format("fr_nir", r"[1278] ?\d{2} ?[0-9]{2} ?\d[\dAB] ?\d{3} ?\d{3} ?\d{2}", "fr.nir"),
    Format("it_codice_fiscale", r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", "it.codicefiscale"),
    Format("pt_cc", r"\d{8} ?\d ?[A-Z]{2}\d", "pt.cc"),
    Format("nl_bsn", r"\d{9}|\d{4}\.\d{2}\.\d{3}", "nl.bsn", r"bsn|burgerservicenummer|sofinummer"),
    Format("be_nn", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", "be.nn"),
    Format("be_nn", r"\d{11}", "be.nn", r"rijksregister\w*|registre national"),
    Format("at_svnr", r"\d{4} ?\d{6}", "at.vnr", r"svnr|sozialversicherung\w*"),
    Format("ch_ahv", r"756\.\d{4}\.\d{4}\.\d{2}", "ch.ssn"),
    Format("se_personnummer", r"(?:18|19|20)?\d{6}[-+]\d{4}|(?:18|19|20)\d{10}", "se.personnummer"),
    Format("no_fodselsnummer", r"\d{6} ?\d{5}", "no.fodselsnummer"),
    Format("dk_cpr", r"\d{6}-?\d{4}", "dk.cpr", r"cpr|personnummer"),
    Format("fi_hetu", r"\d{6}[-+ABCDEFYXWVU]\d{3}[0-9A-Y]", "fi.hetu"),
    Format("pl_pesel", r"\d{11}", "pl.pesel", r"pesel"),
    Format("cz_rc", r"\d{6}/\d{3,4}", "cz.rc"),
    Format("ro_cnp", r"[1-8]\d{12}", "ro.cnp"),
    Format("bg_egn", r"\d{10}", "bg.egn", r"egn|егн"),
    Format("hr_oib", r"\d{11}", "hr.oib", r"oib"),
    Format("gr_amka", r"\d{11}", "gr.amka", r"amka|αμκα"),
    Format("ee_ik", r"[1-6]\d{10}", "ee.ik", r"isikukood"),
    Format("lt_asmens", r"[3-6]\d{10}", "lt.asmens", r"asmens kodas"),
    Format("ru_snils", r"\d{3}-\d{3}-\d{3} \d{2}"),
    Format("tr_kimlik", r"[1-9]\d{10}", "tr.tckimlik"),
    Format("il_id", r"\d{9}", "il.idnr", r"teudat zehut|ת\.?ז\.?|תעודת זהות"),
    Format("za_id", r"\d{13}", "za.idnr"),
    Format("in_aadhaar", r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}", "in_.aadhaar"),
    Format("in_aadhaar", r"[2-9]\d{11}", "in_.aadhaar", r"aadha?ar|uidai"),
    Format("in_pan", r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", "in_.pan"),
    Format("in_epic", r"[A-Z]{3}\d{7}", "", r"voter\w*|epic|electoral"),
    Format("cn_ric", r"\d{17}[\dX]", "cn.ric"),
    Format("jp_my_number", r"\d{4}[ -]?\d{4}[ -]?\d{4}", "jp.in_", r"my number|マイナンバー|個人番号"),
    Format("kr_rrn", rf"\d{{2}}{_MONTH}{_DAY}-[1-8]\d{{6}}"),  # those given since October 2020 have no check digit
    Format("kr_rrn", rf"\d{{2}}{_MONTH}{_DAY}[1-8]\d{{6}}", "kr.rrn"),
    Format("th_pin", r"\d-\d{4}-\d{5}-\d{2}-\d", "th.pin"),
    Format("th_pin", r"[1-8]\d{12}", "th.pin", r"thai|บัตรประชาชน|ประชาชน"),
    Format("sg_nric", r"[STFGM]\d{7}[A-Z]", "sg_nric"),
    Format("my_nric", r"\d{6}-\d{2}-\d{4}", "my.nric"),
    Format("id_nik", r"\d{16}", "id.nik", r"nik|ktp"),
    Format("br_cpf", r"\d{3}\.\d{3}\.\d{3}-\d{2}", "br.cpf"),
    Format("br_cpf", r"\d{11}", "br.cpf", r"cpf"),
    Format("ar_cuit", r"\d{2}-\d{8}-\d", "ar.cuit"),
    Format("cl_rut", r"\d{1,2}\.\d{3}\.\d{3}-[\dK]", "cl.rut"),
    Format("mx_curp", r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d", "mx.curp"),
    Format("mx_rfc", r"[A-Z]{4}\d{6}[A-Z0-9]{3}", "mx.rfc"),
    Format("ec_ci", r"\d{10}", "ec.ci", r"c[eé]dula"),
)

_NRIC_WEIGHTS: Final = (2, 7, 6, 5, 4, 3, 2)
_NRIC_LETTERS: Final = {
    "S": (0, "JZIHGFEDCBA"),
    "T": (4, "JZIHGFEDCBA"),
    "F": (0, "XWUTRQPNMLK"),
    "G": (4, "XWUTRQPNMLK"),
    "M": (3, "KLJNPQRTUWX"),
}


def _is_nric(number: str) -> bool:
    """Say whether the check letter of a Singapore NRIC or FIN holds."""
    number = number.upper()
    shift, letters = _NRIC_LETTERS[number[0]]
    total = shift + sum(weight * int(digit) for weight, digit in zip(_NRIC_WEIGHTS, number[1:8], strict=True))
    place = 10 - total % 11 if number[0] == "M" else total % 11
    return letters[place] == number[8]


_RVNR_WEIGHTS: Final = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)


def _is_rvnr(number: str) -> bool:
    """Say whether the check digit of a German pension insurance number holds."""
    letter = f"{ord(number[8].upper()) - ord('A') + 1:02}"
    products = (
        weight * int(digit) for weight, digit in zip(_RVNR_WEIGHTS, number[:8] + letter + number[9:11], strict=True)
    )
    return sum(product // 10 + product % 10 for product in products) % 10 == int(number[11])


# What python-stdnum lacks.
_OWN: Final[dict[str, Callable[[str], bool]]] = {"sg_nric": _is_nric, "de_rvnr": _is_rvnr}


def _check(module: str) -> Callable[[str], bool]:
    if not module:
        return lambda _: True
    if module in _OWN:
        return _OWN[module]
    valid: Callable[[str], bool] = import_module(f"stdnum.{module}").is_valid
    return valid


class National:
    """Finds national numbers of one format."""

    type: ClassVar[str] = "national_id"

    def __init__(self, written: Format) -> None:
        self.trigger: str = rf"(?i)\b(?:{written.pattern})\b"
        # Inflected words are found by their stems.
        self.cue: str = rf"(?i){written.cue}|{_GENERIC}".replace(r"\w+", "") if written.cue else ""
        self._entity = written.entity
        self._pattern = re.compile(
            rf"(?<![^\W_])(?<!\d[.,:/-])(?:{written.pattern})(?![^\W_])(?![.,:/-]\d)", re.IGNORECASE | re.ASCII
        )
        self._valid = _check(written.module)
        self._words = Cue(f"{written.cue}|{_GENERIC}") if written.cue else None

    def find(self, text: str) -> Iterator[Found]:
        """Yield the numbers whose check holds, near a cue where the format needs one."""
        for match in self._pattern.finditer(text):
            start, end = match.span()
            if (self._words is None or self._words.near(text, start, end)) and self._valid(match[0]):
                yield Found(start, end, self._entity)
