"""The kinds of personal data, as data sets name them and as our engines do; a kind that is missing is not evaluated."""

from collections.abc import Mapping
from typing import Final

# Names of microsoft/presidio and its data generator -> `entity` of an evidence.
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
    "STREET_ADDRESS": "address",
}
