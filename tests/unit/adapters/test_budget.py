from streams.adapters.budget import Budget


def taken(budget: Budget, times: int, now: float) -> int:
    return sum(budget.take(now) for _ in range(times))


def test_no_more_calls_than_a_minute_has() -> None:
    assert taken(Budget(60), 100, 5.0) == 60


def test_it_refills_evenly() -> None:
    budget = Budget(60)
    assert taken(budget, 60, 0.0) == 60

    assert taken(budget, 10, 0.9) == 0
    assert taken(budget, 10, 3.0) == 3
    assert taken(budget, 10, 3.0) == 0


def test_quiet_hours_save_up_one_minute() -> None:
    budget = Budget(10)
    assert taken(budget, 10, 0.0) == 10

    assert taken(budget, 100, 7200.0) == 10


def test_a_budget_of_one_call_a_minute_gives_one() -> None:
    budget = Budget(1)

    assert [budget.take(now) for now in (0.0, 59.0, 60.0, 61.0)] == [True, False, True, False]
