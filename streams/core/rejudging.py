"""Judging once more: texts as they were screened and what was answered then in, decisions under another policy out.

No engine with a role of its own and none for media is asked: their stored reports serve. An inline engine that is the
same as then is not asked either: the decision says what it found.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from streams.core.case import Case as Gathered
from streams.core.case import CaseOpened
from streams.core.decision import Decision
from streams.core.engine import Engine, Text
from streams.core.finding import Answer, Report, reported
from streams.core.judge import judged, judged_case
from streams.core.opening import Case
from streams.core.panel import Panel, Panels
from streams.core.past import Past
from streams.core.picture_task import whole
from streams.core.policy import Policy, PolicyRef
from streams.core.screen import Inspect, Limits, Repeated, screened
from streams.core.window import EMPTY, Window

# Conversations that are remembered, those used last: a bound for the memory, 1.2 GB at worst.
REMEMBERED: Final = 200_000
UNKNOWN: Final = Answer("not_evaluated", "no_stored_answer")
"""Stands for the answer of an engine that is not asked again, and whose answer is nowhere."""


class Once(NamedTuple):
    """A text judged once more."""

    past: Past
    decision: Decision
    unknown: tuple[str, ...]  # engines whose answers are nowhere


class Rejudging:
    """Judges texts by one policy, in the order of the log, and remembers their conversations."""

    def __init__(
        self,
        panel: Panel,
        inspect: Inspect,
        limits: Limits,
        unchanged: Callable[[PolicyRef], AbstractSet[str]],
    ) -> None:
        """Take who says which inline engines answer as they did under another version of a policy."""
        self._panels = Panels([panel])
        self._policy = panel.policy
        self._limits = limits
        self._inspect = inspect
        self._unchanged = unchanged
        self._remembers = not reads_scores(panel.policy)
        self._windows: OrderedDict[bytes, Window] = OrderedDict()
        self.asked = 0  # texts that inline engines were asked about, one for each engine
        self.repeated = 0  # contents that their conversations had seen before
        self.unclaimed = 0  # contents that the policy does not judge

    def judged(self, batch: Sequence[Past]) -> Iterator[Once]:
        """Yield each text that the policy judges, judged once more; all of a batch are judged before the first."""
        arrivals = [past.arrival for past in batch]
        now = max((arrival.at for arrival in arrivals), default=0)
        screening = screened(
            arrivals,
            lambda key: self._windows.get(key, EMPTY),
            panels=self._panels,
            inspect=lambda engine, texts: (self._answers(engine, texts, batch), 0.0),
            judge=judged,
            limits=self._limits,
            now=now,
        )
        self._remember(screening.windows)
        for past, outcome in zip(batch, screening.outcomes, strict=True):
            if isinstance(outcome, Repeated):
                self.repeated += 1
            elif isinstance(outcome, Case):
                yield self._closed(past, outcome.opened, now)
            elif outcome.policy != self._policy.ref:
                self.unclaimed += 1
            else:
                yield Once(past, outcome, ())

    def _answers(self, engine: Engine, texts: Sequence[Text], batch: Sequence[Past]) -> list[Answer]:
        known = [self._known(engine, past) for past in _in_order(texts, batch)]
        asking = [text for text, answer in zip(texts, known, strict=True) if answer is None]
        if not asking:
            return [answer for answer in known if answer is not None]
        self.asked += len(asking)
        new = iter(self._inspect(engine, asking)[0])
        return [next(new) if answer is None else answer for answer in known]

    def _known(self, engine: Engine, past: Past) -> Answer | None:
        decided = past.decided
        if decided is None or not self._remembers or engine.name not in self._unchanged(decided.policy):
            return None
        found = decided.answer(engine.name)
        return None if found is None or found.version != engine.version else found.answer

    def _closed(self, past: Past, opened: CaseOpened, now: int) -> Once:
        """Close a case by what was answered then."""
        stored = {report.engine: report for report in reports_of(past.gathered)}
        reports = [stored.get(engine) or _remembered(past, engine) for engine in opened.required]
        unknown = tuple(report.engine for report in reports if report.reason == UNKNOWN.reason)
        decision = judged_case(self._policy, opened, (*opened.reports, *reports), judged, now)
        return Once(past, decision, unknown)

    def _remember(self, windows: dict[bytes, Window]) -> None:
        for key, window in windows.items():
            self._windows[key] = window
            self._windows.move_to_end(key)
        while len(self._windows) > REMEMBERED:
            self._windows.popitem(last=False)


def reads_scores(policy: Policy) -> bool:
    """Say whether a policy asks for scores of inline engines: no decision has them, so the engines must be asked."""
    reading = policy.composites is not None and "scores" in policy.composites.conditions.needs
    return reading or any(asking.scores for asking in policy.asking.values())


def reports_of(gathered: Gathered | None) -> tuple[Report, ...]:
    """Return the reports of a case, what came of an engine in parts as one."""
    if gathered is None:
        return ()
    engines = dict.fromkeys(part.report.engine for part in gathered.parts)
    return (
        *gathered.reports,
        *(whole(tuple(part for part in gathered.parts if part.report.engine == engine)) for engine in engines),
    )


def _remembered(past: Past, engine: str) -> Report:
    """Return what the decision tells of an engine's answer."""
    content_id = past.arrival.message.content_id
    found = None if past.decided is None else past.decided.answer(engine)
    if found is None:
        return reported(content_id, engine, "", UNKNOWN, 0.0)
    return reported(content_id, engine, found.version or "", found.answer, 0.0)


def _in_order(texts: Sequence[Text], batch: Sequence[Past]) -> Iterator[Past]:
    """Yield what each text of a batch was made from: some were left out, their order is the same."""
    places = iter(batch)
    for text in texts:
        for past in places:
            message = past.arrival.message
            if message.text is text.text and message.user.id is text.user_id and past.arrival.at == text.at:
                yield past
                break
