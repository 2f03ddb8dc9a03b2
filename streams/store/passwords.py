"""Passwords: what somebody types in, whether it is right out; kept as argon2id."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12  # characters: beyond what is guessed through a limit on sign-ins
LONGEST: Final = 256


class Passwords:
    """Hashes with argon2-cffi's parameters, RFC 9106's for little memory: 64 MiB, three passes, about 50 ms."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        # Of a password that nobody has: an unknown account costs as much time as a wrong password.
        self._nobody = self._hasher.hash("nobody's password")

    def hashed(self, password: str) -> str:
        """Return the hash of a password, with its salt and parameters."""
        return self._hasher.hash(password)

    def right(self, kept: str | None, password: str) -> bool:
        """Say whether a password is the one that was hashed; it takes as long when nothing was."""
        try:
            self._hasher.verify(kept or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Say whether a hash was made with other parameters than today's: it is to be made anew."""
        return self._hasher.check_needs_rehash(kept)
