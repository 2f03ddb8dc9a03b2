"""Secrets: the path of a mounted file in, its one line out, in a type that prints as stars."""

from pathlib import Path
from typing import ClassVar, Final

from pydantic import SecretStr

LARGEST: Final = 8192  # bytes


class NoSecret(Exception):
    """A secret that cannot be used: the file, what is wrong, and what to do."""

    exit_code: ClassVar[int] = 78  # EX_CONFIG


def secret_in(file: Path) -> SecretStr:
    """Return the secret that a file holds; raise NoSecret."""
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST + 1)
    except OSError as error:
        raise NoSecret(f"{file}: {error.strerror or type(error).__name__}: mount the secret there") from None
    secret = data.strip()
    if not secret or len(data) > LARGEST or any(not 0x21 <= byte <= 0x7E for byte in secret):  # noqa: PLR2004
        raise NoSecret(f"{file}: holds no key: write it there as one line of visible ASCII characters")
    return SecretStr(secret.decode())
