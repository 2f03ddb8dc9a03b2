"""Checkpoints: the end of an audit chain at a moment, signed and kept where the store's owner cannot change it.

Each holds the hash of the one before it of its chain, so that none can be taken out. Signing is not done here.
"""

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from streams.core.audit import GENESIS, canonical
from streams.core.content import Milliseconds


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed, as canonical JSON."""

    chain: str
    seq: int  # of the chain's last record then
    hash: str  # its hash
    at: Milliseconds
    key_id: str  # the first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes
    previous: str  # SHA-256 of the chain's checkpoint before it, signature included, as canonical JSON


class Signed(Checkpoint, frozen=True, kw_only=True):
    """A checkpoint with its signature."""

    signature: str  # Ed25519, 128 hexadecimal digits

    def payload(self) -> bytes:
        """Return what the signature is of."""
        return payload(Checkpoint(**{name: getattr(self, name) for name in Checkpoint.__struct_fields__}))

    def digest(self) -> str:
        """Return what the next checkpoint of the chain calls `previous`."""
        return sha256(canonical(self).encode()).hexdigest()


def payload(checkpoint: Checkpoint) -> bytes:
    """Return what of a checkpoint is signed."""
    return canonical(checkpoint).encode()


def signed(checkpoint: Checkpoint, signature: bytes) -> Signed:
    """Return a checkpoint with its signature."""
    given = {name: getattr(checkpoint, name) for name in Checkpoint.__struct_fields__}
    return Signed(**given, signature=signature.hex())


def last_of(checkpoints: Iterable[Signed], chain: str) -> Signed | None:
    """Return the last checkpoint of a chain, None where there is none."""
    return max((one for one in checkpoints if one.chain == chain), key=lambda one: one.seq, default=None)


def unlinked(checkpoints: Iterable[Signed]) -> Signed | None:
    """Return the first checkpoint of a chain before which one is missing, None where none is.

    Two signers may have followed the same one: no checkpoint is missing then.
    """
    known = {GENESIS}
    for one in sorted(checkpoints, key=lambda one: (one.seq, one.at)):
        if one.previous not in known:
            return one
        known.discard(GENESIS)
        known.add(one.digest())
    return None
