"""How an engine calls a paid or slow interface: what a policy may say about it, for every such engine the same."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from streams.core.engine import Config

# Hosts of this very machine: what is said to them in the clear stays on it.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is no URL: write https://host/path") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ValueError("is no URL: write https://host/path")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("holds more than host and path: secrets belong in files")
    return value.rstrip("/")


Address = Annotated[str, Field(max_length=2048), AfterValidator(_address)]


def is_open(address: str) -> bool:
    """Say whether texts would travel to an address in the clear, beyond this machine."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


class Calling(Config):
    """Time, tries and money; all of it for one worker."""

    timeout: str = Field(default="8s", pattern=r"^[1-9][0-9]{0,5}(ms|s|m)$")  # of one request
    attempts: int = Field(default=3, ge=1, le=10)  # requests for one answer, the first one included
    budget_per_minute: int = Field(default=600, ge=1, le=1_000_000)  # requests, repeated ones included
    concurrency: int = Field(default=8, ge=1, le=256)  # requests at a time
    cache: int = Field(default=10_000, ge=0, le=1_000_000)  # answers that are remembered
