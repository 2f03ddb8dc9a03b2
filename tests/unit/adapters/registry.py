"""A schema registry on loopback, and how a worker reads with it."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote
from uuid import UUID

from streams.adapters.registry import Registry
from streams.adapters.rejected import UnknownSchema
from streams.adapters.wire import Reader


@dataclass
class Stub:
    """A registry of the REST interface, on a socket; what it is told to answer instead comes first."""

    by_subject: dict[str, dict[str, int]] = field(default_factory=dict)  # subject -> schema text -> id
    by_id: dict[str, str] = field(default_factory=dict)  # "ids/7" or "guids/…" -> schema text
    asked: list[str] = field(default_factory=list)
    instead: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    silent: bool = False
    port: int = 0
    server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the socket."""
        assert self.server is not None
        self.server.close()
        await asyncio.wait_for(self.server.wait_closed(), 5)

    def add(self, subject: str, text: str, schema_id: int, guid: UUID | None = None) -> None:
        """Register a schema."""
        self.by_subject.setdefault(subject, {})[text] = schema_id
        self.by_id[f"ids/{schema_id}"] = text
        if guid is not None:
            self.by_id[f"guids/{guid}"] = text

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's first request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(" ", 2)
        path = target.partition("?")[0]
        length = next((int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        self.asked.append(f"{method} {path}")
        if self.silent:
            await reader.read()  # until the client gives up
        else:
            status, answer = self.instead.get(path) or self.answer(method, unquote(path), body)
            writer.write(b"HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(answer)))
            writer.write(answer)
        writer.close()

    def known(self, subject: str, body: bytes) -> int | None:
        """Return the id of a schema under a subject, however it is spaced."""
        asked = json.loads(body)["schema"]
        known = self.by_subject.get(subject, {})
        return known.get(asked) or next((known[text] for text in known if same(text, asked)), None)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and JSON; everything unknown is 404, `/associations/resources/-/TOPIC` too."""
        parts = path.strip("/").split("/")
        match method, parts:
            case "GET", ["schemas", kind, name] if f"{kind}/{name}" in self.by_id:
                return 200, json.dumps({"schema": self.by_id[f"{kind}/{name}"]}).encode()
            case "POST", ["subjects", subject] if (schema_id := self.known(subject, body)) is not None:
                return 200, json.dumps({"subject": subject, "id": schema_id, "version": 1}).encode()
            case "POST", ["subjects", subject, "versions"]:
                schema_id = 100 + len(self.by_id)
                guid = UUID(int=schema_id)
                self.add(subject, json.loads(body)["schema"], schema_id, guid)
                return 200, json.dumps({"id": schema_id, "guid": str(guid)}).encode()
            case _:
                return 404, b'{"error_code":40403,"message":"not found"}'


def same(one: str, other: str) -> bool:
    """Compare two schemas as JSON; texts that are none differ."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return False


async def read(
    reader: Reader[Any], registry: Registry, value: bytes, headers: list[tuple[str, bytes]] | None = None
) -> Any:
    """Read a record as a worker does: ask the registry when the schema is not known yet."""
    try:
        return reader.read(value, headers or [])
    except UnknownSchema as unknown:
        await registry.fetch(unknown.schema_id)
        return reader.read(value, headers or [])
