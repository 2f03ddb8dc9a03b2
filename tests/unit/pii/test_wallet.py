import pytest

from streams.pii.wallet import Wallet
from tests.unit.pii.given import entities, pieces

# The examples of BIP 173, BIP 350, EIP-55, and the address of the first block.
BITCOIN = (
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
)
ETHEREUM = ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359")


@pytest.mark.parametrize("wallet", BITCOIN)
def test_bitcoin_wallets_are_found_by_their_checksum(wallet: str) -> None:
    assert pieces(Wallet(), f"send to {wallet}.") == [wallet]
    assert entities(Wallet(), wallet) == ["bitcoin"]
    assert pieces(Wallet(), wallet[:-1] + ("q" if wallet[-1] != "q" else "p")) == []


@pytest.mark.parametrize("wallet", ETHEREUM)
def test_ethereum_wallets_are_found_in_one_case_or_with_the_right_capitals(wallet: str) -> None:
    assert pieces(Wallet(), f"send to {wallet}.") == [wallet]
    assert entities(Wallet(), wallet) == ["ethereum"]


def test_wrong_capitals_are_no_wallet() -> None:
    assert pieces(Wallet(), "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed") == []
