import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from streams.adapters.asker import Asker
from streams.adapters.attempts import Allowance
from streams.adapters.breaker import Breaker
from streams.adapters.fault import Fault
from streams.core.finding import Answer, Cost, Finding
from streams.core.task import TextTask
from streams.engines.text_llm import TextLlm
from tests.unit.adapters.endpoint import task

ENGINE = TextLlm(TextLlm.Config.model_validate({"provider": "bedrock", "model": "m", "region": "us-east-1"}))
FOUND = Answer(findings=(Finding("scam", "scam_high", severity="high"),))
NOW = 1_000_000.0
LATER = 1_030_000  # milliseconds: the deadline of a task, half a minute after


class Scripted:
    """Answers one after the other, then the last one for ever; a Fault is raised."""

    def __init__(self, *script: Answer | Exception, calls: int = 1) -> None:
        self.script = list(script)
        self.calls = calls
        self.asked: list[str] = []
        self.started = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()
        self.closed = False

    def key(self, task: TextTask) -> str:
        """Return the text."""
        return task.text

    async def __call__(self, task: TextTask, allowance: Allowance) -> Answer:
        """Give the next of the script when it may."""
        self.asked.append(task.content_id)
        self.started.set()
        allowance.calls += self.calls
        await self.go.wait()
        said = self.script[min(len(self.asked), len(self.script)) - 1]
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self) -> None:
        """Note it."""
        self.closed = True


def asker(answerer: Scripted, *, cache: int = 100, now: float = 1000.0, **breaker: Any) -> Asker:
    return Asker(ENGINE, answerer, cache=cache, breaker=Breaker(**breaker), now=lambda: now)


def text(words: str, content_id: str = "m1", deadline_at: int = LATER) -> TextTask:
    return task(words, content_id=content_id, deadline_at=deadline_at)


async def reasons(ask: Asker, words: Sequence[str]) -> list[str | None]:
    return [(await ask(text(word)))[0].reason for word in words]


async def test_an_answer_comes_with_what_it_cost() -> None:
    assert await asker(Scripted(FOUND, calls=3))(text("win")) == (FOUND, Cost(calls=3))


async def test_an_answer_that_was_had_before_is_not_paid_for_again() -> None:
    answerer = Scripted(FOUND)
    ask = asker(answerer)
    await ask(text("win"))

    assert await ask(text("win", "m2")) == (FOUND, Cost(cached=1))
    assert answerer.asked == ["m1"]


async def test_a_thousand_equal_texts_at_one_time_are_one_call() -> None:
    answerer = Scripted(FOUND)
    answerer.go.clear()
    ask = asker(answerer)
    made = asyncio.gather(*(ask(text("win", f"m{n}")) for n in range(1000)))
    await asyncio.wait_for(answerer.started.wait(), 5)
    answerer.go.set()

    told = await made
    assert {answer for answer, _ in told} == {FOUND}
    assert sum(cost.calls for _, cost in told) == 1
    assert sum(cost.cached for _, cost in told) == 999
    assert len(answerer.asked) == 1


async def test_the_memory_is_bounded() -> None:
    answerer = Scripted(FOUND)
    ask = asker(answerer, cache=2)
    for words in ("a", "b", "c", "c", "a"):
        await ask(text(words))

    assert len(answerer.asked) == 4


async def test_a_failure_is_not_remembered_and_a_refusal_is() -> None:
    failing = Scripted(Fault("throttled", "retry"), FOUND)
    ask = asker(failing)
    assert (await ask(text("win")))[0] == Answer("error", "throttled")
    assert (await ask(text("win")))[0] == FOUND

    refusing = Scripted(ENGINE.refused("refused"), FOUND)
    ask = asker(refusing)
    await ask(text("win"))
    assert (await ask(text("win")))[0] == ENGINE.refused("refused")


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault("timeout", "retry"), "timeout"),
        (Fault("deadline_passed", "limit"), "timeout"),
        (Fault("budget_exhausted", "limit"), "error"),
        (Fault("access_denied", "deployment"), "error"),
    ],
)
async def test_a_fault_is_an_answer_with_its_reason(fault: Fault, status: str) -> None:
    answer, cost = await asker(Scripted(fault, calls=2))(text("win"))

    assert (answer.status, answer.reason, answer.findings, cost) == (status, fault.reason, (), Cost(calls=2))


async def test_a_task_whose_time_is_over_is_not_asked_about() -> None:
    answerer = Scripted(FOUND)
    ask = asker(answerer, now=2000.0)

    assert await ask(text("win")) == (Answer("timeout", "deadline_passed"), Cost())
    assert answerer.asked == []


async def test_an_answer_that_does_not_come_is_given_up_at_the_deadline() -> None:
    answerer = Scripted(FOUND)
    answerer.go.clear()
    ask = asker(answerer)

    assert await ask(text("win", deadline_at=1_000_020)) == (Answer("timeout", "deadline_passed"), Cost())
    await ask.close()


async def test_who_shares_a_call_that_ran_out_of_time_asks_again_when_it_has_more() -> None:
    answerer = Scripted(Fault("deadline_passed", "limit"), FOUND)
    answerer.go.clear()
    ask = asker(answerer)
    made = asyncio.gather(ask(text("win", "m1")), ask(text("win", "m2")))
    await asyncio.wait_for(answerer.started.wait(), 5)
    answerer.go.set()

    assert list(await made) == [(Answer("timeout", "deadline_passed"), Cost(calls=1)), (FOUND, Cost(calls=1))]


async def test_failures_in_a_row_open_the_circuit_and_nothing_more_is_asked() -> None:
    answerer = Scripted(Fault("access_denied", "deployment"))
    ask = asker(answerer, failures=3, pause=3600)

    assert await reasons(ask, "abcde") == ["access_denied"] * 3 + ["circuit_open"] * 2
    assert len(answerer.asked) == 3


async def test_after_a_pause_one_is_asked_and_its_answer_closes_the_circuit() -> None:
    answerer = Scripted(*[Fault("unavailable", "retry")] * 2, FOUND)
    ask = asker(answerer, failures=2, pause=0)

    assert await reasons(ask, "abcd") == ["unavailable", "unavailable", None, None]


async def test_refusals_and_limits_of_our_own_open_no_circuit() -> None:
    refusing = Scripted(ENGINE.refused("guardrail_intervened"))
    limited = Scripted(Fault("budget_exhausted", "limit"), calls=0)
    words = [str(number) for number in range(30)]

    assert "circuit_open" not in await reasons(asker(refusing, failures=1, oddities=1), words)
    assert "circuit_open" not in await reasons(asker(limited, failures=1, oddities=1), words)


async def test_a_long_run_of_answers_of_a_wrong_form_opens_the_circuit() -> None:
    odd = Scripted(Answer("error", "wrong_form"))

    assert await reasons(asker(odd, oddities=3, pause=3600), "abcd") == ["wrong_form"] * 3 + ["circuit_open"]


async def test_a_side_that_always_takes_longer_than_there_is_time_opens_the_circuit() -> None:
    slow = Scripted(Fault("deadline_passed", "limit"))

    assert await reasons(asker(slow, failures=2, pause=3600), "abc") == ["deadline_passed"] * 2 + ["circuit_open"]


async def test_a_crash_is_an_answer_whose_log_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer, _ = await asker(Scripted(RuntimeError("canary")))(text("canary"))

    assert answer == Answer("error", "engine_failed")
    assert "RuntimeError" in caplog.text
    assert "canary" not in caplog.text


async def test_the_change_of_the_circuit_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    ask = asker(Scripted(*[Fault("throttled", "retry")] * 4, FOUND), failures=2, pause=0)
    await reasons(ask, "abcdef")

    assert [record.message for record in caplog.records] == [
        "text_llm: circuit open: throttled",
        "text_llm: circuit closed: ok",
    ]


async def test_closing_ends_what_runs() -> None:
    answerer = Scripted(FOUND)
    answerer.go.clear()
    ask = asker(answerer)
    waiting = asyncio.create_task(ask(text("win")))
    await asyncio.wait_for(answerer.started.wait(), 5)

    await ask.close()

    assert answerer.closed
    with pytest.raises(asyncio.CancelledError):
        await waiting
