from threading import Event

import pytest

from streams.review.threads import Part, Threads


def waiting(stop: Event) -> None:
    stop.wait(10)


def failing(_: Event) -> None:
    raise LookupError("no such topic")


def test_all_parts_run_until_the_stop() -> None:
    threads = Threads([Part("one", waiting), Part("two", waiting)], Event())
    threads.start()
    assert not threads.stopping.is_set()
    threads.stopping.set()
    assert threads.join(5)
    assert threads.failed is None


@pytest.mark.parametrize(("run", "kind"), [(failing, LookupError), (lambda _: None, RuntimeError)])
def test_a_part_that_ends_by_itself_stops_the_others_and_says_why(run: object, kind: type[Exception]) -> None:
    assert callable(run)
    threads = Threads([Part("one", waiting), Part("two", run)], Event())
    threads.start()
    assert threads.stopping.wait(5)
    assert threads.join(5)
    assert threads.failed is not None
    name, error = threads.failed
    assert (name, type(error)) == ("two", kind)


def test_a_part_that_does_not_stop_in_time_is_cut_off_and_named(caplog: pytest.LogCaptureFixture) -> None:
    let_go = Event()

    def slow(_: Event) -> None:
        let_go.wait(10)

    threads = Threads([Part("slow", slow)], Event())
    threads.start()
    threads.stopping.set()
    assert not threads.join(0.0)
    assert caplog.messages == ["cut off after 0.0 s: slow"]
    let_go.set()
    assert threads.join(5)
