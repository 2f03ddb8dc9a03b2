"""Signing in where somebody else vouches, and bearer tokens of the same issuer, against a real one on loopback."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from streams.core.rights import Grant
from streams.store import accounts
from streams.store.tables import account
from streams.web.oidc import PAUSE_S, Issuer, Oidc, WrongIssuer, keys_of
from streams.web.parts import Parts
from tests.loopback.issuer import AUDIENCE, CLIENT, OidcIssuer
from tests.loopback.served import Served
from tests.unit.web.conftest import NOW, Clock, Web, web_of

SECONDS: Final = NOW // 1000


@pytest.fixture(scope="module")
def vouching() -> Iterator[OidcIssuer]:
    """Run an issuer."""
    with Served(OidcIssuer(SECONDS)) as served:
        yield served.endpoint


class Monotonic:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def monotonic() -> Monotonic:
    """Return a clock that stands."""
    return Monotonic()


@pytest.fixture
def oidc(vouching: OidcIssuer) -> Oidc:
    """Return the configuration that trusts the issuer."""
    vouching.down, vouching.keys_asked = False, 0
    return Oidc(vouching.url, CLIENT, "secret of the client", AUDIENCE)


@pytest.fixture
def vouched(given: Parts, clock: Clock, oidc: Oidc, monotonic: Monotonic) -> Iterator[Web]:
    """Return the app with that issuer; the account `moderator` is known to it as s-1."""
    issuer = Issuer(oidc, monotonic=monotonic)
    with given.database.writing() as connection:
        same = account.c.name == "moderator"
        connection.execute(account.update().where(same).values(subject=accounts.subject_of(oidc.issuer, "s-1")))
    yield web_of(replace(given, issuer=issuer), clock)
    issuer.close()


def begun(browser: TestClient, path: str = "/sign-in/oidc") -> str:
    """Begin to sign in; return the address at the issuer."""
    answer = browser.get(path)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def ended(browser: TestClient, code: str, state: str) -> Any:
    """Come back from the issuer."""
    return browser.get(
        "/sign-in/callback", params={"code": code, "state": state}, headers={"Accept": "application/json"}
    )


def test_a_person_whom_the_issuer_vouches_for_is_signed_in(vouched: Web, vouching: OidcIssuer) -> None:
    browser = vouched.client()
    address = begun(browser, "/sign-in/oidc?next=/items/7")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://127.0.0.1:8088/sign-in/callback"
    answer = ended(browser, *vouching.allowed(address))
    assert (answer.status_code, answer.headers["location"]) == (303, "/items/7")
    assert browser.get("/api/me").json()["account"] == "moderator"


@pytest.mark.parametrize("page", ["https://evil.example", "//evil.example", "/\\evil.example", "items", "/a\tb", ""])
def test_a_sign_in_leads_to_no_other_site(vouched: Web, vouching: OidcIssuer, page: str) -> None:
    browser = vouched.client()
    answer = browser.get("/sign-in/oidc", params={"next": page})
    assert ended(browser, *vouching.allowed(answer.headers["location"])).headers["location"] == "/"


def test_a_code_that_somebody_else_began_to_ask_for_signs_nobody_in(vouched: Web, vouching: OidcIssuer) -> None:
    thief, victim = vouched.client(), vouched.client()
    stolen = vouching.allowed(begun(thief))
    begun(victim)
    assert ended(victim, *stolen).json()["error"] == "wrong_state"
    assert ended(vouched.client(), *stolen).json()["error"] == "wrong_state"


def test_a_sign_in_that_takes_too_long_begins_again(vouched: Web, vouching: OidcIssuer) -> None:
    browser = vouched.client()
    allowed = vouching.allowed(begun(browser))
    vouched.clock.now += 600_001
    assert ended(browser, *allowed).json()["error"] == "wrong_state"


def test_a_cookie_that_was_changed_is_none(vouched: Web, vouching: OidcIssuer) -> None:
    browser = vouched.client()
    allowed = vouching.allowed(begun(browser))
    held = browser.cookies["moderation-sign-in"]
    other = vouched.client()
    other.cookies.set("moderation-sign-in", ("y" if held[0] == "x" else "x") + held[1:])
    assert ended(other, *allowed).json()["error"] == "wrong_state"


def test_a_code_counts_once(vouched: Web, vouching: OidcIssuer) -> None:
    browser = vouched.client()
    address = begun(browser)
    allowed = vouching.allowed(address)
    assert ended(browser, *allowed).status_code == 303
    begun(browser)
    assert ended(browser, *allowed).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": SECONDS - 60},
        {"nbf": SECONDS + 600},
        {"sub": None},
    ],
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    vouched: Web, vouching: OidcIssuer, claims: dict[str, Any]
) -> None:
    browser = vouched.client()
    answer = ended(browser, *vouching.allowed(begun(browser), **claims))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert browser.get("/api/me").status_code == 401


def test_a_person_without_an_account_is_told_so(vouched: Web, vouching: OidcIssuer) -> None:
    browser = vouched.client()
    answer = ended(browser, *vouching.allowed(begun(browser), sub="s-9", preferred_username="moderator"))
    assert (answer.status_code, answer.json()["error"]) == (403, "no_account")


def test_groups_give_and_take_grants_and_no_name_is_taken_over(
    given: Parts, clock: Clock, oidc: Oidc, vouching: OidcIssuer
) -> None:
    mapped = replace(oidc, claim="groups", grants={"mods": (Grant("moderator", tenants=("t1",)),)})
    issuer = Issuer(mapped)
    web = web_of(replace(given, issuer=issuer), clock)
    browser = web.client()
    signed = ended(browser, *vouching.allowed(begun(browser), sub="new", preferred_username="senior", groups=["mods"]))
    assert signed.status_code == 303
    me = browser.get("/api/me").json()
    assert me["account"].startswith("oidc-")
    assert me["grants"] == [{"role": "moderator", "tenants": ["t1"], "labels": None}]
    refused = ended(web.client(), "", "")
    assert refused.status_code == 401
    again = web.client()
    gone = ended(again, *vouching.allowed(begun(again), sub="new", groups=["others"]))
    assert gone.status_code == 403
    assert browser.get("/api/me").status_code == 401
    issuer.close()


def bearer(web: Web, token: str) -> int:
    """Show a token; return the status."""
    status: int = web.client().get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code
    return status


def test_bearer_tokens_of_both_algorithms_open_the_api(vouched: Web, vouching: OidcIssuer) -> None:
    assert bearer(vouched, vouching.signed()) == 200
    assert bearer(vouched, vouching.signed(vouching.ec)) == 200
    assert bearer(vouched, vouching.signed(aud=["other", AUDIENCE])) == 200


def confused(claims: dict[str, Any], public: bytes) -> str:
    """Return a JWT that is signed by HMAC with a public key, which everybody has."""
    signed = unsigned(claims, alg="HS256").rstrip(".")
    return f"{signed}.{encoded(hmac.digest(public, signed.encode(), 'sha256'))}"


def encoded(value: bytes) -> str:
    """Return Base64 as JWTs have it."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any], **header: Any) -> str:
    """Return a JWT without a signature."""
    parts = ({"alg": "none", "kid": "rsa-1"} | header, claims)
    return ".".join(encoded(json.dumps(part).encode()) for part in parts) + "."


def test_forged_tokens_open_nothing(vouched: Web, vouching: OidcIssuer) -> None:
    good = {"iss": vouching.url, "sub": "s-1", "aud": AUDIENCE, "exp": SECONDS + 600}
    stranger = RSAKey.generate_key(2048, {"kid": "rsa-1"})
    real = vouching.signed()
    head, body, signature = real.split(".")
    admin = vouching.signed(sub="s-2").split(".")[1]
    forged = {
        "no algorithm": unsigned(good),
        "an algorithm in capitals": unsigned(good, alg="NONE"),
        "HS256 with the public key": confused(good, vouching.rsa.as_pem(private=False)),
        "another's key under a known name": vouching.signed(stranger),
        "the algorithm of another type of key": vouching.signed(vouching.rsa, {"kid": "ec-1"}),
        "another body": f"{head}.{admin}.{signature}",
        "no signature": f"{head}.{body}.",
        "a header that must be understood": vouching.signed(header={"crit": ["b64"], "b64": True}),
        "no key named": vouching.signed(header={"kid": None}),
        "expired": vouching.signed(exp=SECONDS - 31),
        "without an end": vouching.signed(exp=None),
        "not yet": vouching.signed(nbf=SECONDS + 31),
        "for somebody else": vouching.signed(aud="another"),
        "for a sign-in": vouching.signed(aud=CLIENT),
        "for nobody": vouching.signed(aud=None),
        "of another issuer": vouching.signed(iss="https://evil.example"),
        "of nobody whom we know": vouching.signed(sub="s-9"),
        "of a number": vouching.signed(sub=1),
        "not a token": "a.b.c",
        "a piece of one": real[:-10],
        "of five parts": "a.b.c.d.e",
    }
    assert {what: bearer(vouched, token) for what, token in forged.items()} == dict.fromkeys(forged, 401)


def test_a_flood_of_unknown_keys_asks_the_issuer_once_in_a_while(
    vouched: Web, vouching: OidcIssuer, monotonic: Monotonic
) -> None:
    assert bearer(vouched, vouching.signed()) == 200
    for number in range(20):
        assert bearer(vouched, vouching.signed(header={"kid": f"unknown-{number}"})) == 401
    assert vouching.keys_asked == 1
    monotonic.now += PAUSE_S + 1
    for number in range(20):
        assert bearer(vouched, vouching.signed(header={"kid": f"unknown-{number}"})) == 401
    assert vouching.keys_asked == 2
    assert bearer(vouched, vouching.signed()) == 200


def test_a_key_that_was_changed_is_found(vouched: Web, vouching: OidcIssuer, monotonic: Monotonic) -> None:
    before = vouching.rsa
    assert bearer(vouched, vouching.signed()) == 200
    vouching.rsa = RSAKey.generate_key(2048, {"kid": "rsa-2", "use": "sig"})
    monotonic.now += PAUSE_S + 1
    assert bearer(vouched, vouching.signed()) == 200
    assert bearer(vouched, vouching.signed(before)) == 401


def test_an_issuer_that_is_away_for_a_while_locks_nobody_out(
    vouched: Web, vouching: OidcIssuer, monotonic: Monotonic
) -> None:
    assert bearer(vouched, vouching.signed()) == 200
    vouching.down = True
    monotonic.now += 7200
    assert bearer(vouched, vouching.signed()) == 200
    monotonic.now += 86_400
    assert bearer(vouched, vouching.signed()) == 502


def test_an_issuer_that_is_away_at_a_sign_in_is_told(
    given: Parts, clock: Clock, oidc: Oidc, vouching: OidcIssuer
) -> None:
    vouching.down = True
    issuer = Issuer(oidc)
    web = web_of(replace(given, issuer=issuer), clock)
    answer = web.client().get("/sign-in/oidc", headers={"Accept": "application/json"})
    assert answer.status_code == 502
    issuer.close()


def test_weak_and_foreign_keys_are_left_out(vouching: OidcIssuer) -> None:
    weak = {"kty": "RSA", "kid": "weak", "e": "AQAB", "n": encoded(b"\xff" * 128)}
    sealing = vouching.rsa.as_dict(private=False) | {"kid": "sealing", "use": "enc"}
    listed = [weak, sealing, {"kty": "oct", "k": "c2VjcmV0", "kid": "oct"}, {"kty": "RSA", "kid": "broken"}, 7]
    listed.append(vouching.ec.as_dict(private=False))
    assert list(keys_of(json.dumps({"keys": listed}).encode())) == ["ec-1"]


@pytest.mark.parametrize("issuer", ["http://login.example.org", "login.example.org", "", "https://a b"])
def test_an_issuer_that_cannot_be_trusted_is_refused_at_the_start(issuer: str) -> None:
    with pytest.raises(WrongIssuer):
        Oidc(issuer, CLIENT)


def test_a_token_of_a_sign_in_cannot_be_made_to_open_the_api() -> None:
    with pytest.raises(WrongIssuer, match="AUDIENCE"):
        Oidc("https://login.example.org", CLIENT, audience=CLIENT)


def test_no_secret_is_shown(oidc: Oidc, given: Parts) -> None:
    shown = repr(oidc) + repr(replace(given, issuer=None))
    assert "secret of the client" not in shown
    assert "ssss" not in shown
