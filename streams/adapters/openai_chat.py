"""Chat completions as OpenAI defined them: a prompt in, the JSON value that the model answers with out.

Hosted and local servers alike; they must know `response_format` with a strict JSON schema.
"""

from http import HTTPStatus
from typing import Any, Final

import httpx
import msgspec
from pydantic import SecretStr

from streams.adapters.fault import Fault
from streams.adapters.quiet import quiet
from streams.engines.text_llm import Prompt, TextLlm

quiet()

LARGEST: Final = 1 << 20  # bytes of an answer
LONGEST_WAIT: Final = 60.0  # seconds; a server that asks for more is not waited for longer than that

AGAIN: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT})
DENIED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class OpenAiChat:
    """Asks one model of one server."""

    def __init__(self, engine: TextLlm, timeout: float, key: SecretStr | None) -> None:
        """Take the engine whose questions are asked, the seconds for one request, and the key where there is one."""
        config = engine.config
        self._url = f"{config.endpoint}/chat/completions"
        self._key = key
        form = {"name": "labels", "strict": True, "schema": engine.schema}
        self._request: dict[str, Any] = {
            "model": config.model,
            config.max_tokens_key: config.max_tokens,
            "response_format": {"type": "json_schema", "json_schema": form},
        }
        if config.temperature is not None:
            self._request["temperature"] = config.temperature
        # No redirects and no proxies of the environment: the text goes to the named server only.
        self._client = httpx.AsyncClient(
            trust_env=False,
            follow_redirects=False,
            timeout=timeout,
            limits=httpx.Limits(max_connections=config.concurrency),
        )

    async def reply(self, prompt: Prompt) -> Any:
        """Return the JSON value that the model answers with; raise Fault."""
        request = {
            **self._request,
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.data},
            ],
        }
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key is not None:
            headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        try:
            async with self._client.stream(
                "POST", self._url, content=msgspec.json.encode(request), headers=headers
            ) as answer:
                body = await _drained(answer)
        except httpx.TimeoutException:
            raise Fault("timeout", "retry") from None
        except httpx.DecodingError:
            raise Fault("garbled", "retry") from None
        except httpx.TransportError:
            raise Fault("unreachable", "retry") from None
        if answer.status_code != HTTPStatus.OK:
            raise _refusal(answer, body)
        return replied(body)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def replied(body: bytes) -> Any:
    """Return the JSON value that a chat completion holds; raise Fault for anything else than one whole answer."""
    answer = _json(body)
    try:
        (choice,) = answer["choices"]
        stop, message = choice["finish_reason"], choice["message"]
        refusal, content, tools = message.get("refusal"), message.get("content"), message.get("tool_calls")
    except (AttributeError, KeyError, TypeError, ValueError):
        raise Fault("garbled", "retry") from None
    if stop == "content_filter":
        raise Fault("content_filtered", "refusal")
    if refusal:
        raise Fault("refused", "refusal")
    if stop == "length":
        raise Fault("cut_off", "item")
    if stop != "stop" or tools:
        raise Fault("wrong_stop", "item")
    if not isinstance(content, str) or not content.strip():
        raise Fault("empty_answer", "item")
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Fault("prose", "item") from None


async def _drained(answer: httpx.Response) -> bytes:
    chunks, size = [], 0
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > LARGEST:
            raise Fault("garbled", "retry")
        chunks.append(chunk)
    return b"".join(chunks)


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Fault("garbled", "retry") from None


def _refusal(answer: httpx.Response, body: bytes) -> Fault:  # noqa: PLR0911  one line for each meaning
    """Return what an answer with another status than 200 means."""
    status = answer.status_code
    code = _code(body)
    if status == HTTPStatus.TOO_MANY_REQUESTS and code == "insufficient_quota":
        return Fault("quota_exceeded", "deployment")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Fault("throttled", "retry", _wait(answer))
    if status in AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Fault("unavailable", "retry", _wait(answer))
    if status in DENIED:
        return Fault("access_denied", "deployment")
    if status == HTTPStatus.NOT_FOUND:
        return Fault("not_found", "deployment")
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return Fault("quota_exceeded", "deployment")
    if status < HTTPStatus.BAD_REQUEST:
        return Fault("redirected", "deployment")
    if code in {"content_filter", "content_policy_violation"}:
        return Fault("content_filtered", "refusal")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or code == "context_length_exceeded":
        return Fault("too_large", "item")
    return Fault("invalid_request", "item")


def _code(body: bytes) -> str:
    """Return the code of an error's body, an empty text where it has none."""
    try:
        code = _json(body)["error"]["code"]
    except (Fault, KeyError, TypeError):
        return ""
    return code if isinstance(code, str) else ""


def _wait(answer: httpx.Response) -> float:
    """Return the seconds that a server asks to be left alone; a date is not read."""
    value = answer.headers.get("retry-after", "")
    return min(float(value), LONGEST_WAIT) if value.isdecimal() else 0.0
