"""Asking: an engine of the catalog's `APART` in, what asks its interface out."""

from collections.abc import Callable, Mapping
from pathlib import Path
from time import time
from typing import Any, Final

from streams.adapters.asker import Answerer, Asker
from streams.adapters.attempts import FIRST_PAUSE, Attempts
from streams.adapters.bedrock import Bedrock
from streams.adapters.breaker import Breaker
from streams.adapters.budget import Budget
from streams.adapters.comprehend import ComprehendService
from streams.adapters.language_model import LanguageModel
from streams.adapters.openai_chat import OpenAiChat
from streams.adapters.secret import secret_in
from streams.core.calling import Calling
from streams.core.duration import duration_ms
from streams.engines.comprehend import Comprehend
from streams.engines.text_llm import TextLlm


def asker(engine: Any, *, now: Callable[[], float] = time, pause: float = FIRST_PAUSE) -> Asker:
    """Return what asks an engine; call it within the running loop, and close what it returns.

    `now` is the clock of the tasks' deadlines, seconds since 1970; `pause` the seconds before a second attempt.

    Raises NoSecret for a key file that cannot be used, KeyError for an engine that nobody is asked for here.
    """
    answerer = ANSWERERS[engine.name](engine, _attempts(engine.config, pause))
    return Asker(engine, answerer, cache=engine.config.cache, breaker=Breaker(), now=now)


def _text_llm(engine: TextLlm, attempts: Attempts) -> Answerer:
    config, timeout = engine.config, _seconds(engine.config)
    if config.provider == "bedrock":
        return LanguageModel(engine, Bedrock(engine, timeout), attempts)
    key = secret_in(Path(config.api_key_file)) if config.api_key_file is not None else None
    return LanguageModel(engine, OpenAiChat(engine, timeout, key), attempts)


def _comprehend(engine: Comprehend, attempts: Attempts) -> Answerer:
    return ComprehendService(engine, _seconds(engine.config), attempts)


ANSWERERS: Final[Mapping[str, Callable[[Any, Attempts], Answerer]]] = {"text_llm": _text_llm, "comprehend": _comprehend}


def _attempts(config: Calling, pause: float) -> Attempts:
    return Attempts(_seconds(config), config.attempts, Budget(config.budget_per_minute), config.concurrency, pause)


def _seconds(config: Calling) -> float:
    return duration_ms(config.timeout) / 1000
