"""Regions whose phone numbers are known without a country code, unless a policy names others."""

from typing import Final

# The largest numbering plans of the Americas, Europe, Asia, Africa and Oceania (ISO 3166 codes).
REGIONS: Final = (
    "US", "CA", "GB", "IE", "AU", "NZ", "DE", "AT", "CH", "FR", "BE", "NL", "ES", "IT", "PT",
    "SE", "NO", "DK", "FI", "PL", "BR", "MX", "IN", "ZA", "PH", "TR", "IL", "KR", "JP",
)  # fmt: skip
