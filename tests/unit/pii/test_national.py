import pytest

from streams.pii.national import FORMATS, National
from tests.unit.pii.given import DETECTOR

# The examples that authorities and python-stdnum publish.
VALID = [
    ("us_ssn", "536-90-4399"),
    ("us_ssn", "my ssn is 536904399"),
    ("us_itin", "912-90-3456"),
    ("us_mbi", "1EG4-TE5-MK73"),
    ("ca_sin", "123-456-782"),
    ("ca_sin", "SIN 123 456 782"),
    ("gb_nino", "AB 12 34 56 C"),
    ("gb_nhs", "NHS number 943 476 5870"),
    ("ie_pps", "6433435F"),
    ("au_tfn", "tax file number 123 456 782"),
    ("de_idnr", "Steuer-ID 36 574 261 809"),
    ("de_rvnr", "15070649C103"),
    ("es_dni", "54362315K"),
    ("es_nie", "X-2482300W"),
    ("fr_nir", "2 95 10 99 126 111 93"),
    ("it_codice_fiscale", "RCCMNL83S18D969H"),
    ("nl_bsn", "BSN 111222333"),
    ("be_nn", "85.07.30-033.28"),
    ("ch_ahv", "756.9217.0769.85"),
    ("se_personnummer", "880320-0016"),
    ("no_fodselsnummer", "151086 95088"),
    ("dk_cpr", "cpr 211062-5629"),
    ("fi_hetu", "131052-308T"),
    ("pl_pesel", "PESEL 44051401359"),
    ("cz_rc", "710319/2745"),
    ("ro_cnp", "1630615123457"),
    ("tr_kimlik", "17291716060"),
    ("za_id", "7503305044089"),
    ("in_aadhaar", "2341 2341 2346"),
    ("in_pan", "AAPPV8261K"),
    ("in_epic", "voter id WKH1186253"),
    ("cn_ric", "360426199101010071"),
    ("kr_rrn", "971013-1019902"),
    ("th_pin", "1-2345-45678-78-1"),
    ("sg_nric", "S1234567D"),
    ("my_nric", "770305-02-1234"),
    ("br_cpf", "390.533.447-05"),
    ("ar_cuit", "20-05536168-2"),
    ("cl_rut", "12.531.909-2"),
    ("mx_curp", "BOXW310820HNERXN09"),
]


def found(text: str) -> list[str]:
    return [claim.entity for claim in DETECTOR.find(text)[1] if claim.type == "national_id"]


@pytest.mark.parametrize(("entity", "text"), VALID)
def test_a_national_number_is_found_and_named(entity: str, text: str) -> None:
    assert found(f"so: {text}.") == [entity]


@pytest.mark.parametrize(
    "text",
    [
        "666-12-3456",
        "000-12-3456",
        "123456782",  # nine digits are of anything
        "order 123456782",
        "123 456 782",
        "54362315A",  # the check letter is K
        "S1234567A",
        "2024-05-17",
        "36574261809",
        "QQ 12 34 56 C",
        "15071349C103",
    ],
)
def test_what_fails_its_check_or_lacks_its_word_is_none(text: str) -> None:
    assert found(text) == []


def test_every_format_is_built_and_named_for_its_country() -> None:
    for written in FORMATS:
        assert National(written).trigger
        assert written.entity[2] == "_"
