"""Lines of records in, one line each out, in the same order: the judging of `moderation check`, without Kafka.

The same folds, engines and judge as in the stream; windows and repeats live in memory. A record's time in the log is
its `created_at` here, so that a saved conversation is judged as it was when it was written.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeGuard

import msgspec

from streams.adapters.wire import Reader, Rejected
from streams.cli.apart import Reply
from streams.cli.enforced import Enforced
from streams.core.arrival import Arrival
from streams.core.case import Task
from streams.core.content import Message, Upload
from streams.core.decision import Decision
from streams.core.engine import Apart, Engine, Text
from streams.core.finding import Answer, Report, reported
from streams.core.judge import judged, judged_case
from streams.core.moment import milliseconds
from streams.core.opening import Case
from streams.core.panel import NOBODY, Panel, Panels
from streams.core.policy import Policy
from streams.core.score import scores
from streams.core.screen import Inspect, Limits, Outcome, Repeated, screened
from streams.core.task import TextTask
from streams.core.uploaded import uploaded
from streams.core.verdict import Verdict
from streams.core.window import EMPTY, Window

# Conversations and single contents that are remembered, those used last: a bound for the memory, 1.2 GB at worst.
REMEMBERED: Final = 200_000

Examine = Callable[[Task], Awaitable[Sequence[Report]]]  # one report per asked media engine
Answered = Sequence[tuple[str, Answer | Report]]  # (engine, what it answered)

_encode: Final = msgspec.json.Encoder().encode


class Parts(NamedTuple):
    """What judging needs, compiled."""

    policy: Policy
    engines: Mapping[str, Engine]
    inspect: Inspect
    examine: Examine
    limits: Limits
    record_limit: int  # bytes
    concurrency: int  # contents whose pictures are examined, and that engines are asked about, side by side
    apart: Mapping[str, Apart] = {}  # engines with roles of their own
    replies: Mapping[str, Reply] = {}  # of each of them


# A job on a stored video outlives the program, and an answer on a picture is paid for once: only a worker remembers.
NEEDS_WORKER: Final = Answer("not_evaluated", "needs_worker")


class Invalid(NamedTuple):
    """A line that is no record."""

    error: str
    field: str | None


class _Shape(msgspec.Struct):
    """Tells an upload from a message."""

    location: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class Recorder:
    """Calls engines through an `Inspect` and keeps what they answered to one batch."""

    def __init__(self, inspect: Inspect) -> None:
        self._inspect = inspect
        self._rows: list[tuple[str, list[Answer]]] = []

    def __call__(self, engine: Engine, texts: Sequence[Text]) -> tuple[list[Answer], float]:
        """Return one answer per text, and milliseconds per text."""
        answers, duration = self._inspect(engine, texts)
        self._rows.append((engine.name, answers))
        return answers, duration

    def of(self, place: int) -> Answered:
        """Return what the engines answered to one text of the batch."""
        return [(name, answers[place]) for name, answers in self._rows]


class Offline:
    """Judges lines in batches and remembers their conversations; `scores` adds each label's score to its line."""

    def __init__(self, parts: Parts, *, scores: bool) -> None:
        self._parts = parts
        self._scores = scores
        inline = tuple(parts.engines[name] for name in parts.policy.text_engines)
        self._enforced = Enforced(parts.policy)
        self._panels = Panels([Panel(parts.policy, inline)])
        self._messages = Reader(Message, limit=parts.record_limit)
        self._uploads = Reader(Upload, limit=parts.record_limit)
        self._shape = msgspec.json.Decoder(_Shape)
        self._windows: OrderedDict[bytes, Window] = OrderedDict()
        self._free = asyncio.Semaphore(parts.concurrency)
        self.lines = 0
        self.invalid = 0

    async def judged(self, lines: Sequence[bytes]) -> list[bytes]:
        """Return one line of JSON for each line, without its end; `lines` follow those of the earlier calls."""
        records = [self._read(line) for line in lines]
        now = time.time_ns() // 1_000_000
        outcomes: list[tuple[Outcome | Verdict | Invalid, Answered]] = [
            (record, ()) if isinstance(record, Invalid) else (Repeated(record.content_id), ()) for record in records
        ]
        self._screen(records, outcomes, now)
        self._open(records, outcomes, now)
        first = self.lines + 1
        self.lines += len(lines)
        cases = (self._examined(outcome, answered) for outcome, answered in outcomes if isinstance(outcome, Case))
        decided = iter(await asyncio.gather(*cases))
        return [
            self._line(number, *(next(decided) if isinstance(outcome, Case) else (outcome, answered)))
            for number, (outcome, answered) in enumerate(outcomes, first)
        ]

    def _read(self, line: bytes) -> Message | Upload | Invalid:
        if not line.strip():
            return Invalid("empty", None)
        try:
            return (self._uploads if self._is_upload(line) else self._messages).read(line)
        except Rejected as error:
            return Invalid(error.error, error.field)

    def _is_upload(self, line: bytes) -> bool:
        if b'"location"' not in line:  # almost always: no second decoding
            return False
        try:
            return self._shape.decode(line).location is not msgspec.UNSET
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return False  # reading it as a message tells why

    def _screen(
        self,
        records: Sequence[Message | Upload | Invalid],
        outcomes: list[tuple[Outcome | Verdict | Invalid, Answered]],
        now: int,
    ) -> None:
        """Judge the texts of a batch."""
        places = [place for place, record in enumerate(records) if isinstance(record, Message)]
        arrivals = [
            Arrival(record, milliseconds(record.created_at)) for record in records if isinstance(record, Message)
        ]
        recorder = Recorder(self._parts.inspect)
        screening = screened(
            arrivals,
            lambda key: self._windows.get(key, EMPTY),
            panels=self._panels,
            inspect=recorder,
            judge=judged,
            limits=self._parts.limits,
            now=now,
            standing_of=self._enforced.standing_of,
        )
        accepted = 0
        for number, (place, outcome) in enumerate(zip(places, screening.outcomes, strict=True)):
            if isinstance(outcome, Repeated):
                continue
            if isinstance(outcome, Decision) and outcome.policy == NOBODY:  # no engine saw it
                outcomes[place] = (outcome, ())
                continue
            made = screening.verdicts.get(number, outcome)
            outcomes[place] = (made, recorder.of(accepted) if self._scores else ())
            accepted += 1
        self._remember(screening.windows.items())

    def _open(
        self,
        records: Sequence[Message | Upload | Invalid],
        outcomes: list[tuple[Outcome | Verdict | Invalid, Answered]],
        now: int,
    ) -> None:
        """Open the cases of the uploads of a batch."""
        for place, record in enumerate(records):
            if not isinstance(record, Upload):
                continue
            key = b"u:" + record.content_id.encode()
            if key in self._windows:
                continue
            self._remember([(key, EMPTY)])
            recorder = Recorder(self._parts.inspect)
            outcome = uploaded(
                record,
                milliseconds(record.created_at),
                panels=self._panels,
                inspect=recorder,
                judge=judged,
                now=now,
                standing_of=self._enforced.standing_of,
            )
            at = milliseconds(record.created_at)
            made = Verdict(outcome, at, trusted=record.user.trusted) if _is_told(outcome) else outcome
            outcomes[place] = (made, recorder.of(0))

    def _remember(self, windows: Iterable[tuple[bytes, Window]]) -> None:
        for key, window in windows:
            self._windows[key] = window
            self._windows.move_to_end(key)
        while len(self._windows) > REMEMBERED:
            self._windows.popitem(last=False)

    async def _examined(self, case: Case, answered: Answered) -> tuple[Decision | Verdict, Answered]:
        """Judge a content that other engines look at; contents begin in the order of their lines."""
        async with self._free:
            texts = asyncio.gather(*(self._replied(task) for task in case.text_tasks))
            media = await self._parts.examine(case.task) if case.task is not None else ()
            elsewhere = self._parts.policy.picture_engines
            media = [_unasked(each.content_id, each.engine) if each.engine in elsewhere else each for each in media]
            videos = (_unasked(task.content_id, task.engine) for task in case.video_tasks)
            reports = (*media, *await texts, *videos)
        now = time.time_ns() // 1_000_000
        opened = case.opened
        standing = self._enforced.standing_of(opened.user_id)
        decision = judged_case(self._parts.policy, opened, (*opened.reports, *reports), judged, now, standing=standing)
        made: Decision | Verdict = decision
        if _is_told(decision):
            made = Verdict(decision, opened.received_at, opened.resubmits, opened.previous, opened.trusted)
        return made, (*answered, *((report.engine, report) for report in reports))

    def _replied(self, task: TextTask) -> Awaitable[Report]:
        """Ask an engine; its time begins now, however long the lines before it took."""
        deadline = time.time_ns() // 1_000_000 + self._parts.policy.deadline_ms
        return self._parts.replies[task.engine](msgspec.structs.replace(task, deadline_at=deadline))

    def _line(self, number: int, outcome: Decision | Verdict | Repeated | Invalid, answered: Answered) -> bytes:
        if isinstance(outcome, Decision | Verdict):
            return self._written(self._enforced.decision(outcome), answered)
        if isinstance(outcome, Repeated):
            return _encode({"repeated": True, "content_id": outcome.content_id, "line": number})
        self.invalid += 1
        field = {} if outcome.field is None else {"field": outcome.field}
        return _encode({"error": outcome.error, **field, "line": number})

    def _written(self, decision: Decision, answered: Answered) -> bytes:
        if not self._scores:
            return _encode(decision)
        engines: dict[str, Engine | Apart] = {**self._parts.engines, **self._parts.apart}
        scored = scores(engines, answered) if decision.reports else {}
        return _encode(decision)[:-1] + b',"scores":' + _encode(scored) + b"}"


def _is_told(outcome: Decision | Case) -> TypeGuard[Decision]:
    """Say whether the standing of the author hears of what was judged."""
    return isinstance(outcome, Decision) and outcome.action != "allow"


def _unasked(content_id: str, engine: str) -> Report:
    return reported(content_id, engine, "", NEEDS_WORKER, 0.0)
