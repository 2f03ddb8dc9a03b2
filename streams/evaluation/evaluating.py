"""An evaluation: rows and one or two policies in, the report out."""

from collections.abc import Sequence
from typing import NamedTuple

from streams.adapters.policies import Loaded
from streams.core.screen import Inspect
from streams.evaluation.comparison import difference
from streams.evaluation.measuring import file_report, side
from streams.evaluation.question import questions
from streams.evaluation.report import Report, Side
from streams.evaluation.rows import LabelledFile
from streams.evaluation.running import BATCH, Advance, Judged, run
from streams.evaluation.subject import subject


class Means(NamedTuple):
    """What an evaluation is done with."""

    inspect: Inspect
    width: int  # characters of each earlier text that a window keeps
    batch: int = BATCH  # texts


class UnknownLabels(ValueError):
    """Labels that no row lists; the text names those that rows list."""


def check(files: Sequence[LabelledFile], only: Sequence[str]) -> None:
    """Raise UnknownLabels unless the rows can be asked for all labels of `only`."""
    known = [question.name for question in questions(row for file in files for row in file.rows)]
    unknown = [label for label in only if label not in known]
    if unknown:
        raise UnknownLabels(f"{', '.join(unknown)}: no row lists it; rows list {', '.join(known) or 'no label'}")


def evaluated(
    files: Sequence[LabelledFile],
    policy: Loaded,
    against: Loaded | None,
    means: Means,
    only: Sequence[str],
    advance: Advance,
    now: str,
) -> Report:
    """Return the report on a policy, held against another one if there is one; `now` as UTC ISO 8601."""
    rows = [row for file in files for row in file.rows]
    sides: list[Side] = []
    answers: list[Sequence[Judged]] = []
    for loaded in (policy, against) if against else (policy,):
        texts = [subject(row, number, means.width, loaded.policy.marks) for number, row in enumerate(rows)]
        engines = [engine for engine in loaded.engines if engine.accepts == "text"]
        answered = run(texts, loaded.policy, engines, means.inspect, advance, means.batch)
        sides.append(side(files, answered, loaded.policy, engines, only))
        answers.append(answered.judged)
    return Report(
        created_at=now,
        files=[file_report(file) for file in files],
        policy=sides[0],
        against=sides[1] if against else None,
        difference=difference(files, sides[0], sides[1], answers[0], answers[1]) if against else None,
    )
