import asyncio
from collections.abc import Awaitable, Callable

import pytest

from streams.adapters.attempts import Allowance, Attempts
from streams.adapters.budget import Budget
from streams.adapters.fault import Fault


def attempts(timeout: float = 5, tries: int = 3, budget: int = 100, concurrency: int = 4) -> Attempts:
    return Attempts(timeout, tries, Budget(budget), concurrency, pause=0.01)


def allowance(seconds: float = 5) -> Allowance:
    return Allowance(asyncio.get_running_loop().time() + seconds)


def failing(*faults: Fault) -> Callable[[], Awaitable[str]]:
    """Return a request that raises the faults one after the other and then brings an answer."""
    left = list(faults)

    async def request() -> str:
        if left:
            raise left.pop(0)
        return "answer"

    return request


async def hanging() -> str:
    await asyncio.Event().wait()
    return "never"


async def fault_of(made: Awaitable[str]) -> Fault:
    with pytest.raises(Fault) as caught:
        await made
    return caught.value


async def test_a_request_that_may_succeed_later_is_made_again_and_every_one_is_counted() -> None:
    spent = allowance()

    assert await attempts()(failing(Fault("throttled", "retry"), Fault("garbled", "retry")), spent) == "answer"
    assert spent.calls == 3


async def test_the_attempts_have_an_end() -> None:
    spent = allowance()

    fault = await fault_of(attempts(tries=2)(failing(*[Fault("throttled", "retry")] * 9), spent))

    assert (fault.reason, spent.calls) == ("throttled", 2)


@pytest.mark.parametrize("kind", ["item", "refusal", "deployment", "limit"])
async def test_what_no_repetition_can_help_is_not_repeated(kind: str) -> None:
    spent = allowance()

    await fault_of(attempts()(failing(Fault("prose", kind)), spent))  # type: ignore[arg-type]

    assert spent.calls == 1


async def test_a_server_that_asks_for_more_time_than_there_is_is_not_asked_again() -> None:
    spent = allowance(2)

    fault = await fault_of(attempts()(failing(Fault("throttled", "retry", after=60)), spent))

    assert (fault.reason, spent.calls) == ("throttled", 1)


async def test_a_request_ends_with_its_own_time() -> None:
    fault = await fault_of(attempts(timeout=0.02, tries=1)(hanging, allowance()))

    assert (fault.reason, fault.kind) == ("timeout", "retry")


async def test_a_request_ends_with_the_time_of_its_content() -> None:
    fault = await fault_of(attempts()(hanging, allowance(0.02)))

    assert (fault.reason, fault.kind) == ("deadline_passed", "limit")


async def test_an_empty_budget_makes_no_request() -> None:
    asked = attempts(budget=1)
    await asked(failing(), allowance())
    spent = allowance()

    fault = await fault_of(asked(failing(), spent))

    assert (fault.reason, spent.calls) == ("budget_exhausted", 0)


async def test_repeated_requests_are_paid_from_the_budget() -> None:
    spent = allowance()

    fault = await fault_of(attempts(budget=1)(failing(*[Fault("throttled", "retry")] * 9), spent))

    assert (fault.reason, spent.calls) == ("budget_exhausted", 1)


async def test_no_more_requests_at_a_time_than_allowed() -> None:
    running = most = 0
    both, go = asyncio.Event(), asyncio.Event()

    async def request() -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 2:
            both.set()
        await go.wait()
        running -= 1
        return "answer"

    asked = attempts(concurrency=2)
    made = asyncio.gather(*(asked(request, allowance()) for _ in range(6)))
    await asyncio.wait_for(both.wait(), 5)
    go.set()

    assert await made == ["answer"] * 6
    assert most == 2


async def test_who_waits_for_a_turn_gives_up_in_time() -> None:
    asked = attempts(concurrency=1)
    first = asyncio.create_task(asked(hanging, allowance(60)))
    await asyncio.sleep(0)
    spent = allowance(0.02)

    fault = await fault_of(asked(failing(), spent))

    assert (fault.reason, spent.calls) == ("deadline_passed", 0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)


async def test_a_turn_is_free_again_after_a_request_that_failed() -> None:
    asked = attempts(concurrency=1, tries=1)
    for _ in range(3):
        await fault_of(asked(failing(Fault("throttled", "retry")), allowance()))

    assert await asked(failing(), allowance()) == "answer"
