"""Amazon's interfaces: one client per service, its blocking calls in threads, its errors as faults.

boto3 makes each request once: whoever asks counts requests, against the budget and the attempts that a policy allows.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, Final, Literal, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from streams.adapters.fault import Fault, Kind, Reason
from streams.adapters.quiet import quiet

quiet()

T = TypeVar("T")

ServiceName = Literal["bedrock-runtime", "comprehend", "dynamodb", "rekognition", "s3", "sns", "sqs"]

# By error code without its suffix `Exception`, never by HTTP status: access is denied as 400 and as 403. Where a body
# holds no code, the bare status is the code. From the services' documentation.
DEPLOYMENT: Final = frozenset(
    {
        "AccessDenied",
        "AuthorizationError",
        "ExpiredToken",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "InvalidSignature",
        "KMS.AccessDenied",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSInvalidState",
        "KMSNotFound",
        "KMSOptInRequired",
        "KmsAccessDenied",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClient",
        "401",
        "403",
    }
)
THROTTLED: Final = frozenset(
    {
        "KMS.Throttling",
        "KMSThrottling",
        "KmsThrottled",
        "LimitExceeded",
        "ModelNotReady",
        "OverLimit",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "RequestThrottled",
        "ServiceQuotaExceeded",
        "Throttled",
        "Throttling",
        "TooManyRequests",
        "429",
    }
)
MOMENTARY: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServer",
        "InternalServerError",
        "ModelError",
        "ModelTimeout",
        "RequestTimeout",
        "ResourceNotReady",
        "ServiceUnavailable",
        "TransactionConflict",
        "TransactionInProgress",
        "408",
        "424",
    }
)
MISSING: Final = frozenset(
    {"AWS.SimpleQueueService.NonExistentQueue", "NotFound", "QueueDoesNotExist", "ResourceNotFound", "404"}
)
TOO_LARGE: Final = frozenset(
    {"ImageTooLarge", "ItemCollectionSizeLimitExceeded", "TextSizeLimitExceeded", "VideoTooLarge", "413"}
)
# Other faults of the content alone.
OF_ITEM: Final[Mapping[str, Reason]] = {
    "InvalidImageFormat": "unsupported_format",
    "InvalidS3Object": "invalid_object",
    "UnsupportedLanguage": "unsupported_language",
}
SERVER_ERROR: Final = 500  # and above

# What is raised beside ClientError where no answer came, or none that boto3 can read.
RAISED: Final[Sequence[tuple[tuple[type[Exception], ...], Reason, Kind]]] = (
    ((ConnectTimeoutError, ReadTimeoutError), "timeout", "retry"),
    ((NoCredentialsError, PartialCredentialsError), "no_credentials", "deployment"),
    ((ParamValidationError,), "invalid_request", "item"),
    ((ResponseParserError, AttributeError, LookupError, TypeError), "garbled", "retry"),
    ((NoRegionError, ValueError), "misconfigured", "deployment"),  # ValueError: an endpoint that is no URL
)
EXPECTED: Final[tuple[type[Exception], ...]] = (
    ClientError,
    BotoCoreError,
    *(one for classes, _, _ in RAISED for one in classes),
)


class Service:
    """A client of one service in one region; connects with the first call."""

    def __init__(self, name: ServiceName, region: str, endpoint: str | None, timeout: float, concurrency: int) -> None:
        """Take the seconds for one request, and how many there may be at a time."""
        self._name = name
        self._region = region
        self._endpoint = endpoint
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=timeout / 4,
            read_timeout=timeout * 3 / 4,  # a thread is free again soon after nobody waits for it
            max_pool_connections=concurrency,
        )
        self._threads = ThreadPoolExecutor(concurrency, name)
        self._client: Any = None
        self._made = Lock()

    @property
    def region(self) -> str:
        """Return the region."""
        return self._region

    @property
    def client(self) -> Any:
        """Return the client; made once, shared by the threads."""
        with self._made:
            if self._client is None:
                # A session of its own: boto3's shared one is not made for threads.
                self._client = boto3.session.Session().client(
                    self._name, region_name=self._region, endpoint_url=self._endpoint, config=self._config
                )
            return self._client

    async def call(self, operation: Callable[[Any], T]) -> T:
        """Return what an operation on the client brings, made in a thread; raise Fault."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, lambda: operation(self.client))
        except EXPECTED as error:
            raise fault(error) from None  # its text may quote the content

    async def close(self) -> None:
        """Close the connections and let the threads end; requests that are on their way are not awaited."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._client is not None:
            await asyncio.to_thread(self._client.close)


def fault(error: Exception) -> Fault:
    """Return what boto3 raised as a fault."""
    if isinstance(error, ClientError):
        return _answered(error)
    for classes, reason, kind in RAISED:
        if isinstance(error, classes):
            return Fault(reason, kind)
    return Fault("unreachable", "retry")


def _answered(error: ClientError) -> Fault:
    code = str(error.response.get("Error", {}).get("Code", "")).removesuffix("Exception")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in DEPLOYMENT:
        return Fault("access_denied", "deployment")
    if code in MISSING:
        return Fault("not_found", "deployment")
    if code in THROTTLED:
        return Fault("throttled", "retry")
    if code in MOMENTARY or status >= SERVER_ERROR:
        return Fault("unavailable", "retry")
    if code in TOO_LARGE:
        return Fault("too_large", "item")
    return Fault(OF_ITEM.get(code, "invalid_request"), "item")
