"""An issuer of OIDC on loopback: its configuration, its keys, and ID tokens for codes that it was asked for."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.unit.adapters.endpoint import Endpoint, Reply, Request, told

CLIENT: Final = "review"
AUDIENCE: Final = "review-api"
HOUR: Final = 3600


class OidcIssuer(Endpoint):
    """Vouches for one person after the other; `now` is the time that its tokens are made at, seconds since 1970."""

    def __init__(self, now: int) -> None:
        super().__init__()
        self.now = now
        self.rsa = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
        self.ec = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
        self.keys_asked = 0
        self.down = False
        self._codes: dict[str, dict[str, str]] = {}

    def reply(self, request: Request) -> Reply:
        """Answer by the path."""
        if self.down:
            return Reply(b"", 503)
        match urlsplit(request.path).path:
            case "/.well-known/openid-configuration":
                return told(
                    {
                        "issuer": self.url,
                        "authorization_endpoint": f"{self.url}/authorize",
                        "token_endpoint": f"{self.url}/token",
                        "jwks_uri": f"{self.url}/keys",
                    }
                )
            case "/keys":
                self.keys_asked += 1
                return told({"keys": [self.rsa.as_dict(private=False), self.ec.as_dict(private=False)]})
            case "/token":
                return self._token(parse_qs(request.body.decode()))
            case _:
                return Reply(b"", 404)

    def allowed(self, address: str, **claims: Any) -> tuple[str, str]:
        """Have somebody sign in at the address that a browser was sent to; return code and state."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = sha256(address.encode()).hexdigest()
        made: dict[str, Any] = {"nonce": asked["nonce"], "aud": asked["client_id"]} | claims
        self._codes[code] = {"challenge": asked["code_challenge"], "token": self.signed(**made)}
        return code, asked["state"]

    def signed(self, key: Any = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a JWT, good unless the claims say otherwise; a claim of None is left out."""
        key = key or self.rsa
        usual = {"iss": self.url, "sub": "s-1", "aud": AUDIENCE, "iat": self.now, "exp": self.now + HOUR}
        kept = {name: value for name, value in (usual | claims).items() if value is not None}
        algorithm = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
        named = {"alg": algorithm, "kid": key.kid} | (header or {})
        heading = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(heading, kept, key, algorithms=[heading["alg"]])

    def _token(self, form: dict[str, list[str]]) -> Reply:
        known = self._codes.pop(form["code"][0], None)
        verifier = form["code_verifier"][0]
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        if known is None or known["challenge"] != challenge:
            return told({"error": "invalid_grant"}, 400)
        return told({"access_token": "opaque", "token_type": "Bearer", "id_token": known["token"]})
