import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from typing import Any

import boto3
import pytest
from hypothesis import given

from streams.adapters.asker import Asker
from streams.adapters.asking import asker
from streams.adapters.comprehend import entities_of, segments, toxicity_of
from streams.adapters.fault import Fault
from streams.core.finding import Answer, Cost
from streams.core.task import TextTask
from streams.engines.comprehend import Comprehend
from tests.unit.adapters.endpoint import (
    DROPS,
    EMPTY,
    HANGS,
    HTML,
    VALUES,
    Endpoint,
    Reply,
    aws_error,
    scores,
    task,
    told,
)

NOW = 1_000.0  # seconds
LATER = 1_030_000  # milliseconds
PII = [{"name": "contact", "types": ["EMAIL"], "action": "mask"}]
GOOD = scores({"SEXUAL": 0.9})
LABELS = [{"Name": "SEXUAL", "Score": 0.5}]


def entities(*found: tuple[str, float, int, int]) -> Reply:
    """Return an answer of DetectPiiEntities."""
    listed = [
        {"Type": kind, "Score": score, "BeginOffset": start, "EndOffset": end} for kind, score, start, end in found
    ]
    return told({"Entities": listed})


def segment(**label: Any) -> Reply:
    return told({"ResultList": [{"Labels": [{"Name": "SEXUAL", "Score": 0.5, **label}], "Toxicity": 0.1}]})


# What is given instead of an answer; each would look like a clean text to whoever trusts it.
TROUBLES: Sequence[tuple[Reply, str]] = (
    (aws_error("ThrottlingException", 400), "throttled"),
    (aws_error("TooManyRequestsException", 400), "throttled"),
    (aws_error("InternalServerException", 500), "unavailable"),
    (Reply(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}), "unavailable"),
    (HTML, "garbled"),
    (EMPTY, "garbled"),
    (DROPS, "unreachable"),
    (Reply(GOOD.body[:40], length=len(GOOD.body)), "garbled"),
    (Reply(GOOD.body[:40]), "garbled"),
    (told({}), "garbled"),
    (told({"ResultList": None}), "garbled"),
    (told({"ResultList": []}), "garbled"),
    (scores({}, {}), "garbled"),
    (told({"ResultList": [{"Labels": []}]}), "garbled"),
    (told({"ResultList": [{"Toxicity": 0.0}]}), "garbled"),
    (told({"ResultList": [7]}), "garbled"),
    (told({"ResultList": [{"Labels": [7]}]}), "garbled"),
    (segment(Score="0.9"), "garbled"),
    (segment(Score=float("nan")), "garbled"),
    (segment(Score=1.5), "garbled"),
    (segment(Score=True), "garbled"),
    (segment(Score=None), "garbled"),
    (segment(Name=None), "garbled"),
    (segment(Name=7), "garbled"),
)
PII_TROUBLES: Sequence[Reply] = (
    told({}),
    told({"Entities": None}),
    EMPTY,
    HTML,
    entities(("EMAIL", 0.9, 5, 5)),
    entities(("EMAIL", 0.9, 0, 99)),
    entities(("EMAIL", 0.9, -1, 3)),
    entities(("EMAIL", float("inf"), 0, 3)),
    told({"Entities": [{"Type": "EMAIL", "Score": 0.9, "BeginOffset": "0", "EndOffset": 3}]}),
    told({"Entities": [{"Type": "EMAIL", "Score": 0.9}]}),
)
PERMANENT = {
    ("AccessDeniedException", 400): "access_denied",
    ("TextSizeLimitExceededException", 400): "too_large",
    ("InvalidRequestException", 400): "invalid_request",
    ("UnsupportedLanguageException", 400): "unsupported_language",
}


@pytest.fixture
async def asks() -> AsyncIterator[Callable[..., Asker]]:
    """Yield what makes an asker for an endpoint; all are closed at the end."""
    made: list[Asker] = []

    def one(endpoint: Endpoint, **changes: Any) -> Asker:
        config = {"region": "us-east-1", **changes, "endpoint": endpoint.url}
        made.append(asker(Comprehend(Comprehend.Config.model_validate(config)), now=lambda: NOW, pause=0.01))
        return made[-1]

    yield one
    for each in made:
        await each.close()


def text(words: str = "some words", **more: Any) -> TextTask:
    return task(words, **{"deadline_at": LATER, "engine": "comprehend", **more})


async def test_a_text_is_scored_and_its_personal_data_is_found(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD, entities(("EMAIL", 0.95, 5, 12), ("NAME", 0.9, 0, 4))) as endpoint:
        answer, cost = await asks(endpoint, pii=PII)(text("John a@b.org", language="en"))

    assert [(one.rule, one.confidence) for one in answer.findings] == [("sexual", 90.0), ("contact", 95.0)]
    assert answer.findings[1].evidence[0].span == (5, 12)
    assert cost == Cost(calls=2)
    toxic, pii = endpoint.requests
    assert (toxic.path, toxic.headers["content-type"]) == ("/", "application/x-amz-json-1.1")
    assert toxic.headers["x-amz-target"] == "Comprehend_20171127.DetectToxicContent"
    assert toxic.json == {"TextSegments": [{"Text": "John a@b.org"}], "LanguageCode": "en"}
    assert pii.headers["x-amz-target"] == "Comprehend_20171127.DetectPiiEntities"
    assert pii.json == {"Text": "John a@b.org", "LanguageCode": "en"}


async def test_a_long_text_goes_in_requests_of_ten_segments_and_the_worst_counts(asks: Callable[..., Asker]) -> None:
    long = "word " * 2400  # 12,000 bytes: twelve segments
    async with Endpoint(scores(*[{}] * 9, {"SEXUAL": 0.8}), scores({}, {"INSULT": 0.75})) as endpoint:
        answer, cost = await asks(endpoint)(text(long))

    assert [(one.rule, one.confidence) for one in answer.findings] == [("insult", 75.0), ("sexual", 80.0)]
    assert cost == Cost(calls=2)
    sent = [one["Text"] for request in endpoint.requests for one in request.json["TextSegments"]]
    assert "".join(sent) == long
    assert [len(request.json["TextSegments"]) for request in endpoint.requests] == [10, 2]


async def test_a_wide_character_moves_no_span(asks: Callable[..., Asker]) -> None:
    async with Endpoint(entities(("EMAIL", 0.95, 2, 9))) as endpoint:
        answer, _ = await asks(endpoint, toxic=[], pii=PII)(text("😀 a@b.org"))

    assert endpoint.requests[0].json["Text"] == "\ufffd a@b.org"
    assert answer.findings[0].evidence[0].span == (2, 9)


async def test_a_text_in_another_language_is_not_sent(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        answer, cost = await asks(endpoint, pii=PII)(text("ein Text", language="de"))

    assert (answer, cost, endpoint.requests) == (Answer("not_evaluated", "language"), Cost(), [])


async def test_a_text_of_nothing_is_not_sent(asks: Callable[..., Asker]) -> None:
    async with Endpoint(GOOD) as endpoint:
        assert await asks(endpoint)(text(" \n ")) == (Answer("not_evaluated", "no_text"), Cost())

    assert endpoint.requests == []


async def test_a_service_in_trouble_gives_no_all_clear(asks: Callable[..., Asker]) -> None:
    async with Endpoint(*(reply for broken, _ in TROUBLES for reply in (broken, GOOD))) as endpoint:
        ask = asks(endpoint, attempts=1)
        for number, (_, reason) in enumerate(TROUBLES):
            answer, _ = await ask(text(f"words {number}"))
            assert (answer.status, answer.reason, answer.findings, answer.scores) == ("error", reason, (), None), number

            assert (await ask(text(f"words {number}")))[0].status == "ok"


async def test_personal_data_that_cannot_be_placed_is_no_answer(asks: Callable[..., Asker]) -> None:
    good = entities()
    async with Endpoint(*(reply for broken in PII_TROUBLES for reply in (broken, good))) as endpoint:
        ask = asks(endpoint, attempts=1, toxic=[], pii=PII)
        for number in range(len(PII_TROUBLES)):
            answer, _ = await ask(text(f"words {number}"))
            assert (answer.status, answer.reason) == ("error", "garbled"), number

            assert (await ask(text(f"words {number}")))[0] == Answer(scores={"pii": 0.0})


async def test_what_no_repetition_helps_is_asked_once(asks: Callable[..., Asker]) -> None:
    async with Endpoint(*(reply for error in PERMANENT for reply in (aws_error(*error), GOOD))) as endpoint:
        ask = asks(endpoint)
        for reason in PERMANENT.values():
            answer, cost = await ask(text(f"words {len(endpoint.requests)}"))
            assert (answer.status, answer.reason, cost) == ("error", reason, Cost(calls=1))
            await ask(text(f"words {len(endpoint.requests)}"))


async def test_throttling_costs_no_more_than_the_attempts(asks: Callable[..., Asker]) -> None:
    throttled = aws_error("ThrottlingException", 400)
    async with Endpoint(throttled, throttled, GOOD, throttled) as endpoint:
        ask = asks(endpoint)
        answer, cost = await ask(text())
        assert (answer.status, cost) == ("ok", Cost(calls=3))

        answer, cost = await ask(text("others"))
        assert (answer.reason, cost) == ("throttled", Cost(calls=3))
        assert len(endpoint.requests) == 6


async def test_a_service_that_hangs_is_given_up_in_time(asks: Callable[..., Asker]) -> None:
    async with Endpoint(HANGS) as endpoint:
        answer, cost = await asks(endpoint, timeout="100ms", attempts=2)(text())

    assert (answer.status, answer.reason, cost) == ("timeout", "timeout", Cost(calls=2))


async def test_no_log_tells_of_texts_or_keys(asks: Callable[..., Asker], caplog: pytest.LogCaptureFixture) -> None:
    for name in ("botocore", "boto3", "urllib3"):  # as the worker sets them
        caplog.set_level(logging.WARNING, name)
    caplog.set_level(logging.DEBUG)
    replies = (GOOD, HTML, aws_error("InvalidRequestException", 400), aws_error("AccessDeniedException", 400))
    async with Endpoint(*replies) as endpoint:
        ask = asks(endpoint, attempts=1)
        for number in range(len(replies)):
            answer, _ = await ask(text(f"canary {number}"))
            assert "canary" not in repr(answer).lower()

    assert "canary" not in caplog.text.lower()


@pytest.mark.parametrize(
    "long",
    [
        "a" * 20_000,
        "word " * 4_000,
        "é" * 20_000,
        "田" * 20_000,
        "😀" * 20_000,
        "a" + "😀" * 5_000,
        "word\n" * 100 + "x" * 3_000,
        "👨‍👩‍👧‍👦" * 2_000,
    ],
)
def test_segments_hold_the_whole_text_within_the_limit(long: str) -> None:
    pieces = list(segments(long))

    assert "".join(pieces) == long
    assert all(0 < len(piece.encode()) <= 1024 for piece in pieces)
    assert len(pieces) <= 2 * len(long.encode()) / 1024 + 1


def test_segments_end_between_words_where_they_can() -> None:
    pieces = list(segments("seven77 " * 1_000))

    assert all(piece.startswith("seven77") and piece.endswith("seven77 ") for piece in pieces)


def test_segments_of_white_space_are_left_out() -> None:
    assert [piece.strip() for piece in segments("a" + " " * 5_000 + "b")] == ["a", "b"]
    assert list(segments(" \n ")) == []


@given(VALUES, VALUES)
def test_whatever_comes_back_is_an_answer_or_a_fault(answer: Any, one: Any) -> None:
    for whole in (answer, {"ResultList": [one]}, {"ResultList": [{"Labels": one}]}, {"ResultList": one}):
        with suppress(Fault):
            assert all(0 <= score <= 1 for score in toxicity_of(whole, 1).values())
    for whole in (answer, {"Entities": one}, {"Entities": [one]}):
        with suppress(Fault):
            assert all(0 <= each.span[0] < each.span[1] <= 9 for each in entities_of(whole, 9))


def test_the_service_speaks_the_protocol_that_the_tests_speak() -> None:
    client = boto3.session.Session().client("comprehend", region_name="us-east-1")

    assert client.meta.service_model.resolved_protocol == "json"
    client.close()
