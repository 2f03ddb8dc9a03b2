"""What is asked of each row: does it have this label, or any of these; yes, no, or unknown."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from streams.evaluation.rows import Row
from streams.evaluation.running import Judged

ANY: Final = "any"
SPAM_OR_SCAM: Final = "spam_or_scam"  # two names of one thing in most data
TWINS: Final = frozenset({"spam", "scam"})


class Question(NamedTuple):
    """A label, or several that count as one."""

    name: str
    labels: frozenset[str]

    def truth(self, row: Row) -> bool | None:
        """Return whether a row has one of the labels; None where it lists none of them."""
        if not self.labels.isdisjoint(row.labels.positive):
            return True
        return None if self.labels.isdisjoint(row.labels.negative) else False

    def score(self, judged: Judged) -> float:
        """Return the highest score of the labels, 0 where nobody scored them."""
        return max((judged.scores.get(label, 0.0) for label in self.labels), default=0.0)


def listed(rows: Iterable[Row]) -> frozenset[str]:
    """Return the labels that rows list, as positive or as negative."""
    return frozenset(label for row in rows for label in (*row.labels.positive, *row.labels.negative))


def questions(rows: Iterable[Row], only: Sequence[str] = ()) -> list[Question]:
    """Return what rows can be asked: each label they list, then several as one; `only` some, or all for none."""
    labels = listed(rows)
    asked = [Question(label, frozenset({label})) for label in sorted(labels)]
    if labels >= TWINS:
        asked.append(Question(SPAM_OR_SCAM, TWINS))
    if len(labels) > 1:
        asked.append(Question(ANY, labels))
    return [question for question in asked if not only or question.name in only]
