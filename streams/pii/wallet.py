"""Crypto wallets: bitcoin by its checksums, ethereum by the capitals of its letters."""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from stdnum import bitcoin

from streams.pii.found import Found
from streams.pii.keccak import keccak_256

_BASE58: Final = re.compile(r"(?<!\w)[13][1-9A-HJ-NP-Za-km-z]{25,34}(?!\w)", re.ASCII)
_BECH32: Final = re.compile(r"(?<!\w)bc1[02-9ac-hj-np-z]{11,71}(?!\w)", re.ASCII | re.IGNORECASE)
_ETHEREUM: Final = re.compile(r"(?<!\w)0[xX]([0-9a-fA-F]{40})(?!\w)", re.ASCII)

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)  # BIP 173
_REMAINDERS: Final = (1, 0x2BC830A3)  # bech32 (BIP 173) and bech32m (BIP 350)


class Wallet:
    """Finds addresses of bitcoin and ethereum wallets."""

    type: ClassVar[str] = "wallet"
    cue: ClassVar[str] = ""
    trigger: ClassVar[str] = r"\b[13][0-9A-Za-z]{25}|(?i)\bbc1[0-9a-z]{11}|\b0x[0-9a-f]{40}"

    def find(self, text: str) -> Iterator[Found]:
        """Yield wallets whose checksum holds; an ethereum wallet in one case has none and counts by its form."""
        for match in _BASE58.finditer(text):
            if bitcoin.is_valid(match[0]):
                yield Found(*match.span(), "bitcoin")
        for match in _BECH32.finditer(text):
            if _is_bech32(match[0]):
                yield Found(*match.span(), "bitcoin")
        for match in _ETHEREUM.finditer(text):
            if _is_ethereum(match[1]):
                yield Found(*match.span(), "ethereum")


def _is_bech32(written: str) -> bool:
    """Say whether the checksum of BIP 173 or BIP 350 holds."""
    if written not in (written.lower(), written.upper()):
        return False
    values = [*map(ord, "bc")]
    values = [value >> 5 for value in values] + [0] + [value & 31 for value in values]
    remainder = 1
    for value in values + [_ALPHABET.index(character) for character in written[3:].lower()]:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            remainder ^= generator if top >> bit & 1 else 0
    return remainder in _REMAINDERS


def _is_ethereum(digits: str) -> bool:
    """Say whether the capitals agree with EIP-55; without a mix of cases there is nothing to check."""
    if digits in (digits.lower(), digits.upper()):
        return True
    nibbles = keccak_256(digits.lower().encode()).hex()
    return all(
        character.isdigit() or character.isupper() == (int(nibble, 16) > 7)  # noqa: PLR2004 - EIP-55
        for character, nibble in zip(digits, nibbles, strict=False)
    )
