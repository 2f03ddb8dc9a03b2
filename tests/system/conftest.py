"""What the system tests run against: a real Kafka and an S3 server."""

import contextlib
import os
from collections.abc import AsyncIterator, Iterator

import pytest

from streams.embedded.aws import Aws
from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError
from tests.system.kafka import EMBEDDED, Kafka, opened
from tests.system.place import Place

CHOICE = os.environ.get("MODERATION_TEST_BROKER", EMBEDDED)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what may take longest first, the rest as it was drawn: else one process ends with it while others idle."""
    items.sort(key=allowed, reverse=True)


def allowed(item: pytest.Item) -> float:
    """Return the seconds that the file of a test allows it; 0 where it says nothing."""
    limit = item.get_closest_marker("timeout")
    return float(limit.args[0]) if limit else 0.0


@contextlib.contextmanager
def tool() -> Iterator[None]:
    """Turn a missing tool into a skip of one line; into a failure where CI must have it."""
    try:
        yield
    except SetUpError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error), pytrace=False)
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka() -> Iterator[Kafka]:
    """Yield a real Kafka that all tests share: make topics with names of your own, and leave it running."""
    with contextlib.ExitStack() as stack:
        with tool():
            running = stack.enter_context(opened(CHOICE))
        yield running


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """Yield a broker of this test alone, to kill and start again."""
    if CHOICE != EMBEDDED:
        pytest.skip("kills its broker, so it runs with MODERATION_TEST_BROKER=embedded only")
    broker = Broker()
    with tool():
        broker.start()
    try:
        yield broker
    finally:
        broker.stop()


@pytest.fixture(scope="session")
def aws() -> Iterator[Aws]:
    """Yield an S3 and SQS server that all tests share: make buckets and queues with names of your own."""
    server = Aws()
    with tool():
        server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
async def place(kafka: Kafka) -> AsyncIterator[Place]:
    """Yield a place for topics of this test alone."""
    opened = Place(kafka.bootstrap)
    yield opened
    await opened.close()
