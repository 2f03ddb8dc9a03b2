"""The key of the audit log: checkpoints in, signatures out; and whether a signature is one of the keys given."""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from streams.core.checkpoint import Checkpoint, Signed, payload, signed

ID: Final = 16  # hexadecimal digits
SETTING: Final = "MODERATION_REVIEW_AUDIT_KEY"

Keys = Mapping[str, Ed25519PublicKey]  # by id


class NoKey(Exception):
    """The key cannot be used: one line that says what to do."""

    exit_code: Final = 78  # EX_CONFIG


class AuditKey:
    """A private key; signs checkpoints."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key()
        self.id = key_id(self.public)

    def __repr__(self) -> str:
        """Show the id only."""
        return f"AuditKey({self.id})"

    def sign(self, checkpoint: Checkpoint) -> Signed:
        """Return a checkpoint, which names this key, with its signature."""
        return signed(checkpoint, self._key.sign(payload(checkpoint)))


def key_of(path: Path) -> AuditKey:
    """Return the key of a PEM file, which is made, for its owner's eyes only, where there is none; raise NoKey.

    Beside a new one its public half is written, `NAME.pub`: who verifies keeps a copy of that elsewhere.
    """
    try:
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return AuditKey(_private(path))
        key = Ed25519PrivateKey.generate()
        _stored(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public = os.open(_beside(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        _stored(public, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    except OSError as error:
        raise NoKey(f"{SETTING}: {path}: {error.strerror}: name a file that can be read or made") from None
    return AuditKey(key)


def keys_of(paths: Iterable[Path], own: Path) -> Keys:
    """Return the public keys of PEM files; without any, that beside our own key, or its public half; raise NoKey.

    None where there is no key yet: nothing was signed here.
    """
    given = tuple(paths)
    if not given:
        given = (_beside(own),) if _beside(own).exists() else (own,) if own.exists() else ()
    keys = [_public(path) for path in given]
    return {key_id(key): key for key in keys}


def signs(keys: Keys, checkpoint: Signed) -> bool:
    """Say whether one of the keys signed a checkpoint; the one that it names."""
    key = keys.get(checkpoint.key_id)
    if key is None:
        return False
    try:
        key.verify(bytes.fromhex(checkpoint.signature), checkpoint.payload())
    except (InvalidSignature, ValueError):
        return False
    return True


def key_id(key: Ed25519PublicKey) -> str:
    """Return what names a key: the beginning of the SHA-256 of its 32 bytes."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:ID]


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.pub")


def _stored(file: int, data: bytes) -> None:
    with os.fdopen(file, "wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NoKey(f"{SETTING}: {path} is no private key: openssl genpkey -algorithm ed25519 makes one") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise NoKey(f"{SETTING}: {path} is no Ed25519 key: openssl genpkey -algorithm ed25519 makes one")
    return key


def _public(path: Path) -> Ed25519PublicKey:
    try:
        data = path.read_bytes()
        key = load_pem_public_key(data) if b"PUBLIC" in data else _private(path).public_key()
    except OSError as error:
        raise NoKey(f"{path}: {error.strerror}: name a public key of the audit log") from None
    except (ValueError, UnsupportedAlgorithm):
        raise NoKey(f"{path} is no public key: it is the file .pub beside {SETTING}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise NoKey(f"{path} is no Ed25519 key: it is the file .pub beside {SETTING}")
    return key
