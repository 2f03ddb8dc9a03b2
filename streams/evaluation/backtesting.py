"""A policy held against the past: records of three topics in the order of time in, what it would change out."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from streams.adapters.log import Record
from streams.adapters.rereading import Reread
from streams.adapters.wire import Reader, Rejected
from streams.core.arrival import Arrival
from streams.core.case import FindingRecord
from streams.core.comparison import Comparison, Judged
from streams.core.content import Message
from streams.core.decision import Decision
from streams.core.past import Past, Pasts
from streams.core.rejudging import Once, Rejudging
from streams.core.restriction import ENGINE as STANDING
from streams.core.window import fingerprint

# How the stretches are numbered: decisions and findings first, so that they come before texts of the same time.
ACTIONS, MESSAGES, FINDINGS = 0, 1, 2
SLICE: Final = 128  # texts that are judged at once, as the role `screen` does
CLOCKS: Final = 60_000  # milliseconds by which the clocks of producers may differ


class Scope(NamedTuple):
    """What is compared."""

    since: int  # milliseconds since 1970; texts before it only fill conversations
    limit: int | None = None  # most texts
    against: str | None = None  # only what the policy of this id decided


class Change(NamedTuple):
    """A text whose action changes."""

    past: Past
    then: Judged
    decision: Decision


class Backtest:
    """Judges texts once more and counts."""

    def __init__(
        self,
        rejudging: Rejudging,
        comparison: Comparison,
        scope: Scope,
        *,
        record_limit: int,
        changed: Callable[[Change], None] = lambda _change: None,
        shown: Callable[[Message], str] = lambda _message: "",
    ) -> None:
        """Take who is told of each change, and what a sample shows of a text."""
        self.comparison = comparison
        self.rejudging = rejudging
        self._scope = scope
        self._changed = changed
        self._shown = shown
        self._pasts = Pasts()
        self._messages: Reader[Message] = Reader(Message, limit=record_limit)
        self._decisions: Reader[Decision] = Reader(Decision, limit=record_limit)
        self._findings: Reader[Any] = Reader(FindingRecord, limit=record_limit)
        self.unreadable = 0  # records
        self.restricted = 0  # texts that a restriction of their author decided: not compared
        self.nobody = 0  # texts that no policy judged then
        self.others = 0  # texts that a policy other than `against` decided: not compared
        self.unknown: Counter[str] = Counter()  # engine -> texts for which its answer is nowhere
        self.conversations: set[int] = set()  # fingerprints
        self.conversations_changed: set[int] = set()

    @property
    def full(self) -> bool:
        """Say whether as many texts have been compared as were asked for."""
        return self._scope.limit is not None and self.comparison.contents >= self._scope.limit

    def take(self, records: Iterable[Reread]) -> int:
        """Take records in the order of time; return how many of them were texts."""
        waiting: list[Past] = []
        texts = 0
        for number, record in records:
            if number == MESSAGES:
                texts += 1
                message = self._read(self._messages, record)
                if message is not None:
                    waiting.append(self._pasts.of(Arrival(message, record.at)))
                    self._pasts.forget(record.at - CLOCKS)
                if len(waiting) == SLICE:
                    self._judge(waiting)
                    waiting = []
            elif number == ACTIONS:
                decision = self._read(self._decisions, record)
                if decision is not None:
                    self._pasts.decided(decision, record.at)
            else:
                found = self._read(self._findings, record)
                if found is not None:
                    self._pasts.found(found, record.at)
            if self.full:
                return texts
        self._judge(waiting)
        return texts

    def _read(self, reader: Reader[Any], record: Record) -> Any:
        try:
            return reader.read(record.value)
        except Rejected:
            self.unreadable += 1
            return None

    def _judge(self, batch: Sequence[Past]) -> None:
        for once in self.rejudging.judged(batch):
            if once.past.arrival.at >= self._scope.since and not self.full:
                self._compare(once)

    def _compare(self, once: Once) -> None:
        past, decided = once.past, once.past.decided
        message = past.arrival.message
        if decided is not None:
            if self._scope.against is not None and decided.policy.id != self._scope.against:
                self.others += 1
                return
            if any(engine == STANDING for engine, _ in decided.judged.triggered):
                self.restricted += 1
                return
            self.nobody += not decided.answers and decided.policy.id == "none"
        self.unknown.update(once.unknown)
        then = None if decided is None else decided.judged
        shown = self._shown(message)
        changed = self.comparison.add(message.content_id, then, Judged.of(once.decision), shown)
        if message.conversation_id is not None:
            mark = int.from_bytes(fingerprint(message.conversation_id), "big")
            self.conversations.add(mark)
            if changed:
                self.conversations_changed.add(mark)
        if changed and then is not None:
            self._changed(Change(past, then, once.decision))
