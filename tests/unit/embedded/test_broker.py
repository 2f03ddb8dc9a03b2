"""What a broker refuses before anything is started."""

import pytest

from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError


def test_a_broker_that_was_never_started_says_so() -> None:
    broker = Broker()
    for asked in ("port", "bootstrap", "pid", "folder"):
        with pytest.raises(SetUpError, match="broker"):
            getattr(broker, asked)
    broker.stop()
