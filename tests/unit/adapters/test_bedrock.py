import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

import boto3
import pytest
from hypothesis import given

from streams.adapters.asker import Asker
from streams.adapters.asking import asker
from streams.adapters.bedrock import TOOL, tool_input
from streams.adapters.fault import Fault
from streams.core.finding import Answer, Cost, Evidence, Finding
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
    aws_error,
    labelled,
    task,
    told,
    tool_use,
)

NOW = 1_000.0  # seconds
LATER = 1_030_000  # milliseconds
GOOD = tool_use((TOOL, labelled(("scam", "high", "free money"))))
FOUND = Answer(findings=(Finding("scam", "scam_high", severity="high", evidence=(Evidence(span=(4, 14)),)),))

# Answers that are none, and their reasons.
FORMS: Sequence[tuple[Reply, str]] = (
    (tool_use(stop="end_turn", text="The text is fine. allow"), "prose"),
    (tool_use((TOOL, labelled()), stop="end_turn"), "prose"),
    (tool_use((TOOL, labelled()), stop="max_tokens"), "cut_off"),
    (tool_use((TOOL, labelled()), stop="malformed_tool_use"), "wrong_stop"),
    (tool_use((TOOL, labelled()), stop="malformed_model_output"), "wrong_stop"),
    (tool_use((TOOL, labelled()), stop="something_new"), "wrong_stop"),
    (tool_use(stop="model_context_window_exceeded"), "too_large"),
    (tool_use(), "empty_answer"),
    (tool_use((TOOL, labelled()), (TOOL, labelled())), "several_tools"),
    (tool_use(("allow_text", labelled())), "wrong_tool"),
    (tool_use((TOOL, labelled(verdict="allow"))), "wrong_form"),
    (tool_use((TOOL, labelled(("gossip", "low")))), "unasked_label"),
    (tool_use((TOOL, {})), "wrong_form"),
    (tool_use((TOOL, "allow")), "wrong_form"),
)
# What a server, a proxy or a network gives instead of an answer.
TROUBLES: Sequence[tuple[Reply, str]] = (
    (aws_error("ThrottlingException", 429), "throttled"),
    (aws_error("ModelNotReadyException", 429), "throttled"),
    (aws_error("ModelTimeoutException", 408), "unavailable"),
    (aws_error("ModelErrorException", 424), "unavailable"),
    (aws_error("InternalServerException", 500), "unavailable"),
    (aws_error("ServiceUnavailableException", 503), "unavailable"),
    (Reply(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}), "unavailable"),
    (HTML, "garbled"),
    (EMPTY, "garbled"),
    (DROPS, "unreachable"),
    (Reply(GOOD.body[:40], length=len(GOOD.body)), "garbled"),
    (Reply(GOOD.body[:40]), "garbled"),
    (told({"stopReason": "tool_use"}), "garbled"),
    (told({"stopReason": "tool_use", "output": {"message": {"content": [{"toolUse": {}}]}}}), "garbled"),
    (told({"stopReason": "tool_use", "output": {"message": {"content": [7]}}}), "garbled"),
    (told([]), "garbled"),
    (told("allow"), "garbled"),
    (told({"stopReason": 7}), "garbled"),
)


@pytest.fixture
async def asks() -> AsyncIterator[Callable[..., Asker]]:
    """Yield what makes an asker for an endpoint; all are closed at the end."""
    made: list[Asker] = []

    def one(endpoint: Endpoint, **changes: Any) -> Asker:
        config = {"provider": "bedrock", "model": "amazon.nova-lite-v1:0", "region": "us-east-1", **changes}
        engine = TextLlm(TextLlm.Config.model_validate({**config, "endpoint": endpoint.url}))
        made.append(asker(engine, now=lambda: NOW, pause=0.01))
        return made[-1]

    yield one
    for each in made:
        await each.close()


def text(words: str = "get free money", *context: str, **more: Any) -> TextTask:
    return task(words, *context, **{"deadline_at": LATER, **more})


async def test_the_model_is_forced_into_one_tool_and_its_input_becomes_findings(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        ask = asks(endpoint, guardrail={"id": "gr-1", "version": "3"}, max_tokens=99)
        assert await ask(text()) == (FOUND, Cost(calls=1))

    (request,) = endpoint.requests
    body = request.json
    assert (request.method, request.path) == ("POST", "/model/amazon.nova-lite-v1%3A0/converse")
    assert body["toolConfig"]["toolChoice"] == {"tool": {"name": TOOL}}
    (tool,) = body["toolConfig"]["tools"]
    assert tool["toolSpec"]["strict"] is True
    assert tool["toolSpec"]["inputSchema"]["json"]["additionalProperties"] is False
    assert body["inferenceConfig"] == {"maxTokens": 99, "temperature": 0.0}
    assert body["guardrailConfig"] == {
        "guardrailIdentifier": "gr-1",
        "guardrailVersion": "3",
        "trace": "disabled",
    }
    assert "Severities:" in body["system"][0]["text"]
    assert "free money" not in body["system"][0]["text"]
    assert len(body["messages"]) == 1
    assert '"text": "get free money"' in body["messages"][0]["content"][0]["text"]


async def test_words_beside_the_tool_are_no_harm(asks: Callable[..., Asker]) -> None:
    async with Endpoint(tool_use((TOOL, labelled()), text="Let me see.")) as endpoint:
        assert await asks(endpoint)(text()) == (Answer(), Cost(calls=1))


async def test_an_answer_in_any_other_form_is_an_error_and_asked_for_once(asks: Callable[..., Asker]) -> None:
    async with Endpoint(*(reply for reply, _ in FORMS)) as endpoint:
        ask = asks(endpoint)
        answers = [await ask(text(f"text {number}")) for number in range(len(FORMS))]

    assert [(answer.status, answer.reason) for answer, _ in answers] == [("error", reason) for _, reason in FORMS]
    assert all(answer.findings == () and cost == Cost(calls=1) for answer, cost in answers)


async def test_a_text_that_is_not_judged_is_held(asks: Callable[..., Asker]) -> None:
    stops = ("guardrail_intervened", "content_filtered")
    async with Endpoint(*(tool_use(stop=stop, text="Sorry.") for stop in stops)) as endpoint:
        ask = asks(endpoint)
        for stop in stops:
            answer, _ = await ask(text(f"text for {stop}"))

            assert (answer.status, answer.reason) == ("error", stop)
            assert [finding.rule for finding in answer.findings] == ["refused"]


async def test_a_server_in_trouble_gives_no_all_clear(asks: Callable[..., Asker]) -> None:
    async with Endpoint(*(reply for broken, _ in TROUBLES for reply in (broken, GOOD))) as endpoint:
        ask = asks(endpoint, attempts=1)
        for number, (_, reason) in enumerate(TROUBLES):
            answer, cost = await ask(text(f"get free money {number}"))
            assert (answer.status, answer.reason, answer.findings) == ("error", reason, ()), number
            assert cost == Cost(calls=1)

            assert (await ask(text(f"get free money {number}")))[0] == FOUND


async def test_throttling_costs_no_more_than_the_attempts(asks: Callable[..., Asker]) -> None:
    throttled = aws_error("ThrottlingException", 429)
    async with Endpoint(throttled, throttled, GOOD) as endpoint:
        assert await asks(endpoint)(text()) == (FOUND, Cost(calls=3))
        assert len(endpoint.requests) == 3

    async with Endpoint(throttled) as endpoint:
        answer, cost = await asks(endpoint, attempts=4)(text())
        assert (answer.status, answer.reason, cost) == ("error", "throttled", Cost(calls=4))
        assert len(endpoint.requests) == 4


async def test_what_no_repetition_helps_is_asked_once(asks: Callable[..., Asker]) -> None:
    codes = {
        ("AccessDeniedException", 403): "access_denied",
        ("AccessDeniedException", 400): "access_denied",
        ("UnrecognizedClientException", 403): "access_denied",
        ("ExpiredTokenException", 403): "access_denied",
        ("ResourceNotFoundException", 404): "not_found",
        ("ValidationException", 400): "invalid_request",
    }
    async with Endpoint(*(reply for error in codes for reply in (aws_error(*error), GOOD))) as endpoint:
        ask = asks(endpoint)
        for reason in codes.values():
            answer, cost = await ask(text(f"{len(endpoint.requests)}"))
            assert (answer.status, answer.reason, cost) == ("error", reason, Cost(calls=1))
            await ask(text(f"{len(endpoint.requests)}"))


async def test_a_model_that_may_not_be_asked_is_soon_not_asked_at_all(asks: Callable[..., Asker]) -> None:
    async with Endpoint(aws_error("AccessDeniedException", 403)) as endpoint:
        ask = asks(endpoint)
        told_reasons = [(await ask(text(f"text {number}")))[0].reason for number in range(7)]

    assert told_reasons == ["access_denied"] * 5 + ["circuit_open"] * 2
    assert len(endpoint.requests) == 5


async def test_a_server_that_hangs_is_given_up_in_time(asks: Callable[..., Asker]) -> None:
    async with Endpoint(HANGS) as endpoint:
        answer, cost = await asks(endpoint, timeout="100ms", attempts=2)(text())

    assert (answer.status, answer.reason, cost) == ("timeout", "timeout", Cost(calls=2))


async def test_a_server_whose_answer_never_ends_is_given_up_in_time(asks: Callable[..., Asker]) -> None:
    async with Endpoint(DRIPS) as endpoint:
        answer, cost = await asks(endpoint, timeout="100ms", attempts=2)(text())

    assert (answer.status, answer.reason, cost) == ("timeout", "timeout", Cost(calls=2))


async def test_a_server_that_hangs_is_given_up_with_the_content(asks: Callable[..., Asker]) -> None:
    async with Endpoint(HANGS) as endpoint:
        answer, _ = await asks(endpoint, timeout="1s")(text(deadline_at=1_000_100))

    assert (answer.status, answer.reason) == ("timeout", "deadline_passed")


async def test_nobody_listens(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        ask = asks(endpoint, attempts=1)
    answer, _ = await ask(text())

    assert (answer.status, answer.reason) == ("error", "unreachable")


async def test_without_credentials_nothing_is_sent(asks: Callable[..., Asker], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    async with Endpoint(GOOD) as endpoint:
        answer, _ = await asks(endpoint)(text())

    assert (answer.status, answer.reason) == ("error", "no_credentials")
    assert endpoint.requests == []


async def test_a_text_of_nothing_is_not_asked_about(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        assert await asks(endpoint)(text(" \n")) == (Answer("not_evaluated", "no_text"), Cost())

    assert endpoint.requests == []


async def test_no_log_tells_of_texts_or_keys(asks: Callable[..., Asker], caplog: pytest.LogCaptureFixture) -> None:
    for name in ("botocore", "boto3", "urllib3"):  # as the worker sets them
        caplog.set_level(logging.WARNING, name)
    caplog.set_level(logging.DEBUG)
    replies = (GOOD, HTML, aws_error("ValidationException", 400), aws_error("AccessDeniedException", 403), HANGS)
    async with Endpoint(*replies) as endpoint:
        ask = asks(endpoint, timeout="200ms", attempts=1)
        for number in range(len(replies)):
            answer, _ = await ask(text(f"canary {number}", "canary"))
            assert "canary" not in repr(answer).lower()

    assert "canary" not in caplog.text.lower()


@given(VALUES, VALUES)
def test_whatever_comes_back_is_an_input_of_the_tool_or_a_fault(answer: Any, content: Any) -> None:
    for whole in (answer, {"stopReason": "tool_use", "output": {"message": {"content": content}}}):
        with suppress(Fault):
            tool_input(whole)


def test_the_service_speaks_the_protocol_that_the_tests_speak() -> None:
    client = boto3.session.Session().client("bedrock-runtime", region_name="us-east-1")

    assert client.meta.service_model.resolved_protocol == "rest-json"
    client.close()
