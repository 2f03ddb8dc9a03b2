"""Posts to a loopback server that answers as it is told, and to hosts that may not be asked at all."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from streams.adapters.executing import Result
from streams.adapters.fault import Fault
from streams.adapters.webhook import CONCURRENCY, Webhook
from streams.adapters.webhook_signature import key_of, signature
from streams.core.effect import Effect
from tests.unit.adapters.effects import effect
from tests.unit.adapters.endpoint import DRIPS, DROPS, HANGS, RESETS, Endpoint, Reply
from tests.unit.core.decisions import CANARY, made

SECRETS = ["whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2)]
DONE = Result("done")
NOW = 1_769_860_800.0
SOURCE = "/moderation-streams/execute"
OK = Reply(b"thanks")


@pytest.fixture
def secrets(tmp_path: Path) -> str:
    """Return the files of two secrets, one a line."""
    for number, secret in enumerate(SECRETS):
        (tmp_path / f"secret-{number}").write_text(secret + "\n")
    return f"{tmp_path}/secret-0\n{tmp_path}/secret-1"


class Names:
    """A name server that counts, and gives each answer in turn, then the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        """Return the next answer."""
        self.asked.append(host)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


def post(url: str, secrets: str, *, private: bool = True, timeout_ms: int = 2000, **more: Any) -> Effect:
    target = {"url": url, "secret_files": secrets, "timeout_ms": str(timeout_ms)}
    return effect("webhook", {**target, **({"allow_private": "true"} if private else {}), **more})


def inside(url: str, **more: Any) -> Webhook:
    """Return what may post to one loopback server."""
    return Webhook([url.removeprefix("http://")], SOURCE, now=lambda: NOW, **more)


def soon(seconds: float = 10.0) -> float:
    return asyncio.get_running_loop().time() + seconds


@pytest.fixture
async def outside() -> AsyncIterator[Webhook]:
    """Yield what may post to the public internet only."""
    one = Webhook([], SOURCE)
    yield one
    await one.close()


async def posted(reply: Reply, secrets: str, seconds: float = 10.0, **more: Any) -> tuple[Any, Endpoint]:
    """Return how a post to an endpoint ended, a result or a fault, and the endpoint."""
    async with Endpoint(reply) as endpoint:
        webhook = inside(endpoint.url)
        try:
            return await webhook(post(f"{endpoint.url}/hook", secrets, **more), None, soon(seconds)), endpoint
        except Fault as fault:
            return fault, endpoint
        finally:
            await webhook.close()


async def test_a_decision_is_posted_as_an_event_that_both_secrets_sign(secrets: str) -> None:
    result, endpoint = await posted(OK, secrets)
    assert result == DONE
    (request,) = endpoint.requests
    assert (request.method, request.path) == ("POST", "/hook")
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.headers["webhook-id"] == made().decision_id
    assert request.headers["webhook-timestamp"] == str(int(NOW))
    assert request.headers["webhook-signature"].split(" ") == [
        signature(key_of(SecretStr(secret)), made().decision_id, int(NOW), request.body) for secret in SECRETS
    ]
    event = request.json
    assert {name: event[name] for name in event if name != "data"} == {
        "specversion": "1.0",
        "id": made().decision_id,
        "source": SOURCE,
        "type": "moderation.decision.v4",
        "subject": "m1",
        "time": made().decided_at,
        "datacontenttype": "application/json",
    }
    assert event["data"]["action"] == "mask_flag"
    assert event["data"]["notice"]["de"] == "Wir haben eine Telefonnummer verborgen."
    assert "masked_text" not in event["data"]


async def test_the_masked_text_is_sent_only_where_the_policy_says_so(secrets: str) -> None:
    _, endpoint = await posted(OK, secrets, include_masked="true")
    assert endpoint.requests[0].json["data"]["masked_text"] == made().masked_text


async def test_a_repeat_is_the_same_event(secrets: str) -> None:
    async with Endpoint(OK) as endpoint:
        webhook = inside(endpoint.url)
        for _ in range(2):
            await webhook(post(endpoint.url, secrets), None, soon())
        await webhook.close()
    first, second = endpoint.requests
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_success_will_do(status: int, secrets: str) -> None:
    assert (await posted(Reply(b"", status), secrets))[0] == DONE


@pytest.mark.parametrize(
    ("reply", "reason", "kind", "after"),
    [
        (Reply(b"", 408), "unavailable", "retry", 0.0),
        (Reply(b"", 429), "throttled", "retry", 0.0),
        (Reply(b"", 429, {"Retry-After": "17"}), "throttled", "retry", 17.0),
        (Reply(b"", 429, {"Retry-After": "999999999999"}), "throttled", "retry", 3600.0),
        (Reply(b"", 429, {"Retry-After": "-5"}), "throttled", "retry", 0.0),
        (Reply(b"", 429, {"Retry-After": "soon"}), "throttled", "retry", 0.0),
        (
            Reply(b"", 503, {"Retry-After": format_datetime(datetime.fromtimestamp(NOW + 30, UTC), usegmt=True)}),
            "unavailable",
            "retry",
            30.0,
        ),
        (Reply(b"", 503, {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}), "unavailable", "retry", 0.0),
        (Reply(b"", 500), "unavailable", "retry", 0.0),
        (Reply(b"", 502), "unavailable", "retry", 0.0),
        (Reply(b"", 400), "refused", "item", 0.0),
        (Reply(b"", 401), "access_denied", "item", 0.0),
        (Reply(b"", 404), "not_found", "item", 0.0),
        (Reply(b"", 410), "not_found", "item", 0.0),
        (Reply(b"", 413), "too_large", "item", 0.0),
        (Reply(b"", 302, {"Location": "http://127.0.0.1:1/"}), "redirected", "deployment", 0.0),
        (DROPS, "unreachable", "retry", 0.0),
        (RESETS, "unreachable", "retry", 0.0),
    ],
)
async def test_what_an_endpoint_answers_is_told_apart_and_asked_once(
    reply: Reply, reason: str, kind: str, after: float, secrets: str
) -> None:
    fault, endpoint = await posted(reply, secrets)
    assert isinstance(fault, Fault)
    assert (fault.reason, fault.kind, fault.after) == (reason, kind, after)
    assert len(endpoint.requests) == 1


async def test_an_endpoint_that_hangs_costs_the_time_of_one_request(secrets: str) -> None:
    before = soon(0)
    fault, _ = await posted(HANGS, secrets, timeout_ms=200)
    assert isinstance(fault, Fault)
    assert (fault.reason, fault.kind) == ("timeout", "retry")
    assert 0.19 < soon(0) - before < 2


async def test_nothing_goes_on_after_the_time_of_the_batch(secrets: str) -> None:
    before = soon(0)
    fault, _ = await posted(HANGS, secrets, seconds=0.2, timeout_ms=60_000)
    assert isinstance(fault, Fault)
    assert fault.reason == "timeout"
    assert soon(0) - before < 2


async def test_an_endpoint_that_was_down_is_well_at_the_next_try(secrets: str) -> None:
    async with Endpoint(Reply(b"", 500), Reply(b"", 500), DROPS, OK) as endpoint:
        webhook = inside(endpoint.url)
        for _ in range(3):
            with pytest.raises(Fault):
                await webhook(post(endpoint.url, secrets), None, soon())
        assert await webhook(post(endpoint.url, secrets), None, soon()) == DONE
        await webhook.close()


@pytest.mark.parametrize("reply", [Reply(CANARY.encode() * 400_000), DRIPS, Reply(b"short", length=99)])
async def test_a_body_that_is_huge_slow_or_cut_off_changes_nothing(
    reply: Reply, secrets: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "streams")
    before = soon(0)
    result, _ = await posted(reply, secrets)
    assert result == DONE
    assert soon(0) - before < 5
    assert CANARY not in caplog.text


async def test_no_more_requests_than_allowed_are_on_their_way_to_one_endpoint(secrets: str) -> None:
    async with Endpoint(OK) as endpoint:
        endpoint.go.clear()
        webhook = inside(endpoint.url)
        posts = [
            asyncio.create_task(webhook(post(endpoint.url, secrets, timeout_ms=9000), None, soon()))
            for _ in range(3 * CONCURRENCY)
        ]
        async with asyncio.timeout(5):
            while len(endpoint.requests) < CONCURRENCY:
                endpoint.arrived.clear()
                await endpoint.arrived.wait()
        assert len(endpoint.requests) == CONCURRENCY
        endpoint.go.set()
        assert await asyncio.gather(*posts) == [DONE] * 3 * CONCURRENCY
        assert len(endpoint.requests) == 3 * CONCURRENCY
        await webhook.close()


# Where nobody may be asked.


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104  an address that is refused
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fd00:ec2::254",
        "fe80::1",
    ],
)
async def test_a_name_that_leads_inside_is_not_asked(address: str, secrets: str) -> None:
    names = Names([address])
    webhook = Webhook([], SOURCE, resolve=names)
    with pytest.raises(Fault) as caught:
        await webhook(post("https://platform.example/hook", secrets, private=False), None, soon())
    assert (caught.value.reason, caught.value.kind) == ("address_not_allowed", "deployment")
    assert names.asked == ["platform.example"]
    await webhook.close()


async def test_one_bad_address_among_good_ones_is_enough(secrets: str) -> None:
    webhook = Webhook([], SOURCE, resolve=Names(["93.184.215.14", "127.0.0.1"]))
    with pytest.raises(Fault) as caught:
        await webhook(post("https://platform.example/", secrets, private=False), None, soon())
    assert caught.value.reason == "address_not_allowed"
    await webhook.close()


async def test_each_post_looks_again_where_a_name_leads(secrets: str) -> None:
    async with Endpoint(OK) as endpoint:
        port = endpoint.url.rpartition(":")[2]
        names = Names(["127.0.0.1"], ["169.254.169.254"])
        webhook = Webhook([f"backend.internal:{port}"], SOURCE, resolve=names)
        given = post(f"http://backend.internal:{port}/", secrets)
        assert await webhook(given, None, soon()) == DONE
        with pytest.raises(Fault) as caught:
            await webhook(given, None, soon())
        await webhook.close()
    assert caught.value.reason == "address_not_allowed"
    assert len(endpoint.requests) == 1
    assert endpoint.requests[0].headers["host"] == f"backend.internal:{port}"


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fd00:ec2::254", "fe80::1", "::ffff:169.254.169.254", "224.0.0.1"]
)
async def test_what_gives_out_credentials_is_asked_by_nobody(address: str, secrets: str) -> None:
    webhook = Webhook(["backend.internal"], SOURCE, resolve=Names([address]))
    with pytest.raises(Fault) as caught:
        await webhook(post("http://backend.internal/", secrets), None, soon())
    assert caught.value.reason == "address_not_allowed"
    await webhook.close()


@pytest.mark.parametrize(
    ("hosts", "more"), [([], {}), (["other.internal"], {}), (["backend.internal"], {"private": False})]
)
async def test_a_host_inside_must_be_named_by_the_policy_and_by_the_setting(
    hosts: list[str], more: dict[str, bool], secrets: str, caplog: pytest.LogCaptureFixture
) -> None:
    names = Names(["10.0.0.7"])
    webhook = Webhook(hosts, SOURCE, resolve=names)
    for scheme, reason in (("http", "host_not_allowed"), ("https", "address_not_allowed")):
        with pytest.raises(Fault) as caught:
            await webhook(post(f"{scheme}://backend.internal/", secrets, **more), None, soon())
        assert (caught.value.reason, caught.value.kind) == (reason, "deployment")
        assert "backend.internal" in caplog.messages[-1]
        assert "MODERATION_WEBHOOK_HOSTS" in caplog.messages[-1]
    await webhook.close()


async def test_a_redirect_into_the_machine_is_not_followed(secrets: str) -> None:
    async with Endpoint(OK) as victim:
        fault, _ = await posted(Reply(b"", 307, {"Location": f"{victim.url}/"}), secrets)
        assert isinstance(fault, Fault)
        assert fault.reason == "redirected"
        assert victim.requests == []


@pytest.mark.parametrize("url", ["ftp://platform.example/", "https:///x", "https://[::1/", "https://a@b.example/"])
async def test_a_record_with_an_address_that_is_none_fails_alone(url: str, secrets: str, outside: Webhook) -> None:
    with pytest.raises(Fault) as caught:
        await outside(post(url, secrets), None, soon())
    assert (caught.value.reason, caught.value.kind) == ("misconfigured", "item")


def test_what_breaks_as_one_is_a_host_and_names_no_path(secrets: str) -> None:
    webhook = Webhook([], SOURCE)
    assert (
        webhook.endpoint(post("https://platform.example/hook/canary-token?x=1", secrets)) == "https://platform.example"
    )
    assert webhook.endpoint(post("https://platform.example:8443/", secrets)) == "https://platform.example:8443"
    assert webhook.region(post("https://platform.example", secrets)) is None  # type: ignore[func-returns-value]


# Secrets.


async def test_a_secret_is_read_again_so_that_it_can_be_changed(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRETS[0])
    async with Endpoint(OK) as endpoint:
        webhook = inside(endpoint.url)
        await webhook(post(endpoint.url, str(file)), None, soon())
        file.write_text(SECRETS[1])
        await webhook(post(endpoint.url, str(file)), None, soon())
        await webhook.close()
    first, second = (request.headers["webhook-signature"] for request in endpoint.requests)
    assert first == signature(key_of(SecretStr(SECRETS[0])), made().decision_id, int(NOW), endpoint.requests[0].body)
    assert second == signature(key_of(SecretStr(SECRETS[1])), made().decision_id, int(NOW), endpoint.requests[1].body)


@pytest.mark.parametrize("content", [None, "", "whsec_canary", "canary-canary-canary-canary-canary"])
async def test_a_secret_that_is_none_stops_the_effect_and_is_not_quoted(
    content: str | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_text(content)
    async with Endpoint(OK) as endpoint:
        webhook = inside(endpoint.url)
        with pytest.raises(Fault) as caught:
            await webhook(post(endpoint.url, str(file)), None, soon())
        await webhook.close()
    assert (caught.value.reason, caught.value.kind) == ("no_credentials", "deployment")
    assert endpoint.requests == []
    (said,) = caplog.messages
    assert said.startswith(f"webhook secret: {file}: ")
    assert "canary" not in said


async def test_neither_content_nor_secrets_nor_addresses_are_logged(
    secrets: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for reply in (OK, Reply(CANARY.encode(), 400), Reply(CANARY.encode(), 500), DROPS):
        await posted(reply, secrets)
    assert CANARY not in caplog.text
    assert "/hook" not in caplog.text
    assert not any(secret in caplog.text for secret in SECRETS)
