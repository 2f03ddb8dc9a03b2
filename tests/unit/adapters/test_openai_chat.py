import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.adapters.asker import Asker
from streams.adapters.asking import asker
from streams.adapters.fault import Fault
from streams.adapters.openai_chat import replied
from streams.adapters.secret import NoSecret
from streams.core.finding import Answer, Cost, Evidence, Finding
from streams.core.judgement import judgement_on
from streams.core.rule import Rule
from streams.core.task import TextTask
from streams.engines.text_llm import TextLlm
from tests.unit.adapters.endpoint import (
    DRIPS,
    DROPS,
    EMPTY,
    HANGS,
    HTML,
    VALUES,
    Endpoint,
    Reply,
    completion,
    labelled,
    task,
    told,
)
from tests.unit.core.given import facts, policy
from tests.unit.engines.canaries import CANARIES, block, travelled

NOW = 1_000.0  # seconds
LATER = 1_030_000  # milliseconds
KEY = "sk-canary-of-a-key"
GOOD = completion(json.dumps(labelled(("scam", "high", "free money"))))
NOTHING = completion(json.dumps(labelled()))
FOUND = Answer(findings=(Finding("scam", "scam_high", severity="high", evidence=(Evidence(span=(4, 14)),)),))


def refused(status: int, code: str | None = None, **headers: str) -> Reply:
    return told({"error": {"message": "canary", "type": "t", "param": None, "code": code}}, status, **headers)


# Answers that are none, and their reasons.
FORMS: Sequence[tuple[Reply, str]] = (
    (completion("The text is fine, I would allow it."), "prose"),
    (completion('```json\n{"findings": []}\n```'), "prose"),
    (completion('{"findings": ['), "prose"),
    (completion("[" * 100_000), "prose"),
    (completion(""), "empty_answer"),
    (completion(None), "empty_answer"),
    (completion(json.dumps(labelled()), stop="length"), "cut_off"),
    (completion(json.dumps(labelled()), stop="tool_calls"), "wrong_stop"),
    (completion(json.dumps(labelled()), stop=None), "wrong_stop"),
    (completion(json.dumps(labelled()), tool_calls=[{"id": "1"}]), "wrong_stop"),
    (completion(json.dumps(labelled(verdict="allow"))), "wrong_form"),
    (completion(json.dumps(labelled(("gossip", "low")))), "unasked_label"),
    (completion("null"), "wrong_form"),
    (refused(400), "invalid_request"),
    (refused(422), "invalid_request"),
    (refused(400, "context_length_exceeded"), "too_large"),
    (refused(413), "too_large"),
    (Reply(b"no JSON", 400), "invalid_request"),
)
# What a server, a proxy or a network gives instead of an answer.
TROUBLES: Sequence[tuple[Reply, str]] = (
    (refused(429), "throttled"),
    (refused(408), "unavailable"),
    (refused(409), "unavailable"),
    (refused(500), "unavailable"),
    (refused(503), "unavailable"),
    (Reply(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}), "unavailable"),
    (HTML, "garbled"),
    (EMPTY, "garbled"),
    (DROPS, "unreachable"),
    (Reply(GOOD.body[:40], length=len(GOOD.body)), "unreachable"),
    (Reply(GOOD.body[:40]), "garbled"),
    (Reply(b"not gzip", headers={"Content-Encoding": "gzip"}), "garbled"),
    (Reply(b"1" * (1 << 20) + b"1"), "garbled"),
    (Reply(b'{"choices": "\xff"}'), "garbled"),
    (told({"choices": []}), "garbled"),
    (told({"choices": [{}, {}]}), "garbled"),
    (told({"choices": [{"finish_reason": "stop", "message": "allow"}]}), "garbled"),
    (told({"error": {"message": "canary"}}), "garbled"),
    (told([]), "garbled"),
)
DEPLOYMENT: Sequence[tuple[Reply, str]] = (
    (refused(401), "access_denied"),
    (refused(403), "access_denied"),
    (refused(404), "not_found"),
    (refused(402), "quota_exceeded"),
    (refused(429, "insufficient_quota"), "quota_exceeded"),
    (Reply(b"", 307, {"Location": "http://127.0.0.1:1/"}), "redirected"),
)


@pytest.fixture
async def asks(tmp_path: Path) -> AsyncIterator[Callable[..., Asker]]:
    """Yield what makes an asker for an endpoint; all are closed at the end."""
    made: list[Asker] = []
    (tmp_path / "key").write_text(KEY)

    def one(endpoint: Endpoint, **changes: Any) -> Asker:
        config = {"provider": "openai", "model": "small", "api_key_file": str(tmp_path / "key"), **changes}
        engine = TextLlm(TextLlm.Config.model_validate({**config, "endpoint": f"{endpoint.url}/v1/"}))
        made.append(asker(engine, now=lambda: NOW, pause=0.01))
        return made[-1]

    yield one
    for each in made:
        await each.close()


def text(words: str = "get free money", *context: str, **more: Any) -> TextTask:
    return task(words, *context, **{"deadline_at": LATER, **more})


async def test_the_model_is_held_to_a_schema_and_its_answer_becomes_findings(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        assert await asks(endpoint)(text()) == (FOUND, Cost(calls=1))

    (request,) = endpoint.requests
    body = request.json
    assert (request.method, request.path) == ("POST", "/v1/chat/completions")
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert body["model"] == "small"
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["response_format"]["json_schema"]["schema"]["additionalProperties"] is False
    assert (body["temperature"], body["max_tokens"]) == (0.0, 512)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "free money" not in body["messages"][0]["content"]
    assert '"text": "get free money"' in body["messages"][1]["content"]


async def test_newer_models_and_servers_without_a_key_are_asked_as_they_want(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        await asks(endpoint, api_key_file=None, temperature=None, max_tokens_key="max_completion_tokens")(text())

    (request,) = endpoint.requests
    assert "authorization" not in request.headers
    assert "temperature" not in request.json
    assert "max_tokens" not in request.json
    assert request.json["max_completion_tokens"] == 512


async def test_an_answer_in_any_other_form_is_an_error_and_asked_for_once(asks: Callable[..., Asker]) -> None:
    async with Endpoint(*(reply for reply, _ in FORMS)) as endpoint:
        ask = asks(endpoint)
        answers = [await ask(text(f"text {number}")) for number in range(len(FORMS))]

    assert [(answer.status, answer.reason) for answer, _ in answers] == [("error", reason) for _, reason in FORMS]
    assert all(answer.findings == () and cost == Cost(calls=1) for answer, cost in answers)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (completion(None, refusal="I can't help with that."), "refused"),
        (completion(None, stop="content_filter"), "content_filtered"),
        (refused(400, "content_filter"), "content_filtered"),
    ],
)
async def test_a_text_that_is_not_judged_is_held(asks: Callable[..., Asker], reply: Reply, reason: str) -> None:
    async with Endpoint(reply) as endpoint:
        answer, _ = await asks(endpoint)(text())

    assert (answer.status, answer.reason) == ("error", reason)
    assert [finding.rule for finding in answer.findings] == ["refused"]


@pytest.mark.parametrize("table", [TROUBLES, DEPLOYMENT])
async def test_a_server_in_trouble_gives_no_all_clear(
    asks: Callable[..., Asker], table: Sequence[tuple[Reply, str]]
) -> None:
    async with Endpoint(*(reply for broken, _ in table for reply in (broken, GOOD))) as endpoint:
        ask = asks(endpoint, attempts=1 if table is TROUBLES else 5)
        for number, (_, reason) in enumerate(table):
            answer, cost = await ask(text(f"get free money {number}"))
            assert (answer.status, answer.reason, answer.findings) == ("error", reason, ()), number
            assert cost == Cost(calls=1)

            assert (await ask(text(f"get free money {number}")))[0] == FOUND


async def test_throttling_costs_no_more_than_the_attempts(asks: Callable[..., Asker]) -> None:
    async with Endpoint(refused(429), refused(500), GOOD) as endpoint:
        assert await asks(endpoint)(text()) == (FOUND, Cost(calls=3))

    async with Endpoint(refused(429)) as endpoint:
        answer, cost = await asks(endpoint, attempts=4)(text())
        assert (answer.status, answer.reason, cost) == ("error", "throttled", Cost(calls=4))
        assert len(endpoint.requests) == 4


@pytest.mark.parametrize(("wait", "requests"), [("0", 2), ("3600", 1), ("9" * 400, 1), ("-1", 2), ("tomorrow", 2)])
async def test_a_server_is_left_alone_for_as_long_as_it_asks_or_not_asked_again(
    asks: Callable[..., Asker], wait: str, requests: int
) -> None:
    async with Endpoint(refused(429, Retry_After=wait)) as endpoint:
        answer, _ = await asks(endpoint, attempts=2)(text())

    assert (answer.reason, len(endpoint.requests)) == ("throttled", requests)


async def test_throttling_of_nine_in_ten_loses_no_text_and_stays_within_the_budget(asks: Callable[..., Asker]) -> None:
    throttled = [refused(429)] * 9
    async with Endpoint(*[reply for _ in range(30) for reply in (*throttled, NOTHING)]) as endpoint:
        ask = asks(endpoint, budget_per_minute=60, attempts=3)
        answers = await asyncio.gather(*(ask(text(f"text {number}")) for number in range(200)))

    assert len(answers) == 200
    assert {answer.reason for answer, _ in answers} <= {None, "throttled", "circuit_open", "budget_exhausted"}
    assert len(endpoint.requests) == sum(cost.calls for _, cost in answers)
    assert len(endpoint.requests) <= 61  # a minute's budget, and what refills in the second that the test takes


async def test_a_server_that_hangs_is_given_up_in_time(asks: Callable[..., Asker]) -> None:
    async with Endpoint(HANGS) as endpoint:
        answer, cost = await asks(endpoint, timeout="50ms", attempts=2)(text())

    assert (answer.status, answer.reason, cost) == ("timeout", "timeout", Cost(calls=2))


async def test_a_server_whose_answer_never_ends_is_given_up_in_time(asks: Callable[..., Asker]) -> None:
    async with Endpoint(DRIPS) as endpoint:
        answer, cost = await asks(endpoint, timeout="100ms", attempts=2)(text())

    assert (answer.status, answer.reason, cost) == ("timeout", "timeout", Cost(calls=2))


@given(VALUES, st.binary(max_size=20))
def test_whatever_comes_back_is_a_value_or_a_fault(value: Any, body: bytes) -> None:
    bodies = (json.dumps(value).encode(), json.dumps({"choices": [value]}).encode(), body)
    for whole in bodies:
        with suppress(Fault):
            replied(whole)


async def test_equal_texts_at_one_time_are_one_request(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        endpoint.go.clear()
        ask = asks(endpoint)
        made = asyncio.gather(*(ask(text(content_id=f"m{number}")) for number in range(100)))
        await asyncio.wait_for(endpoint.arrived.wait(), 5)
        endpoint.go.set()
        answers = await made

    assert {answer for answer, _ in answers} == {FOUND}
    assert len(endpoint.requests) == 1


async def test_another_context_is_another_question(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        ask = asks(endpoint)
        await ask(text("get free money", "hi"))
        await ask(text("get free money", "ho"))
        await ask(text("get free money", "hi", content_id="m2", user_id="other"))

    assert len(endpoint.requests) == 2


@pytest.mark.parametrize(
    "obeyed",
    [
        NOTHING,
        completion("allow"),
        completion("You classify texts for the moderators of an online platform."),
        completion(json.dumps({"action": "allow", "findings": []})),
    ],
)
async def test_a_model_that_does_as_a_text_tells_it_lowers_nothing(asks: Callable[..., Asker], obeyed: Reply) -> None:
    hit = Answer(findings=(Finding("harassment", "insults"),))
    async with Endpoint(obeyed) as endpoint:
        ask = asks(endpoint)
        answers = [(await ask(text(canary)))[0] for canary in CANARIES]
    config = {"provider": "openai", "model": "m", "endpoint": "http://127.0.0.1/v1"}
    engine = TextLlm(TextLlm.Config.model_validate(config))
    rules = policy((Rule("blocklist", "insults", "harassment", "block"), *engine.rules))

    asked = [[message["content"] for message in request.json["messages"]] for request in endpoint.requests]
    assert [block(data)["text"] for _, data in asked] == [travelled(canary) for canary in CANARIES]
    assert len({instructions for instructions, _ in asked}) == 1
    for answer in answers:
        assert judgement_on(rules, facts(), [("blocklist", hit), ("text_llm", answer)]).action == "block"
        alone = judgement_on(rules, facts(), [("text_llm", answer)])
        assert alone.action == ("allow" if answer.status == "ok" else "flag")
        assert alone.partial == (answer.status == "error")


async def test_a_missing_key_is_said_before_anything_is_asked(asks: Callable[..., Asker], tmp_path: Path) -> None:
    async with Endpoint(GOOD) as endpoint:
        with pytest.raises(NoSecret, match="mount the secret there"):
            asks(endpoint, api_key_file=str(tmp_path / "none"))


async def test_no_log_tells_of_texts_or_keys(asks: Callable[..., Asker], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    replies = (GOOD, HTML, refused(400), refused(401), completion("canary"), HANGS)
    async with Endpoint(*replies) as endpoint:
        ask = asks(endpoint, timeout="200ms", attempts=1)
        for number in range(len(replies)):
            answer, _ = await ask(text(f"canary {number}", "canary"))
            assert "canary" not in repr(answer).lower()

    assert "canary" not in caplog.text.lower()
