from streams.adapters.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_lets_one_through_after_each_pause() -> None:
    breaker = Breaker(failures=3, pause=10)
    for _ in range(3):
        assert breaker.allows(100)
        breaker.failed(100)

    assert breaker.is_open
    assert [breaker.allows(now) for now in (100, 109.9, 110, 110, 119.9, 120)] == [
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_an_answer_closes_it() -> None:
    breaker = Breaker(failures=1, pause=10)
    breaker.failed(0)
    assert breaker.allows(10)

    breaker.succeeded()

    assert not breaker.is_open
    assert breaker.allows(10)
    assert breaker.allows(10)


def test_a_probe_that_fails_keeps_it_open() -> None:
    breaker = Breaker(failures=2, pause=10)
    breaker.failed(0)
    breaker.failed(0)
    assert breaker.allows(10)

    breaker.failed(12)

    assert not breaker.allows(21.9)
    assert breaker.allows(22)


def test_failures_with_an_answer_in_between_do_not_open_it() -> None:
    breaker = Breaker(failures=2)
    for _ in range(10):
        breaker.failed(0)
        breaker.succeeded()

    assert breaker.allows(0)


def test_a_long_run_of_odd_answers_opens_it_and_a_short_one_does_not() -> None:
    breaker = Breaker(failures=2, oddities=4)
    for _ in range(3):
        breaker.puzzled(0)
    assert not breaker.is_open

    breaker.puzzled(0)

    assert breaker.is_open
