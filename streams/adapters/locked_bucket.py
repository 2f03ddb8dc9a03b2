"""A bucket of S3 with Object Lock: what is put there nobody can change or remove for a while, its owner included."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from streams.adapters.aws import EXPECTED, fault
from streams.adapters.quiet import quiet

quiet()

T = TypeVar("T")

CONCURRENCY: Final = 16  # objects that are read side by side
TIMEOUT: Final = 10.0  # seconds for one request
ATTEMPTS: Final = 3
LARGEST: Final = 65_536  # bytes of an object that is read
THERE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class Unlocked(Exception):
    """The bucket cannot be used as it is: one line that says what to do."""

    exit_code: Final = 78  # EX_CONFIG


class Unreached(Exception):
    """S3 did not do it now; the text is a reason from a closed set."""

    exit_code: Final = 69  # EX_UNAVAILABLE


class There(Exception):
    """There is an object of this key already; it stays."""


class LockedBucket:
    """Objects below a prefix of one bucket. Blocks; safe for threads."""

    def __init__(self, bucket: str, prefix: str, *, endpoint: str | None, region: str) -> None:
        self._bucket = bucket
        self._prefix = prefix
        # A session of its own: boto3's shared one is not made for threads.
        self._client = boto3.session.Session().client(
            "s3",
            endpoint_url=endpoint,
            region_name=region,
            config=Config(
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
                connect_timeout=TIMEOUT / 2,
                read_timeout=TIMEOUT,
                max_pool_connections=CONCURRENCY,
            ),
        )

    def looked_at(self) -> None:
        """Raise Unlocked unless the bucket is there and has Object Lock, Unreached where nobody can say."""
        try:
            self._client.get_object_lock_configuration(Bucket=self._bucket)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == "ObjectLockConfigurationNotFoundError":
                raise Unlocked(f"bucket {self._bucket} has no Object Lock: make one that has") from None
            if code == "NoSuchBucket":
                raise Unlocked(f"bucket {self._bucket} is not there: make it, with Object Lock") from None
            raise Unreached(f"S3: {fault(error).reason}") from None
        except EXPECTED as error:
            raise Unreached(f"S3: {fault(error).reason}") from None

    def put(self, key: str, data: bytes, until: datetime) -> None:
        """Put an object that nobody can remove until then; raise There, or Unreached."""

        def ask(client: Any) -> Any:
            return client.put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=data,
                ContentType="application/json",
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=until,
                IfNoneMatch="*",
            )

        try:
            self._call(ask)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) in THERE:
                raise There(key) from None
            raise Unreached(f"S3: {fault(error).reason}") from None

    def read(self) -> Iterator[bytes]:
        """Yield every object, the first version of each: a later one, put over it, is not ours; raise Unreached."""
        with ThreadPoolExecutor(CONCURRENCY, "checkpoints") as threads:
            yield from threads.map(self._object, self._firsts())

    def _firsts(self) -> list[tuple[str, str]]:
        """Return key and first version of every object, in the order of the keys."""
        versions = self._call(
            lambda client: [
                (one["Key"], one["LastModified"], one["VersionId"])
                for page in client.get_paginator("list_object_versions").paginate(
                    Bucket=self._bucket, Prefix=self._prefix
                )
                for one in reversed(page.get("Versions", ()))  # each key's newest comes first
            ]
        )
        first: dict[str, tuple[Any, str]] = {}
        for key, at, version in versions:
            if key not in first or at < first[key][0]:
                first[key] = (at, version)
        return [(key, first[key][1]) for key in sorted(first)]

    def _object(self, place: tuple[str, str]) -> bytes:
        key, version = place
        data: bytes = self._call(
            lambda client: client.get_object(Bucket=self._bucket, Key=key, VersionId=version)["Body"].read(LARGEST)
        )
        return data

    def _call(self, operation: Callable[[Any], T]) -> T:
        try:
            return operation(self._client)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) in THERE:
                raise
            raise Unreached(f"S3: {fault(error).reason}") from None
        except EXPECTED as error:
            raise Unreached(f"S3: {fault(error).reason}") from None
