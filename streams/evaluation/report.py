"""The report of an evaluation: what `moderation eval --json` prints. None where a figure is not defined.

`file` is the name of a file of rows, None for all files together. Shares, scores and thresholds are 0..1.
"""

import msgspec

from streams.core.action import Action
from streams.core.label import Severity
from streams.core.policy import PolicyRef


class Detection(msgspec.Struct, frozen=True):
    """Yes or no for each row, held against its label."""

    precision: float | None  # None where nothing was found
    recall: float | None  # None without positive rows
    f1: float | None
    macro_f1: float | None  # mean of the F1 of yes and of no; None where all rows are of one class


class Operating(msgspec.Struct, frozen=True):
    """The lowest threshold of the score whose precision is .8 or more: the most recall at that precision."""

    threshold: float
    precision: float
    recall: float


class Calibration(msgspec.Struct, frozen=True):
    """Whether scores are probabilities: rows by score, in bins of equal width from 0 to 1."""

    error: float | None  # mean difference of score and share of positives over the bins, weighted by rows
    brier: float | None  # mean square of score minus truth
    positives: list[int]  # rows of each bin
    negatives: list[int]
    mean: list[float | None]  # score in each bin


class Measured(msgspec.Struct, frozen=True):
    """One label of one file."""

    file: str | None
    label: str  # also `any`: any label of the file, and `spam_or_scam`
    rows: int  # that list the label
    positives: int
    auc: float | None  # area under the ROC curve
    ap: float | None  # average precision
    found: Detection  # a finding of the label triggered a rule, enforced or in shadow, whatever its action
    acted: Detection  # a finding of the label triggered an enforced rule with the action `flag` or a stronger one
    at_precision: Operating | None  # None where no threshold reaches .8
    calibration: Calibration
    curve: list[tuple[float, float, float]]  # threshold, precision, recall; from the highest threshold on


class Benign(msgspec.Struct, frozen=True):
    """What the policy does to harmless rows: those with a negative label and no positive one."""

    file: str | None
    rows: int
    acted: int  # rows whose decision is `flag` or stronger
    share: float | None


class Severities(msgspec.Struct, frozen=True):
    """Severity of rows that have one, against the highest severity of all that triggered."""

    file: str | None
    rows: int
    found: int  # rows for which a severity was found at all
    exact: float  # share of the rows
    exact_of_found: float | None
    macro_f1: float | None  # over the severities that rows have; not found counts as wrong
    confusion: dict[Severity, dict[str, int]]  # of the row -> found, or `none` -> rows


class Spans(msgspec.Struct, frozen=True):
    """Spans of personal data of one kind; one that overlaps another of the same kind is right."""

    file: str | None
    kind: str | None  # None: all kinds together
    given: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None


class Functional(msgspec.Struct, frozen=True):
    """One functional test of a file that has them (`labels.orig.functionality`, as HateCheck)."""

    file: str
    test: str
    label: str
    positive: bool  # whether the test's rows have the label
    rows: int
    right: float  # share of rows where found is what it should be
    naming: int  # harmless rows that name a group (`labels.orig.target`)
    naming_found: int  # of these, found all the same: false positives on identity terms


class Speed(msgspec.Struct, frozen=True):
    """How long an engine took; the one called `in all` is every engine and the judge."""

    engine: str
    texts: int  # that were timed
    ms_mean: float | None  # milliseconds a text
    ms_p50: float | None  # of the batches' means
    ms_p99: float | None
    per_second: float | None  # texts


class EngineReport(msgspec.Struct, frozen=True):
    """How an engine answered."""

    engine: str
    version: str
    statuses: dict[str, int]  # status -> rows
    # Rows that it was trained on and that were scored by models that did not see their group; None: has no such models.
    trained_on: int | None


class Side(msgspec.Struct, frozen=True):
    """All that was measured of one policy."""

    policy: PolicyRef
    measured: list[Measured]
    benign: list[Benign]
    severities: list[Severities]
    spans: list[Spans]
    functional: list[Functional]
    speeds: list[Speed]
    engines: list[EngineReport]
    not_run: list[str]  # engines of the policy that have a role of their own


class MeasuredDifference(msgspec.Struct, frozen=True):
    """One label of one file: the policy's figure minus that of the one it is held against."""

    file: str | None
    label: str
    auc: float | None
    ap: float | None
    f1: float | None  # of what was found
    acted_f1: float | None


class BenignDifference(msgspec.Struct, frozen=True):
    """Harmless rows that are acted on: the policy's minus those of the other."""

    file: str | None
    acted: int
    share: float | None


class Changed(msgspec.Struct, frozen=True):
    """A row whose decision is another one."""

    file: str
    id: str
    before: Action  # under the policy it is held against
    after: Action
    labels_before: list[str]  # that triggered
    labels_after: list[str]


class Difference(msgspec.Struct, frozen=True):
    """The policy held against another one."""

    measured: list[MeasuredDifference]
    benign: list[BenignDifference]
    transitions: dict[str, int]  # `allow -> flag` -> rows
    changed: list[Changed]


class FileReport(msgspec.Struct, frozen=True):
    """One file of rows."""

    file: str
    rows: int  # that were judged
    refused: int  # texts that the stream refuses: over 20,000 characters, or no Unicode
    listed: dict[str, int]  # label -> rows that list it


class Report(msgspec.Struct, frozen=True):
    """An evaluation."""

    created_at: str  # UTC ISO 8601
    files: list[FileReport]
    policy: Side
    against: Side | None = None
    difference: Difference | None = None
