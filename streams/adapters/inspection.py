"""Inspection: a task in, one report from each engine that it names out, whatever happens to the objects.

Each object is read once, decoded once, shown to every engine, and let go before the reports are put together.
"""

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from time import perf_counter
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from streams.adapters.picture import Limits, Undecodable, decoded, undecoded
from streams.adapters.unreadable import Unreadable
from streams.core.case import Task
from streams.core.content import Location
from streams.core.engine import Engine, Media
from streams.core.finding import Answer, Evidence, Finding, Report, Status, reported
from streams.core.label import TEXT_KINDS

# Of one task at a time: each holds its bytes, and its pixels while the engines look.
SIDE_BY_SIDE: Final = 4
FIRST_PAUSE: Final = 0.1  # seconds before the second try; doubled each time, up to one second
LONGEST_PAUSE: Final = 1.0
# Characters of payloads in one report: a record on `findings` must stay below the largest one that is read.
MOST_PAYLOAD: Final = 16_384
# Which status speaks for several objects: a failure first, because the policy must hear of it.
WORST_FIRST: Final[tuple[Status, ...]] = ("error", "timeout", "not_evaluated", "skipped", "ok")

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Whoever gives the bytes at a location: `Objects`, or a stand-in."""

    async def read(self, location: Location) -> bytes:
        """Return the bytes; raise Unreadable."""


class Look(NamedTuple):
    """What the engines say of one object."""

    answers: Mapping[str, Answer]  # by engine
    durations: Mapping[str, float]  # milliseconds, by engine; reading and decoding not among them


async def inspected(
    objects: Reader,
    engines: Sequence[Engine],
    task: Task,
    limits: Limits,
    timeout: float,  # noqa: ASYNC109  seconds for each object; what then is to be reported stands here
    executor: Executor | None = None,
) -> list[Report]:
    """Return exactly one report for each engine that the task names, in its order.

    An object that cannot be read or decoded makes the status `error` (or `timeout`) with the reason; what was found in
    the other objects is kept. Engines run in threads of the executor; the loop's own by default.
    """
    asked = [engine for engine in engines if engine.name in task.engines and engine.accepts == "media"]
    gate = asyncio.Semaphore(SIDE_BY_SIDE)

    async def looked(location: Location) -> Look:
        async with gate:
            try:
                async with asyncio.timeout(timeout):
                    until = asyncio.get_running_loop().time() + timeout
                    data = await _read(objects, location, until)
                    return await asyncio.get_running_loop().run_in_executor(executor, _judged, data, asked, limits)
            except Unreadable as error:
                return _failed(asked, "timeout" if error.reason == "timeout" else "error", error.reason)
            except TimeoutError:
                return _failed(asked, "timeout", "timeout")
            except Exception as error:  # noqa: BLE001  one strange object must not stop the stream at itself
                log.error("media could not be inspected: %s", type(error).__name__)  # noqa: TRY400  no traceback: content
                return _failed(asked, "error", "inspection_failed")

    looks = await asyncio.gather(*(looked(location) for _, location in task.objects))
    numbered = len(task.objects) > 1 or task.kind in TEXT_KINDS
    return [_report(task, name, asked, looks, numbered=numbered) for name in task.engines]


async def _read(objects: Reader, location: Location, until: float) -> bytes:
    """Return the bytes; where that may help, tries again until the loop's clock says `until`; raises Unreadable."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await objects.read(location)
        except Unreadable as error:
            wait = pause * random.uniform(0.5, 1.0)  # noqa: S311  spreads the load, guards nothing
            if not error.retryable or asyncio.get_running_loop().time() + wait >= until:
                raise
            log.info("media is read again: %s", error.reason)
        await asyncio.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE)


def _judged(data: bytes, engines: Sequence[Engine], limits: Limits) -> Look:
    """Decode once and ask every engine; blocking."""
    reason: str | None = None
    try:
        media = decoded(data, limits)
    except Undecodable as error:
        # Engines that compare bytes can still answer: what they find counts beside the failure.
        reason, media = error.reason, undecoded(data)
    answers, durations = {}, {}
    for engine in engines:
        started = perf_counter()
        answer = _answer(engine, media)
        durations[engine.name] = (perf_counter() - started) * 1000
        if reason is not None and answer.status != "error":
            answer = Answer(status="error", reason=reason, findings=answer.findings)
        answers[engine.name] = answer
    return Look(answers, durations)


def _answer(engine: Engine, media: Media) -> Answer:
    try:
        (answer,) = engine.inspect([media])
    except Exception as error:  # noqa: BLE001  a crash becomes an answer; its text may quote the content
        log.error("engine %s failed: %s", engine.name, type(error).__name__)  # noqa: TRY400  no traceback: content
        return Answer(status="error", reason="engine_failed")
    return answer


def _failed(engines: Sequence[Engine], status: Status, reason: str) -> Look:
    return Look({engine.name: Answer(status=status, reason=reason) for engine in engines}, {})


def _report(task: Task, name: str, engines: Sequence[Engine], looks: Sequence[Look], *, numbered: bool) -> Report:
    engine = next((engine for engine in engines if engine.name == name), None)
    if engine is None:
        return reported(task.content_id, name, "", Answer("not_evaluated", "engine_not_configured"), 0.0)
    answers = [look.answers[name] for look in looks]
    duration = sum(look.durations.get(name, 0.0) for look in looks)
    return reported(task.content_id, name, engine.version, _merged(answers, numbered=numbered), duration)


def _merged(answers: Sequence[Answer], *, numbered: bool) -> Answer:
    """Return the answers to the objects of one content as one: worst status, all findings, highest scores."""
    if not answers:
        return Answer("not_evaluated", "no_objects")
    worst = min(answers, key=lambda answer: WORST_FIRST.index(answer.status))
    scores: dict[str, float] = {}
    findings: list[Finding] = []
    for number, answer in enumerate(answers):
        for label, score in (answer.scores or {}).items():
            scores[label] = max(score, scores.get(label, 0.0))
        findings += [_numbered(finding, number) for finding in answer.findings] if numbered else answer.findings
    return Answer(worst.status, worst.reason, _capped(findings), scores or None)


def _numbered(finding: Finding, attachment: int) -> Finding:
    """Return a finding whose evidence says in which object it was seen."""
    evidence = finding.evidence or (Evidence(),)
    return msgspec.structs.replace(
        finding, evidence=tuple(msgspec.structs.replace(one, attachment=attachment) for one in evidence)
    )


def _capped(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings with no more payload than a report may hold; the places stay."""
    room = MOST_PAYLOAD
    capped = []
    for finding in findings:
        evidence = []
        for one in finding.evidence:
            kept: dict[str, Any] = {} if one.payload is None else {"payload": one.payload[:room] or None}
            room -= len(kept.get("payload") or "")
            evidence.append(msgspec.structs.replace(one, **kept))
        capped.append(msgspec.structs.replace(finding, evidence=tuple(evidence)))
    return tuple(capped)
