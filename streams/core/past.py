"""What became of texts: decisions and findings in, before the texts that they are about; texts with their pasts out."""

from collections import OrderedDict
from typing import NamedTuple

from streams.core.arrival import Arrival
from streams.core.case import EMPTY, Case, FindingRecord, folded
from streams.core.decision import Decision
from streams.core.recollection import Recollection, Recollections


class Past(NamedTuple):
    """A text, and what is known of its first judgement."""

    arrival: Arrival
    decided: Recollection | None  # None where no decision was found
    gathered: Case | None  # its case, None where none was found


class Pasts:
    """Decisions and cases that wait for their texts. Times in milliseconds since 1970, as the log has them."""

    def __init__(self) -> None:
        self._recollections = Recollections()
        self._decided: OrderedDict[str, tuple[int, Recollection]] = OrderedDict()
        self._gathered: OrderedDict[str, tuple[int, Case]] = OrderedDict()

    def decided(self, decision: Decision, at: int) -> None:
        """Take a decision; what moderators made of it later is no judgement of a policy."""
        if decision.revision == 0:
            self._decided[decision.content_id] = at, self._recollections.of(decision)

    def found(self, record: FindingRecord, at: int) -> None:
        """Take a record of `findings`."""
        _, case = self._gathered.pop(record.content_id, (at, EMPTY))
        self._gathered[record.content_id] = at, folded(case, record).case

    def of(self, arrival: Arrival) -> Past:
        """Return a text with its past, which is then forgotten."""
        content_id = arrival.message.content_id
        _, decided = self._decided.pop(content_id, (0, None))
        _, gathered = self._gathered.pop(content_id, (0, None))
        return Past(arrival, decided, gathered)

    def forget(self, before: int) -> None:
        """Forget what came before a moment: it is about texts before it."""
        _forget(self._decided, before)
        _forget(self._gathered, before)

    def __len__(self) -> int:
        """Return how many decisions and cases wait."""
        return len(self._decided) + len(self._gathered)


def _forget(
    waiting: OrderedDict[str, tuple[int, Recollection]] | OrderedDict[str, tuple[int, Case]], before: int
) -> None:
    while waiting:
        content_id = next(iter(waiting))
        if waiting[content_id][0] >= before:
            return
        del waiting[content_id]
