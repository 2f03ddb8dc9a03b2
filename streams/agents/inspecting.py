"""Runs an inline engine over a batch: a crash becomes an answer with an error status, never silence."""

import logging
from collections.abc import Sequence
from time import perf_counter

from streams.core.engine import Engine, Text
from streams.core.finding import FAILED, NOTHING_FOUND, Answer
from streams.metrics import Metrics

log = logging.getLogger(__name__)

CRASHED = Answer(status="error", reason="engine_failed")


class Inspector:
    """Calls engines, times them, counts their answers."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        """Return one answer per text, and milliseconds per text."""
        started = perf_counter()
        try:
            answers = engine.inspect(texts)
        except Exception as error:  # noqa: BLE001  whatever a plug-in raises is its answer; its text may hold content
            log.error("engine %s failed on a batch: %s", engine.name, type(error).__name__)  # noqa: TRY400
            answers = [self._alone(engine, text) for text in texts]
        seconds = perf_counter() - started
        self._metrics.engine_seconds.labels(engine.name).observe(seconds)
        failed = sum(answer is not NOTHING_FOUND and answer.status in FAILED for answer in answers)
        if failed:
            self._metrics.engine_requests.labels(engine.name, "item_error").inc(failed)
        self._metrics.engine_requests.labels(engine.name, "ok").inc(len(answers) - failed)
        return answers, round(seconds * 1000 / len(texts), 3)

    def _alone(self, engine: Engine, text: Text) -> Answer:
        """Return the answer to one text: only the one that makes the engine crash has no findings."""
        try:
            return engine.inspect([text])[0]
        except Exception:  # noqa: BLE001
            return CRASHED
