"""The kinds of personal data, as data sets name them and as our engines do; a kind that is missing is not evaluated."""

from collections.abc import Mapping
from typing import Final

# Types of the engine `pii`; they are the names of its rules, the `entity` of an evidence may be more exact (`us_ssn`).
KINDS: Final = frozenset(
    {
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
    }
)

# Names of microsoft/presidio and its data generator -> kind.
ENTITIES: Final[Mapping[str, str]] = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "iban",
    "US_SSN": "national_id",
    "US_ITIN": "national_id",
    "UK_NHS": "national_id",
    "UK_NINO": "national_id",
    "ES_NIF": "national_id",
    "ES_NIE": "national_id",
    "IT_FISCAL_CODE": "national_id",
    "PL_PESEL": "national_id",
    "SG_NRIC_FIN": "national_id",
    "AU_TFN": "national_id",
    "IN_AADHAAR": "national_id",
    "FI_PERSONAL_IDENTITY_CODE": "national_id",
    "IP_ADDRESS": "ip",
    "CRYPTO": "wallet",
    "ABA_ROUTING_NUMBER": "bank_routing",
    "US_PASSPORT": "document",
    "UK_PASSPORT": "document",
    "US_DRIVER_LICENSE": "document",
    "STREET_ADDRESS": "address",
}


def kind(rule: str, entity: str | None) -> str | None:
    """Return the kind of what a rule found, as it says itself or by the rule's name; None where neither is a kind."""
    return next((name for name in (entity, rule) if name in KINDS), None)
