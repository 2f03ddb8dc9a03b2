"""Kafka, topics, S3 and all workers on this machine: started side by side, stopped without remains."""

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import boto3
from botocore.config import Config

from streams.adapters.topics import apply
from streams.embedded.aws import Aws, environment
from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError
from streams.embedded.jars import Progress
from streams.embedded.processes import Child, free_ports
from streams.settings import Settings

T = TypeVar("T")

GRACE: Final = 15.0  # seconds for the workers to stop
STARTING: Final = 30.0  # seconds for a part that is still starting to give up when everything stops


class Stack:
    """Everything that the stream needs. `tell` gets a line for each step, with the seconds since the start.

    Ctrl-C in a terminal reaches this process only; when this process is gone, however it went, the others end too.
    """

    def __init__(self, tell: Callable[[float, str], None], progress: Progress | None = None) -> None:
        self._tell = tell
        self.began = time.monotonic()
        self._folder = Path(tempfile.mkdtemp(prefix="moderation-demo-"))
        self._broker = Broker(progress=progress)
        self._aws = Aws(free_ports(1)[0])  # chosen here: the workers need not wait for the server
        self._workers: Child | None = None
        self._parts: list[Future[Any]] = []

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of a command that talks to this stack."""
        return {"MODERATION_BOOTSTRAP": self._broker.bootstrap, "MODERATION_S3_ENDPOINT": self._aws.endpoint}

    def start(self, bucket: str, objects: Callable[[], dict[str, bytes]]) -> "tuple[Settings, Future[None]]":
        """Start everything; return how to reach it, and the future of the stored objects (key -> bytes).

        The workers may not judge yet when this returns. Raises SetUpError, of one line.
        """
        stored = self.beside(lambda: self._store(bucket, objects))
        settings = self.beside(self._kafka).result()
        self._workers = Child(
            [sys.executable, "-m", "streams", "worker", "--role", "all", "--supervise"],
            self._folder / "workers.log",
            os.environ | environment() | self.environment,
        )
        self.say("workers are starting: one for each role that the policy needs")
        return settings, stored

    def beside(self, work: Callable[[], T]) -> "Future[T]":
        """Run something in a thread that does not keep the process alive."""
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
                future.set_exception(error)

        self._parts.append(future)
        threading.Thread(target=run, daemon=True).start()
        return future

    def look(self) -> None:
        """Raise what a part raised, or SetUpError when the workers have ended."""
        for part in self._parts:
            if part.done():
                part.result()
        if self._workers is not None and (code := self._workers.ended) is not None:
            raise SetUpError(f"the workers ended with {code}: {self._workers.last_words()}")

    def say(self, text: str) -> None:
        """Tell what has been reached."""
        self._tell(time.monotonic() - self.began, text)

    def stop(self) -> None:
        """Stop everything, in the order of the flow; also what is still starting. Does nothing at a repeat."""
        if self._workers is not None:
            self._workers.stop(GRACE)
            self._workers = None
        for _ in range(2):  # what was still starting at the first stop has an end now
            self._aws.stop()
            self._broker.stop()
            for part in self._parts:
                with suppress(Exception):
                    part.exception(STARTING)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kafka(self) -> Settings:
        self._broker.start()
        settings = Settings(bootstrap=self._broker.bootstrap, s3_endpoint=self._aws.endpoint)
        self.say(f"Apache Kafka is up at {settings.bootstrap}")
        self.say(f"{len(apply(settings))} topics are made")
        return settings

    def _store(self, bucket: str, objects: Callable[[], dict[str, bytes]]) -> None:
        files = objects()
        self._aws.start()
        keys = environment()
        client = boto3.client(
            "s3",
            endpoint_url=self._aws.endpoint,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            region_name=keys["AWS_DEFAULT_REGION"],
            config=Config(connect_timeout=5, read_timeout=10),
        )
        client.create_bucket(Bucket=bucket)
        for key, data in files.items():
            client.put_object(Bucket=bucket, Key=key, Body=data)
        self.say(f"S3 is up at {self._aws.endpoint}, {len(files)} pictures are stored")
