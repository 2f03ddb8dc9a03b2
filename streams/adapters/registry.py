"""Schema registry: ids of Confluent framing in, checked schemas out; and the ids of the schemas that we write.

A record is read synchronously, so asking is a step of its own: reading raises `UnknownSchema`, `fetch` asks, the record
is read again. What is known stays known while the registry is down.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx

from streams import topology
from streams.adapters.rejected import Reason, Rejected, UnknownSchema
from streams.adapters.schemas import RECORDS, Schema, checked, full_name, newest, published

TIMEOUT: Final = 5.0  # seconds of one question, all of it
ANSWER_LIMIT: Final = 1 << 20  # bytes of an answer; a schema may have 262,144 characters
UNKNOWN_SECONDS: Final = 60.0  # after that an id that was unknown is asked for again
UNKNOWN_LIMIT: Final = 1_000  # unknown ids that are remembered: they come from hostile records
_JSON: Final = "application/vnd.schemaregistry.v1+json"


class RegistryUnavailable(Exception):
    """The registry gives no answer; the text is one line without the URL's password."""

    exit_code: Final = 69  # EX_UNAVAILABLE of sysexits.h


@dataclass(frozen=True)
class Registered:
    """A schema of the registry, checked, and the record that it is registered for."""

    schema: Schema
    record: str


def subjects(record: str, prefix: str) -> tuple[str, ...]:
    """Return every subject under which a record may be registered: by record, by topic, by both."""
    name = full_name(newest(record))
    topics = [spec.name for spec in topology.topics() if record in spec.record.split(", ")]
    return (name, *(f"{prefix}{topic}-{end}" for topic in topics for end in ("value", name)))


class Registry:
    """A client of one schema registry; `url` may hold user and password, `prefix` is the topic prefix."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "",
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._trust = httpx.create_ssl_context(trust_env=False)
        self._timeout = timeout
        self._prefix = prefix
        self._clock = clock
        self._known: dict[int | str, Registered] = {}
        self._refused: dict[int | str, tuple[Reason, float]] = {}  # why, and until when
        self._written: dict[str, int] = {}

    def schema(self, schema_id: int | str) -> Registered:
        """Return a fetched schema; raise UnknownSchema when it must be fetched, Rejected when there is no use in it."""
        known = self._known.get(schema_id)
        if known is not None:
            return known
        reason, until = self._refused.get(schema_id, (None, 0.0))
        if reason is None or until < self._clock():
            raise UnknownSchema(schema_id)
        raise Rejected(reason)

    def written(self, record: str) -> int:
        """Return the id under which a record is written; raise LookupError before `prepare` has asked for it."""
        if record not in self._written:
            raise LookupError(f"the registry was not asked for the schema of {record}")
        return self._written[record]

    async def fetch(self, schema_id: int | str) -> None:
        """Ask for a schema by its number or GUID; raise RegistryUnavailable. Asking again changes nothing.

        An id that the registry does not know, or a schema that must not be used, is remembered for a while.
        """
        if schema_id in self._known:
            return
        kind = "guids" if isinstance(schema_id, str) else "ids"
        found = await self._ask("GET", f"/schemas/{kind}/{schema_id}")
        if found is None:
            self._refuse(schema_id, "unknown_schema")
            return
        record = await self._record(found)
        if record is None:
            self._refuse(schema_id, "wrong_schema")
        else:
            self._known[schema_id] = record

    async def prepare(self, records: Iterable[str]) -> None:
        """Look up the ids of the schemas that are written, registering what is missing; raise RegistryUnavailable."""
        for record in records:
            subject = quote(full_name(newest(record)), safe="")
            body = {"schema": published(record), "schemaType": "AVRO"}
            found = await self._ask("POST", f"/subjects/{subject}", body)
            if found is None:
                found = await self._ask("POST", f"/subjects/{subject}/versions", body)
            number = None if found is None else found.get("id")
            if not isinstance(number, int):
                raise RegistryUnavailable(f"schema registry gives no id for the schema of {record}")
            self._written[record] = number

    async def _record(self, found: dict[str, Any]) -> Registered | None:
        """Return the registry's answer as a schema that we may use: plain Avro, harmless, under a subject of ours."""
        text = found.get("schema")
        if not isinstance(text, str) or found.get("schemaType", "AVRO") != "AVRO" or found.get("references"):
            return None
        try:
            schema = checked(json.loads(text))
        except (ValueError, RecursionError):
            return None
        record = next((name for name in RECORDS if full_name(newest(name)) == full_name(schema)), None)
        if record is None:
            return None
        for subject in subjects(record, self._prefix):
            if await self._ask("POST", f"/subjects/{quote(subject, safe='')}", {"schema": text, "schemaType": "AVRO"}):
                return Registered(schema, record)
        return None

    def _refuse(self, schema_id: int | str, reason: Reason) -> None:
        self._refused.pop(schema_id, None)
        while len(self._refused) >= UNKNOWN_LIMIT:
            self._refused.pop(next(iter(self._refused)))
        self._refused[schema_id] = (reason, self._clock() + UNKNOWN_SECONDS)

    def _client(self) -> httpx.AsyncClient:
        """Return a client for one question: they are rare, and no connection outlives its event loop."""
        return httpx.AsyncClient(
            base_url=self._url, timeout=self._timeout, headers={"Accept": _JSON}, verify=self._trust, trust_env=False
        )

    async def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any] | None:
        """Return the answer to one question, None for 404; raise RegistryUnavailable for anything else."""
        answer = bytearray()
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client() as client,
                client.stream(method, path, json=body) as response,
            ):
                if response.status_code == HTTPStatus.NOT_FOUND:
                    return None
                if response.status_code != HTTPStatus.OK:
                    raise RegistryUnavailable(f"schema registry answers {response.status_code} to {method} {path}")
                async for part in response.aiter_bytes():
                    answer += part
                    if len(answer) > ANSWER_LIMIT:
                        raise RegistryUnavailable(f"schema registry answers too much to {method} {path}")
            found = json.loads(answer)
        except (httpx.HTTPError, TimeoutError) as error:
            raise RegistryUnavailable(f"schema registry gives no answer: {type(error).__name__}") from None
        except (ValueError, RecursionError):
            raise RegistryUnavailable(f"schema registry answers no JSON to {method} {path}") from None
        if not isinstance(found, dict):
            raise RegistryUnavailable(f"schema registry answers no JSON object to {method} {path}")
        return found
