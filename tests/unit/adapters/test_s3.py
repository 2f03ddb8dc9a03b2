"""One object that is denied, and a deployment that is denied everything."""

from collections.abc import Sequence

import pytest

from streams.adapters.s3 import DENIED, S3
from streams.adapters.unreadable import Unreadable
from tests.unit.adapters.endpoint import Endpoint, Reply, Request


def refusal(code: str, status: int) -> Reply:
    """Return an error as S3 writes it."""
    return Reply(f"<Error><Code>{code}</Code></Error>".encode(), status, {"Content-Type": "application/xml"})


class Store(Endpoint):
    """An S3 whose keys say how they are answered; the bucket may be listed or not."""

    def __init__(self, *, listed: bool = True) -> None:
        super().__init__()
        self._listed = listed

    def reply(self, request: Request) -> Reply:
        """Return an answer by method and key."""
        if request.method == "HEAD":
            return Reply(b"", 200 if self._listed else 403)
        key = request.path.partition("?")[0].rpartition("/")[2]
        answers = {
            "there": Reply(b"bytes", 200, {"Content-Type": "image/png"}),
            "denied": refusal("AccessDenied", 403),
            "gone": refusal("NoSuchKey", 404),
            "expired": refusal("ExpiredToken", 400),
        }
        return answers[key]


async def asked(store: Store, *keys: str) -> tuple[list[str], list[str]]:
    """Return the reasons for which keys could not be read, in their order, and what was said of the deployment."""
    reasons: list[str] = []
    told: list[str] = []
    s3 = S3(endpoint=store.url, region="us-east-1", limit=1000, timeout=8.0, concurrency=1, locked=told.append)
    for key in keys:
        try:
            await s3.read("b", key)
        except Unreadable as error:
            reasons.append(error.reason)
    await s3.close()
    return reasons, told


async def test_refused_credentials_are_the_deployments_fault_at_once() -> None:
    async with Store() as store:
        reasons, told = await asked(store, "expired")
    assert reasons == ["access_denied"]
    assert told == ["S3 refuses the credentials (ExpiredToken): renew them"]


async def test_many_denied_objects_of_a_bucket_that_may_be_listed_are_the_deployments_fault() -> None:
    async with Store() as store:
        reasons, told = await asked(store, *["denied"] * DENIED)
    assert reasons == ["access_denied"] * DENIED
    assert told == ["S3 denied 10 objects one after the other: allow s3:GetObject and s3:GetObjectVersion"]


@pytest.mark.parametrize("between", ["there", "gone"])
async def test_an_answer_in_between_shows_that_objects_can_be_read(between: str) -> None:
    keys: Sequence[str] = ["denied"] * (DENIED - 1)
    async with Store() as store:
        _, told = await asked(store, *keys, between, *keys)
    assert told == []


async def test_where_the_bucket_may_not_be_listed_a_missing_object_is_denied_too_and_nothing_can_be_told() -> None:
    async with Store(listed=False) as store:
        reasons, told = await asked(store, *["denied"] * DENIED)
    assert (reasons, told) == (["access_denied"] * DENIED, [])
