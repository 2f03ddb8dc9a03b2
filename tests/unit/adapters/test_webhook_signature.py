"""Signatures against the vector that Standard Webhooks publishes."""

import base64

import pytest
from pydantic import SecretStr

from streams.adapters.webhook_signature import key_of, signature, signed_headers

SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
OTHER = SecretStr("whsec_" + base64.b64encode(bytes(range(32))).decode())
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
PUBLISHED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_comes_out() -> None:
    assert signature(key_of(SECRET), ID, AT, BODY) == PUBLISHED


def test_each_secret_signs_so_that_one_can_be_changed() -> None:
    headers = signed_headers([key_of(OTHER), key_of(SECRET)], ID, AT, BODY)
    assert headers["webhook-id"] == ID
    assert headers["webhook-timestamp"] == str(AT)
    first, second = headers["webhook-signature"].split(" ")
    assert first == signature(key_of(OTHER), ID, AT, BODY)
    assert second == PUBLISHED


@pytest.mark.parametrize(
    ("webhook_id", "at", "body"), [("msg_other", AT, BODY), (ID, AT + 1, BODY), (ID, AT, BODY + b" ")]
)
def test_another_id_time_or_body_has_another_signature(webhook_id: str, at: int, body: bytes) -> None:
    assert signature(key_of(SECRET), webhook_id, at, body) != PUBLISHED


@pytest.mark.parametrize(
    "secret",
    [
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # not said to be one
        "whsec_canary!",  # no base64
        "whsec_" + base64.b64encode(bytes(23)).decode(),  # too short
        "whsec_" + base64.b64encode(bytes(65)).decode(),  # too long
        "whsec_",
    ],
)
def test_what_is_no_secret_is_refused_and_not_quoted(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and the base64 of 24 to 64") as caught:
        key_of(SecretStr(secret))
    assert "canary" not in str(caught.value)
