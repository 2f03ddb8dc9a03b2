"""Two policies over the same rows in, the differences out: figures, and ids of rows with another decision."""

from collections import Counter
from collections.abc import Sequence

from streams.evaluation.report import BenignDifference, Changed, Difference, MeasuredDifference, Side
from streams.evaluation.rows import LabelledFile
from streams.evaluation.running import Judged


def difference(
    files: Sequence[LabelledFile], policy: Side, against: Side, after: Sequence[Judged], before: Sequence[Judged]
) -> Difference:
    """Return what changes from `against` to `policy`."""
    rows = [(file.name, row.id) for file in files for row in file.rows]
    changed = [
        Changed(file, row, old.action, new.action, sorted(old.found), sorted(new.found))
        for (file, row), old, new in zip(rows, before, after, strict=True)
        if old.action != new.action
    ]
    return Difference(
        measured=[
            MeasuredDifference(
                new.file,
                new.label,
                minus(new.auc, old.auc),
                minus(new.ap, old.ap),
                minus(new.found.f1, old.found.f1),
                minus(new.acted.f1, old.acted.f1),
            )
            for new, old in zip(policy.measured, against.measured, strict=True)  # the same rows: the same lines
        ],
        benign=[
            BenignDifference(new.file, new.acted - old.acted, minus(new.share, old.share))
            for new, old in zip(policy.benign, against.benign, strict=True)
        ],
        transitions=dict(Counter(f"{row.before} -> {row.after}" for row in changed).most_common()),
        changed=changed,
    )


def minus(new: float | None, old: float | None) -> float | None:
    """Return new - old, None where one of them is not defined."""
    return None if new is None or old is None else new - old
