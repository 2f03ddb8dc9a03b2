"""Addresses of pictures on the origin that serves nothing else: signed, for one object, for some minutes."""

import hmac
from typing import Final

VALID: Final = 600_000  # milliseconds at most; half of them at least
STEP: Final = VALID // 2  # addresses of one object are the same for so long: a browser may keep what it got


def signed_path(secret: bytes, item_id: int, number: int, now: int) -> str:
    """Return the path under which the pictures of an object lie for a while: `/signed/UNTIL/SIGNATURE/media/1/0`."""
    until = now // STEP * STEP + VALID
    return f"/signed/{until}/{_signature(secret, until, item_id, number)}/media/{item_id}/{number}"


def holds(secret: bytes, until: int, signature: str, item_id: int, number: int, now: int) -> bool:
    """Say whether a signature is ours, for this object, and not over."""
    ours = _signature(secret, until, item_id, number)
    return hmac.compare_digest(ours.encode(), signature.encode()) and now < until


def _signature(secret: bytes, until: int, item_id: int, number: int) -> str:
    key = hmac.digest(secret, b"media", "sha256")  # the secret signs other things, too
    return hmac.digest(key, f"{until}:{item_id}:{number}".encode(), "sha256").hex()
