"""Texts in, what a policy makes of each of them out, and what that took: batches, as in the stream."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Final, NamedTuple, cast

import msgspec

from streams.core.action import STRENGTH, Action
from streams.core.engine import Engine, Text
from streams.core.facts import alone
from streams.core.finding import Answer
from streams.core.judgement import Judgement, judgement_on
from streams.core.label import SEVERITY_RANK, Severity
from streams.core.policy import Policy
from streams.core.score import scores
from streams.core.screen import Inspect
from streams.evaluation.entities import kind
from streams.evaluation.held_out import cross_validated

BATCH: Final = 256  # texts
# One batch of so many is run twice where answers are held out: only the shipped answers may be timed.
TIMED: Final = 4

Advance = Callable[[int], None]  # texts that are done


class FoundSpan(NamedTuple):
    """Where personal data was found."""

    kind: str | None  # of personal data, None where the engine does not tell
    start: int  # [start, end) in characters
    end: int


class Judged(msgspec.Struct, frozen=True):
    """What a policy makes of one text; nothing of the text itself."""

    scores: dict[str, float]  # label -> 0..1
    found: frozenset[str]  # labels of all that triggered, enforced or in shadow
    acted: frozenset[str]  # labels of what triggered with an action of `flag` or more
    action: Action
    severity: Severity | None  # the highest of all that triggered
    spans: tuple[FoundSpan, ...]  # of label `pii`


class Timed(NamedTuple):
    """How long each of some batches took."""

    engine: str
    seconds: list[float]
    texts: list[int]


class Run(NamedTuple):
    """A policy's answers to all texts."""

    judged: list[Judged]
    timed: list[Timed]  # each engine; last the whole, with the judge
    statuses: dict[str, Counter[str]]  # engine -> status -> texts
    trained_on: dict[str, int]  # engine -> texts that were scored by models that had not seen them


def run(
    texts: Sequence[Text], policy: Policy, engines: Sequence[Engine], inspect: Inspect, advance: Advance, size: int
) -> Run:
    """Judge texts in batches of `size` by the text engines of a policy."""
    runners = [_Runner(engine, inspect) for engine in engines]
    by_name = {engine.name: engine for engine in engines}
    whole = Timed("in all", [], [])
    results: list[Judged] = []
    for number, start in enumerate(range(0, len(texts), size)):
        batch = texts[start : start + size]
        answered = [runner.answers(batch, timed=number % TIMED == 0) for runner in runners]
        rows = list(_rows(runners, answered, len(batch)))
        started = perf_counter()
        judgements = [
            judgement_on(policy, alone(text.text), answers) for text, answers in zip(batch, rows, strict=True)
        ]
        taken = [perf_counter() - started, *(runner.took for runner in runners)]
        results += (judged(judgement, scores(by_name, row)) for judgement, row in zip(judgements, rows, strict=True))
        if all(seconds is not None for seconds in taken):
            whole.seconds.append(sum(seconds for seconds in taken if seconds is not None))
            whole.texts.append(len(batch))
        advance(len(batch))
    return Run(
        judged=results,
        timed=[*(runner.timed for runner in runners), whole],
        statuses={runner.engine.name: runner.statuses for runner in runners},
        trained_on={runner.engine.name: held.trained_on for runner in runners if (held := runner.held_out)},
    )


class _Runner:
    """Calls one engine and keeps the books on it."""

    def __init__(self, engine: Engine, inspect: Inspect) -> None:
        self.engine = engine
        self.held_out = cross_validated(engine)
        self.timed = Timed(engine.name, [], [])
        self.statuses: Counter[str] = Counter()
        self.took: float | None = None  # seconds of the last batch
        self._inspect = inspect

    def answers(self, batch: Sequence[Text], *, timed: bool) -> list[Answer]:
        """Return the engine's answers, held out where it can."""
        self.took = None
        answers: list[Answer] = []
        if timed or self.held_out is None:
            started = perf_counter()
            answers, _ = self._inspect(self.engine, batch)
            self.took = perf_counter() - started
            self.timed.seconds.append(self.took)
            self.timed.texts.append(len(batch))
        if self.held_out is not None:
            answers, _ = self._inspect(cast("Engine", self.held_out), batch)
        self.statuses.update(answer.status for answer in answers)
        return answers


def _rows(
    runners: Sequence[_Runner], answered: Sequence[list[Answer]], count: int
) -> Iterator[list[tuple[str, Answer]]]:
    """Yield for each text of a batch what every engine answered."""
    names = [runner.engine.name for runner in runners]
    for place in range(count):
        yield [(name, answers[place]) for name, answers in zip(names, answered, strict=True)]


def judged(judgement: Judgement, scored: dict[str, float]) -> Judged:
    """Return what an evaluation needs of a judgement."""
    lines = (*judgement.triggered, *judgement.shadow)
    return Judged(
        scores=scored,
        found=frozenset(line.label for line in lines),
        acted=frozenset(line.label for line in judgement.triggered if acts(line.action)),
        action=judgement.action,
        severity=_highest([line.severity for line in lines if line.severity is not None]),
        spans=tuple(
            FoundSpan(kind(line.rule, evidence.entity), *evidence.span)
            for line in lines
            if line.label == "pii"
            for evidence in line.evidence
            if evidence.span is not None
        ),
    )


def _highest(severities: Sequence[Severity]) -> Severity | None:
    return max(severities, key=SEVERITY_RANK.__getitem__, default=None)


def acts(action: Action) -> bool:
    """Say whether an action is more than to let a text pass: `flag` or stronger."""
    return STRENGTH[action] >= STRENGTH["flag"]
