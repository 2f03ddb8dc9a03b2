"""Where browsers find something: https, or on this machine."""

from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class WrongOrigin(Exception):
    """The origin is none, or would send cookies in the clear over a network."""

    exit_code: Final = 78  # EX_CONFIG of sysexits.h


def safe(address: str) -> bool:
    """Say whether an address is https, or http on this machine."""
    try:
        parsed = urlsplit(address)
        host, _ = parsed.hostname, parsed.port
    except ValueError:
        return False
    return bool(host) and (parsed.scheme == "https" or (parsed.scheme == "http" and host in LOOPBACK))


def checked_origin(origin: str) -> str:
    """Return an origin as browsers write it; raise WrongOrigin unless it is https, or http on this machine."""
    if not safe(origin):
        message = f"{origin}: MODERATION_REVIEW_ORIGIN must be https://HOST or https://HOST:PORT beyond this machine"
        raise WrongOrigin(message)
    address = urlsplit(origin)
    if address.path.strip("/") or address.query or address.fragment or address.username is not None:
        message = f"{origin} is no origin: MODERATION_REVIEW_ORIGIN is https://HOST or https://HOST:PORT"
        raise WrongOrigin(message)
    usual = {"https": 443, "http": 80}[address.scheme] == address.port
    host = address.netloc.lower()
    return f"{address.scheme}://{host.rpartition(':')[0] if usual else host}"


def local(page: str) -> str:
    """Return a page of ours to go on to; the first one for anything that could be elsewhere."""
    plain = page.startswith("/") and not page.startswith("//") and "\\" not in page and page.isprintable()
    return page if plain and page.isascii() else "/"
