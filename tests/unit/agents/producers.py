"""A producer that keeps what it is given: stands in for aiokafka's, where nothing is to be sent."""

import asyncio


class Producer:
    """Takes records of one topic; acknowledges them unless it is `deaf`."""

    def __init__(self, topic: str, *, deaf: bool = False) -> None:
        self.sent: list[tuple[bytes, bytes, int | None]] = []  # key, value, partition
        self.deaf, self.stopped = deaf, False
        self.asked = asyncio.Event()
        self._topic = topic

    async def start(self) -> None:
        """Start."""

    async def stop(self) -> None:
        """Stop."""
        self.stopped = True

    async def send(
        self, topic: str, value: bytes, key: bytes, partition: int | None, *, headers: object
    ) -> "asyncio.Future[None]":
        """Take a record."""
        assert topic == self._topic
        assert headers
        self.sent.append((key, value, partition))
        self.asked.set()
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self.deaf:
            answer.set_result(None)
        return answer
