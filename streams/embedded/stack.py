"""Kafka, topics, S3, all workers, the review pages on this machine: started side by side, stopped without remains."""

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
from typing import Any, Final, Literal, TypeVar

import boto3
from botocore.config import Config

from streams.adapters.topics import apply
from streams.embedded.aws import Aws, environment
from streams.embedded.broker import Broker
from streams.embedded.failure import SetUpError
from streams.embedded.jars import Progress
from streams.embedded.processes import Child, free_ports
from streams.embedded.review import Review, SignIn, installed
from streams.settings import Settings

T = TypeVar("T")

QUEUE: Final = "uploads"
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
        self._progress = progress
        self._stopping = threading.Event()
        self._broker = Broker(progress=self._came)
        self._aws = Aws(free_ports(1)[0])  # chosen here: the workers need not wait for the server
        self._workers: Child | None = None
        self._review = Review(self._folder) if installed() else None
        self._parts: list[Future[Any]] = []
        self._clients: dict[str, Any] = {}
        self._making = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of a command that talks to this stack."""
        return {
            "MODERATION_BOOTSTRAP": self._broker.bootstrap,
            "MODERATION_S3_ENDPOINT": self._aws.endpoint,
            **(self._review.environment if self._review is not None else {}),
            **environment(),
        }

    @property
    def review(self) -> tuple[str, SignIn] | None:
        """Return where the review pages are, and who can sign in; None without them, or before they are up."""
        sign_in = None if self._review is None else self._review.sign_in
        return None if self._review is None or sign_in is None else (self._review.address, sign_in)

    def start(self, bucket: str, objects: Callable[[], dict[str, bytes]]) -> "tuple[Settings, Future[None]]":
        """Start everything; return how to reach it, and the future of the stored objects (key -> bytes).

        The workers may not judge yet when this returns. Raises SetUpError, of one line.
        """
        queue = self.beside(self._queue)
        stored = self.beside(lambda: self._store(bucket, objects, queue))
        settings = self.beside(self._kafka).result()
        relaying = {
            "MODERATION_SQS_QUEUE": queue.result(),  # the bridge does not wait for a queue
            "MODERATION_SQS_ENDPOINT": self._aws.endpoint,
            "MODERATION_SQS_POLLERS": "1",
        }
        self._workers = Child(
            [sys.executable, "-m", "streams", "worker", "--role", "all", "--supervise"],
            self._folder / "workers.log",
            os.environ | self.environment | relaying,
        )
        self.say("workers are starting: one for each role that the policy needs")
        self.beside(self._reviewing)
        return settings, stored

    def put(self, bucket: str, key: str, data: bytes) -> None:
        """Store an object; the bucket tells the queue of it."""
        self._client("s3").put_object(Bucket=bucket, Key=key, Body=data)

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
        if self._review is not None and (ended := self._review.ended) is not None:
            raise SetUpError(f"the review service ended with {ended}")

    def say(self, text: str) -> None:
        """Tell what has been reached."""
        self._tell(time.monotonic() - self.began, text)

    def stop(self) -> None:
        """Stop everything, in the order of the flow; also what is still starting. Does nothing at a repeat."""
        self._stopping.set()
        if self._workers is not None:
            self._workers.stop(GRACE)
            self._workers = None
        for _ in range(2):  # what was still starting at the first stop has an end now
            if self._review is not None:
                self._review.stop(GRACE)
            self._aws.stop()
            self._broker.stop()
            for part in self._parts:
                with suppress(Exception):
                    part.exception(STARTING)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _came(self, count: int) -> None:
        """Tell of bytes of Kafka's jars, or give their transfer up."""
        if self._stopping.is_set():
            raise SetUpError("stopped before Kafka was there")
        if self._progress is not None:
            self._progress(count)

    def _kafka(self) -> Settings:
        self._broker.start()
        settings = Settings(bootstrap=self._broker.bootstrap, s3_endpoint=self._aws.endpoint)
        self.say(f"Apache Kafka is up at {settings.bootstrap}")
        self.say(f"{len(apply(settings))} topics are made")
        return settings

    def _reviewing(self) -> None:
        if self._review is None:
            self.say("no review pages: pip install 'moderation-streams[review]'")
            return
        if self._stopping.is_set():
            return
        self._review.start(os.environ | self.environment)
        self.say(f"the review pages are at {self._review.address}")

    def _queue(self) -> str:
        """Start the server of S3 and SQS; return the URL of a new queue."""
        self._aws.start()
        url: str = self._client("sqs").create_queue(QueueName=QUEUE)["QueueUrl"]
        return url

    def _store(self, bucket: str, objects: Callable[[], dict[str, bytes]], queue: "Future[str]") -> None:
        """Store what is there before the bucket tells the queue of new objects."""
        files = objects()
        client = self._client("sqs")
        arn = client.get_queue_attributes(QueueUrl=queue.result(), AttributeNames=["QueueArn"])["Attributes"][
            "QueueArn"
        ]
        client = self._client("s3")
        client.create_bucket(Bucket=bucket)
        for key, data in files.items():
            client.put_object(Bucket=bucket, Key=key, Body=data)
        told = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
        client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=told)
        self.say(f"moto stands in for S3 and SQS at {self._aws.endpoint}, {len(files)} pictures are stored")

    def _client(self, service: Literal["s3", "sqs"]) -> Any:
        """Return a client of the server; made once."""
        with self._making:
            if service not in self._clients:
                keys = environment()
                session: Any = boto3.session.Session()  # boto3's shared one is not made for threads
                self._clients[service] = session.client(
                    service,
                    endpoint_url=self._aws.endpoint,
                    aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
                    region_name=keys["AWS_DEFAULT_REGION"],
                    config=Config(connect_timeout=5, read_timeout=10),
                )
            return self._clients[service]
