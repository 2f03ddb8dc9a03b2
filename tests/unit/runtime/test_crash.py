import pytest

from streams.runtime.crash import described
from streams.runtime.flow import Poisoned


def raised(error: Exception) -> Exception:
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


def test_an_error_of_our_own_or_of_the_system_is_told_with_its_text() -> None:
    assert described(Poisoned("900 of the last 1000 records")) == "Poisoned: 900 of the last 1000 records"
    assert described(OSError(28, "No space left on device")) == "OSError: [Errno 28] No space left on device"


@pytest.mark.parametrize("kind", [KeyError, ValueError, RuntimeError])
def test_an_error_that_may_quote_content_is_told_by_its_place(kind: type[Exception]) -> None:
    told = described(raised(kind("canary")))

    assert told.startswith(f"{kind.__name__} at test_crash.py:")
    assert "canary" not in told
    assert told == described(raised(kind("canary"))) != described(raised(kind("another")))


def test_an_end_without_an_error_is_told_as_such() -> None:
    assert described(None) == "no error"
