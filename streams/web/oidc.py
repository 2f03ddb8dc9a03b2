"""An issuer of OIDC: its configuration and keys, read when they are needed; a token in, what it claims out.

The algorithms are fixed, not the token's to choose; a key fits one of them. Keys are asked for again where a token
names one that is unknown, but not more often than once in a while, whatever tokens come.
"""

import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from streams.core.rights import Grant
from streams.web.origin import safe
from streams.web.problems import Problem, refused

ALGORITHMS: Final[Mapping[str, str]] = {"RS256": "RSA", "ES256": "EC"}  # -> type of the key
RSA_BITS: Final = 2048
LEEWAY_S: Final = 30  # between our clock and the issuer's
CALL_S: Final = 5.0
ANSWER_BYTES: Final = 256 << 10
KEYS: Final = 50
SUBJECT: Final = 255  # characters, by OpenID Connect Core
FRESH_S: Final = 3600.0  # after which keys are asked for again
STALE_S: Final = 86_400.0  # for which they hold where the issuer does not answer
PAUSE_S: Final = 60.0  # between two questions for keys


class WrongIssuer(Exception):
    """The settings name no issuer that could be trusted: one line that says what to do."""

    exit_code: Final = 78  # EX_CONFIG of sysexits.h


@dataclass(frozen=True)
class Oidc:
    """Who vouches for people, and how grants follow from what he claims."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    audience: str | None = None  # of bearer tokens; without it none is taken
    scopes: str = "openid profile email"
    claim: str | None = None  # the one that names groups
    grants: Mapping[str, tuple[Grant, ...]] = field(default_factory=dict)  # group -> what its people may
    label: str = "single sign-on"  # what the button says

    def __post_init__(self) -> None:
        """Raise WrongIssuer for an issuer without https, and for an audience that sign-ins would share."""
        if not safe(self.issuer) or any(map(str.isspace, self.issuer)):
            raise WrongIssuer("MODERATION_REVIEW_OIDC_ISSUER must be an https URL")
        if self.audience == self.client_id:
            raise WrongIssuer(
                "MODERATION_REVIEW_OIDC_AUDIENCE must not be the client id: what signs in a browser would open the API"
            )

    def granted(self, claims: Mapping[str, Any]) -> tuple[Grant, ...] | None:
        """Return what a person may by his claims; None where grants are given to accounts by hand."""
        if self.claim is None:
            return None
        groups = claims.get(self.claim)
        named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        found = (grant for group in named if isinstance(group, str) for grant in self.grants.get(group, ()))
        return tuple(dict.fromkeys(found))


class Configuration(msgspec.Struct, frozen=True):
    """What we need of what an issuer says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class Issuer:
    """Asks an issuer, and remembers its answers. Safe for threads."""

    def __init__(
        self,
        oidc: Oidc,
        client: httpx.Client | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,  # seconds
    ) -> None:
        self.oidc = oidc
        self._client = client or httpx.Client(timeout=CALL_S, follow_redirects=False)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._configuration: Configuration | None = None
        self._keys: dict[str, Key] = {}
        self._asked = self._read = float("-inf")  # when keys were last asked for, and when an answer came

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def configuration(self) -> Configuration:
        """Return where the issuer does what; raise Problem 502 where it does not say."""
        if self._configuration is None:
            address = self.oidc.issuer.rstrip("/") + "/.well-known/openid-configuration"
            try:
                said = msgspec.json.decode(self._asked_for("GET", address), type=Configuration)
            except msgspec.DecodeError:
                raise failed("configuration") from None
            places = (said.authorization_endpoint, said.token_endpoint, said.jwks_uri)
            if said.issuer != self.oidc.issuer or not all(map(safe, places)):
                raise failed("configuration")
            self._configuration = said
        return self._configuration

    def exchanged(self, code: str, verifier: str, redirect: str) -> str:
        """Return the ID token for a code; raise Problem 401 where the code is none, 502 where the issuer fails."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
            "client_id": self.oidc.client_id,
        }
        if self.oidc.client_secret is not None:
            form["client_secret"] = self.oidc.client_secret
        answer = self._asked_for("POST", self.configuration().token_endpoint, form)
        try:
            token = msgspec.json.decode(answer).get("id_token")
        except (msgspec.DecodeError, AttributeError):
            token = None
        if not isinstance(token, str):
            raise failed("token")
        return token

    def claims(self, token: str, audience: str, now: int) -> dict[str, Any]:
        """Return what a token claims, whose signature, issuer, audience and times are right; raise Problem 401 else.

        `now` in milliseconds since 1970.
        """
        try:
            header = jws.extract_compact(token.encode()).headers()
            algorithm, kid = header.get("alg"), header.get("kid")
            if not isinstance(algorithm, str) or not isinstance(kid, str) or "crit" in header:
                raise refused()
            if algorithm not in ALGORITHMS:
                raise refused()
            key = self._key(kid)
            if key is None or key.key_type != ALGORITHMS[algorithm]:
                raise refused()
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
            jwt.JWTClaimsRegistry(
                now=now // 1000,
                leeway=LEEWAY_S,
                iss={"essential": True, "value": self.oidc.issuer},
                aud={"essential": True, "value": audience},
                sub={"essential": True},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError, TypeError):
            raise refused() from None
        if not isinstance(claims["sub"], str) or len(claims["sub"]) > SUBJECT:
            raise refused()
        return claims

    def _key(self, kid: str) -> Key | None:
        with self._lock:
            now = self._monotonic()
            wanted = kid not in self._keys or now - self._read > FRESH_S
            if wanted and now - self._asked > PAUSE_S:
                self._asked = now
                try:
                    self._keys = keys_of(self._asked_for("GET", self.configuration().jwks_uri))
                    self._read = now
                except Problem:
                    if now - self._read > STALE_S:
                        self._keys = {}
                        raise
            return self._keys.get(kid)

    def _asked_for(self, method: str, address: str, form: Mapping[str, str] | None = None) -> bytes:
        kept = bytearray()
        headers = {"Accept": "application/json"}
        try:
            with self._client.stream(method, address, data=form, headers=headers) as answer:
                for part in answer.iter_bytes():
                    kept += part
                    if len(kept) > ANSWER_BYTES:
                        raise failed("answer")
        except httpx.HTTPError:
            raise failed("connection") from None
        if form is not None and answer.status_code in {400, 401, 403}:
            raise Problem(401, "The sign-in was not confirmed: start again.", code="not_confirmed")
        if answer.status_code != httpx.codes.OK:
            raise failed("answer")
        return bytes(kept)


def keys_of(document: bytes) -> dict[str, Key]:
    """Return the keys of a JWKS that can check what we take, by id; raise Problem 502 for what is none."""
    try:
        listed = msgspec.json.decode(document)["keys"][:KEYS]
    except (msgspec.DecodeError, KeyError, TypeError):
        raise failed("keys") from None
    found: dict[str, Key] = {}
    for one in listed:
        if not isinstance(one, dict) or not isinstance(one.get("kid"), str) or one.get("use", "sig") != "sig":
            continue
        kind = one.get("kty")
        try:
            if kind == "RSA" and _bits(one["n"]) >= RSA_BITS:
                found[one["kid"]] = RSAKey.import_key(one)
            elif kind == "EC" and one.get("crv") == "P-256":
                found[one["kid"]] = ECKey.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue  # another key may be good; tokens of this one are refused
    return found


def _bits(number: str) -> int:
    """Return the length of a number as keys have it, in Base64 without its end."""
    return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()


def failed(what: str) -> Problem:
    """Return the problem of an issuer that does not do its part."""
    return Problem(502, f"The sign-in service failed ({what}): try again later.")
