"""An HTTP interface on loopback that answers as it is told, and the answers of models and of Comprehend."""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from hypothesis import strategies as st

from streams.core.policy import PolicyRef
from streams.core.task import TextTask
from streams.core.window import Entry


@dataclass(frozen=True)
class Reply:
    """One answer of the interface."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None  # what Content-Length says instead of the truth; the connection then ends
    silent: bool = False  # never an answer
    dropped: bool = False  # the connection ends without one
    reset: bool = False  # the same, rudely
    dripping: bool = False  # white space without end, a little at a time


HANGS = Reply(silent=True)
DROPS = Reply(dropped=True)
RESETS = Reply(reset=True)
DRIPS = Reply(dripping=True)
HTML = Reply(b"<html><body>It works!</body></html>", headers={"Content-Type": "text/html"})
EMPTY = Reply(b"")


@dataclass(frozen=True)
class Request:
    """One request that the interface was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Endpoint:
    """Gives the scripted answers one after the other, then the last one for ever."""

    def __init__(self, *script: Reply) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.arrived = asyncio.Event()
        self.go = asyncio.Event()  # answers wait for it
        self.go.set()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the socket and what is open."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()
        await asyncio.wait_for(self._server.wait_closed(), 5)

    @property
    def url(self) -> str:
        """Return where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def reply(self, request: Request) -> Reply:  # noqa: ARG002  another endpoint may look at it
        """Return the answer to a request: the next one of the script."""
        return self.script[min(len(self.requests), len(self.script)) - 1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection goes on."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Request(method, path, headers, body)
        self.requests.append(request)
        self.arrived.set()
        await self.go.wait()
        reply = self.reply(request)
        if "cbor" in headers.get("content-type", ""):
            reply = Reply(b"", 415)
        if reply.silent:
            await reader.read()  # until the client gives up
            return False
        if reply.reset:
            # With no time to linger, closing sends RST instead of FIN.
            given_up = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, given_up)
        if reply.dropped or reply.reset:
            return False
        if reply.dripping:
            writer.write(b"HTTP/1.1 200 Scripted\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n")
            while not writer.transport.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
            return False
        given = {"Content-Type": "application/json", "Content-Length": str(len(reply.body)), **reply.headers}
        if reply.length is not None:
            given["Content-Length"] = str(reply.length)
        lines = [f"HTTP/1.1 {reply.status} Scripted", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + reply.body)
        await writer.drain()
        return reply.length is None


# Any JSON value, those among them that come near to an answer.
KEYS = st.sampled_from(
    [
        "findings",
        "label",
        "severity",
        "quote",
        "choices",
        "message",
        "content",
        "finish_reason",
        "stopReason",
        "output",
        "toolUse",
        "name",
        "input",
        "ResultList",
        "Labels",
        "Name",
        "Score",
        "Entities",
        "Type",
        "BeginOffset",
        "EndOffset",
    ]
)
WORDS = st.sampled_from(["scam", "high", "stop", "tool_use", "report_labels", "SEXUAL", "EMAIL", "", "\u202e"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


def told(value: Any, status: int = 200, **headers: str) -> Reply:
    """Return an answer with a JSON body."""
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return Reply(json.dumps(value).encode(), status, named)


def aws_error(code: str, status: int) -> Reply:
    """Return an error as Amazon's JSON protocols tell it."""
    return told({"__type": code, "message": "canary-of-a-message"}, status, x_amzn_errortype=code)


def tool_use(*uses: tuple[str, Any], stop: str = "tool_use", text: str | None = None) -> Reply:
    """Return an answer of Converse in which the model uses tools."""
    content: list[Any] = [{"text": text}] if text is not None else []
    content += [
        {"toolUse": {"toolUseId": f"t{number}", "name": name, "input": given}}
        for number, (name, given) in enumerate(uses)
    ]
    return told(
        {
            "output": {"message": {"role": "assistant", "content": content}},
            "stopReason": stop,
            "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
            "metrics": {"latencyMs": 4},
        }
    )


def completion(content: str | None, stop: str | None = "stop", **message: Any) -> Reply:
    """Return a chat completion."""
    said = {"role": "assistant", "content": content, **message}
    return told(
        {"id": "c1", "object": "chat.completion", "choices": [{"index": 0, "message": said, "finish_reason": stop}]}
    )


def labelled(*findings: tuple[str, str] | tuple[str, str, str | None], **more: Any) -> dict[str, Any]:
    """Return what a model reports, in the asked form."""
    listed = [{"label": one[0], "severity": one[1], "quote": one[2] if len(one) > 2 else None} for one in findings]
    return {"rationale": "because", "findings": listed, **more}


def task(text: str, *context: str, content_id: str = "m1", deadline_at: int = 0, **more: Any) -> TextTask:
    """Return a task; the messages before it are by two others in turn."""
    entries = tuple(Entry(f"b{n}", f"user-{n % 2}", said, 0) for n, said in enumerate(context))
    given: dict[str, Any] = {"kind": "message", "user_id": "author", "engine": "text_llm", "at": 0}
    given |= {"policy": PolicyRef("p", "0123456789ab"), "context": entries}
    return TextTask(content_id=content_id, text=text, deadline_at=deadline_at, **{**given, **more})


def scores(*segments: Mapping[str, float]) -> Reply:
    """Return an answer of DetectToxicContent: seven scores a segment, 0.01 where none is told."""
    kinds: Sequence[str] = (
        "GRAPHIC",
        "HARASSMENT_OR_ABUSE",
        "HATE_SPEECH",
        "INSULT",
        "PROFANITY",
        "SEXUAL",
        "VIOLENCE_OR_THREAT",
    )
    results = [
        {"Labels": [{"Name": kind, "Score": given.get(kind, 0.01)} for kind in kinds], "Toxicity": 0.1}
        for given in segments
    ]
    return told({"ResultList": results})
