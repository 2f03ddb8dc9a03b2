import asyncio
from time import monotonic

from streams.adapters.rate import Rate


async def test_requests_are_spread_over_time_and_workers_share_the_rate() -> None:
    rate = Rate(200.0, lambda: 0.25)  # 50 a second for this worker
    started = monotonic()
    await asyncio.gather(*(rate() for _ in range(11)))
    assert monotonic() - started >= 0.19  # the first at once, ten at 50 a second


async def test_a_quiet_second_saves_up_no_more_than_one_seconds_requests() -> None:
    rate = Rate(20.0, lambda: 1.0)
    await rate()
    rate._at = (rate._at or 0.0) - 3600.0  # an hour passes
    started = monotonic()
    await asyncio.gather(*(rate() for _ in range(22)))
    assert monotonic() - started >= 0.09  # twenty were saved up


async def test_a_worker_that_lost_its_partitions_goes_on_slowly_and_those_who_wait_keep_their_order() -> None:
    share = 0.0
    rate = Rate(1000.0, lambda: share)
    done: list[int] = []

    async def one(number: int) -> None:
        await rate()
        done.append(number)

    await asyncio.wait_for(asyncio.gather(*(one(number) for number in range(2))), 5)
    share = 1.0
    await asyncio.gather(*(one(number) for number in range(2, 6)))
    assert done == [0, 1, 2, 3, 4, 5]
