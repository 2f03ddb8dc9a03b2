"""Signatures of webhooks as Standard Webhooks defines them: id, time and body in, headers out.

https://www.standardwebhooks.com: HMAC-SHA256 over `id.timestamp.body`, base64 behind `v1,`; one for each secret, so
that a receiver can change its secret while nothing is lost.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from typing import Final

from pydantic import SecretStr

PREFIX: Final = "whsec_"
SHORTEST: Final = 24  # bytes of a key, the standard's least
LONGEST: Final = 64  # bytes of a key, the standard's most


def key_of(secret: SecretStr) -> bytes:
    """Return the key that a secret `whsec_BASE64` stands for; raise ValueError, which does not quote it."""
    written = secret.get_secret_value()
    try:
        key = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not written.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"must be {PREFIX} and the base64 of {SHORTEST} to {LONGEST} random bytes")
    return key


def signature(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """Return `v1,BASE64` of one request; `timestamp` in seconds since 1970."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def signed_headers(keys: Sequence[bytes], webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a request, with a signature for each key."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, webhook_id, timestamp, body) for key in keys),
    }
