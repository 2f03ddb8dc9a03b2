"""Comprehend's interface: a task in, toxicity of its pieces and personal data asked for, what they amount to out."""

import math
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from streams.adapters.attempts import Allowance, Attempts
from streams.adapters.aws import Service
from streams.adapters.fault import Fault
from streams.core.finding import Answer
from streams.core.task import TextTask
from streams.engines.comprehend import Comprehend, Entity

SEGMENT: Final = 1024  # bytes of UTF-8 in one segment, a limit of the service
SEGMENTS: Final = 10  # in one request, a limit of the service
# Two units in UTF-16: with one in its place an offset is the same, whatever the service counts.
WIDE: Final = re.compile("[\U00010000-\U0010ffff\ud800-\udfff]")


class ComprehendService:
    """Answers for the engine `comprehend`."""

    def __init__(self, engine: Comprehend, timeout: float, attempts: Attempts) -> None:
        config = engine.config
        self._engine = engine
        self._service = Service("comprehend", config.region, config.endpoint, timeout, config.concurrency)
        self._attempts = attempts

    def key(self, task: TextTask) -> str:
        """Return all of a task that the answer depends on."""
        return f"{task.language} {task.text}"

    async def __call__(self, task: TextTask, allowance: Allowance) -> Answer:
        """Return what Comprehend finds in a text; raise Fault."""
        engine = self._engine
        toxicity = entities = None
        if (language := engine.toxicity_in(task.language)) is not None:
            toxicity = await self._highest(task.text, language, allowance)
        if (other := engine.pii_in(task.language)) is not None:
            text = WIDE.sub("\ufffd", task.text)
            entities = await self._attempts(lambda: self._entities(text, other), allowance)
        return engine.answer(toxicity, entities)

    async def _highest(self, text: str, language: str, allowance: Allowance) -> dict[str, float]:
        """Return the highest score of each kind over all pieces of a text, ten pieces a request."""
        pieces = list(segments(text))
        highest: dict[str, float] = {}
        for start in range(0, len(pieces), SEGMENTS):
            request = partial(self._toxicity, pieces[start : start + SEGMENTS], language)
            for name, score in (await self._attempts(request, allowance)).items():
                highest[name] = max(highest.get(name, 0.0), score)
        return highest

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()

    async def _toxicity(self, batch: Sequence[str], language: str) -> dict[str, float]:
        request = {"TextSegments": [{"Text": piece} for piece in batch], "LanguageCode": language}
        return toxicity_of(await self._service.call(lambda client: client.detect_toxic_content(**request)), len(batch))

    async def _entities(self, text: str, language: str) -> list[Entity]:
        answer = await self._service.call(lambda client: client.detect_pii_entities(Text=text, LanguageCode=language))
        return entities_of(answer, len(text))


def segments(text: str) -> Iterator[str]:
    """Yield a text in pieces of at most SEGMENT bytes, cut behind white space where there is some in the second half.

    Pieces of nothing but white space are left out.
    """
    data = text.encode(errors="replace")
    start = 0
    while start < len(data):
        end = min(start + SEGMENT, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # noqa: PLR2004  within a character
            end -= 1
        piece = data[start:end].decode()
        if end < len(data) and (gap := re.search(r"\s(?=\S*$)", piece)) and gap.end() > len(piece) // 2:
            piece = piece[: gap.end()]
        start += len(piece.encode())
        if piece.strip():
            yield piece


def toxicity_of(answer: Any, count: int) -> dict[str, float]:
    """Return the highest score of each kind over all segments; raise Fault unless each of `count` has scores.

    boto3 hands an empty, foreign or cut-off body over as an answer without fields: that is no clean text.
    """
    try:
        results = answer["ResultList"]
        if not isinstance(results, list) or len(results) != count:
            raise Fault("garbled", "retry")
        highest: dict[str, float] = {}
        for result in results:
            if not result["Labels"]:
                raise Fault("garbled", "retry")
            for label in result["Labels"]:
                name = _name(label["Name"])
                highest[name] = max(highest.get(name, 0.0), _score(label["Score"]))
    except (AttributeError, KeyError, TypeError):
        raise Fault("garbled", "retry") from None
    return highest


def entities_of(answer: Any, length: int) -> list[Entity]:
    """Return the personal data of an answer on a text of `length` characters; raise Fault for anything malformed."""
    try:
        found = answer["Entities"]
        if not isinstance(found, list):
            raise Fault("garbled", "retry")
        return [
            Entity(_name(one["Type"]), _score(one["Score"]), _span(one["BeginOffset"], one["EndOffset"], length))
            for one in found
        ]
    except (AttributeError, KeyError, TypeError):
        raise Fault("garbled", "retry") from None


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise Fault("garbled", "retry")
    return value


def _score(value: Any) -> float:
    """Return a score; NaN, texts and truth values are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise Fault("garbled", "retry")
    return float(value)


def _span(start: Any, end: Any, length: int) -> tuple[int, int]:
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        raise Fault("garbled", "retry")
    return start, end
