"""The review service's API as commands use it: a request in, its answer out; every refusal is one line."""

import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from streams.cli.failure import CONFIGURATION, FAILED, UNAVAILABLE, Failure
from streams.settings import Settings

ANSWER: Final = 30.0  # seconds for an answer
DENIED: Final = frozenset({401, 403})

JsonObject = dict[str, Any]


class Client:
    """Asks one review service. A context manager. `transport` stands in for the network."""

    def __init__(self, settings: Settings, transport: httpx.BaseTransport | None = None) -> None:
        """Take address and token from the settings; raise Failure where there is no token."""
        if settings.review_token is None:
            raise Failure(
                "MODERATION_REVIEW_TOKEN is not set: make one with `moderation review token NAME --account ACCOUNT`",
                CONFIGURATION,
            )
        self._url = settings.review_url
        try:
            self._client = httpx.Client(
                base_url=self._url,
                headers={"Authorization": f"Bearer {settings.review_token.get_secret_value()}"},
                timeout=ANSWER,
                transport=transport,
                trust_env=False,
            )
        except (httpx.InvalidURL, UnicodeEncodeError):
            raise Failure(
                "MODERATION_REVIEW_URL or MODERATION_REVIEW_TOKEN is none: correct it", CONFIGURATION
            ) from None

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, **asked: Any) -> JsonObject:
        """Return what lies at a path; what is None, or an empty list, is not asked for. Raises Failure."""
        given = {name: value for name, value in asked.items() if value is not None and value != ()}
        return self._asked("GET", path, params=given)

    def act(self, item_id: int, act: str, body: JsonObject, version: int | None = None) -> JsonObject:
        """Do something about an item, as it is at a version where one is named; raise Failure."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self._asked("POST", f"/api/items/{item_id}/{act}", json=body, headers=headers)

    def item(self, named: str) -> JsonObject:
        """Return an item by its number, or by the id of its content; raise Failure."""
        if named.isascii() and named.isdigit():
            return self.get(f"/api/items/{int(named)}")
        rows = self.get("/api/items", content=named, status="all", limit=1)["rows"]
        if not rows:
            raise Failure(f"there is no item of the content {named}", FAILED)
        return self.get(f"/api/items/{rows[0]['id']}")

    def _asked(self, method: str, path: str, **more: Any) -> JsonObject:
        try:
            answer = self._client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Failure(
                f"no review service answers at {self._url} ({type(error).__name__}): "
                "start one with `moderation review serve`, or set MODERATION_REVIEW_URL",
                UNAVAILABLE,
            ) from None
        found = _read(answer)
        if answer.is_success and found is not None:
            return found
        raise _refused(answer, found or {})


def _read(answer: httpx.Response) -> JsonObject | None:
    try:
        return msgspec.json.decode(answer.content, type=JsonObject)
    except msgspec.MsgspecError:
        return None


def _refused(answer: httpx.Response, problem: Mapping[str, Any]) -> Failure:
    detail = str(problem.get("detail") or f"the review service answers {answer.status_code}").rstrip(".")
    if answer.status_code in DENIED:
        return Failure(f"{detail}: is MODERATION_REVIEW_TOKEN right, and may its account do this?", FAILED)
    wrong = problem.get("wrong")
    if isinstance(wrong, list):
        told = "; ".join(f"{one.get('field')}: {one.get('detail')}" for one in wrong if isinstance(one, dict))
        detail = f"{detail}: {told}" if told else detail
    return Failure(detail, UNAVAILABLE if answer.status_code >= 500 else FAILED)  # noqa: PLR2004  HTTP's classes
