"""Findings and reports: what an engine says of one content. It proposes nothing; the policy decides."""

from typing import Annotated, Final, Literal, get_args

import msgspec
from msgspec import Meta

from streams.core.content import Count, Id
from streams.core.judged_object import JudgedObject
from streams.core.label import Severity

Status = Literal["ok", "error", "timeout", "skipped", "not_evaluated"]
# An answer that is missing although it was asked for: the policy's failure mode decides.
FAILED: Final[frozenset[str]] = frozenset({"error", "timeout"})
STATUSES: Final[tuple[Status, ...]] = get_args(Status)

Confidence = Annotated[float, Meta(ge=0, le=100)]
Pixel = Annotated[int, Meta(ge=-(2**31), le=2**31)]  # a code may reach over the edge
EntityName = Annotated[str, Meta(max_length=64)]
Score = Annotated[float, Meta(ge=0, le=1)]


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where a finding was seen: exactly one kind of place, in the content or in one of its attachments."""

    span: tuple[Count, Count] | None = None  # [start, end) in characters of the text
    box: tuple[Pixel, Pixel, Pixel, Pixel] | None = None  # left, top, right, bottom in pixels
    frame: tuple[Count, Count] | None = None  # [start, end] in milliseconds
    payload: Annotated[str, Meta(max_length=4096)] | None = None  # what a code says
    hash: str | None = None  # SHA-256 or PDQ, hexadecimal; of a `pii` value `<key id>:<HMAC-SHA256>`
    distance: Count | None = None  # bits that differ from the listed or judged PDQ hash, 0..256
    snippet: str | None = None  # off by default; never set for label `pii`
    attachment: Count | None = None  # index into the message's attachments
    # Texts or links within the window of a limit, this text's included; beside `frame` the sampled frames that show it.
    count: Count | None = None
    entity: EntityName | None = None  # what a value is, such as email or us_ssn; never the value


class Finding(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One answer: a label with a severity, a confidence, or both; never one turned into the other."""

    label: str
    rule: str | None = None  # the list, pattern or filter that found it
    severity: Severity | None = None
    confidence: Confidence | None = None
    threshold: float | None = None
    evidence: tuple[Evidence, ...] = ()


class Answer(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What an engine returns for one subject: findings, or a status with a reason."""

    status: Status = "ok"
    reason: str | None = None  # snake_case, from a closed set of the engine; never content
    findings: tuple[Finding, ...] = ()
    scores: dict[str, Score] | None = None  # label -> 0..1, also below the threshold
    # label -> why nobody looked for it, snake_case: the policy asks for a label for which the engine has no detector
    not_evaluated: dict[str, str] | None = None


NOTHING_FOUND: Final = Answer()


class Cost(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What an answer cost: billed calls, and calls that a cache saved."""

    calls: Count = 0
    cached: Count = 0


class Report(msgspec.Struct, frozen=True, omit_defaults=True, tag="report", tag_field="type", gc=False):
    """All that one engine says of one content; one record on `findings`, keyed by content id."""

    content_id: Id
    engine: str
    engine_version: str
    status: Status
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    scores: dict[str, Score] | None = None
    cost: Cost | None = None
    duration_ms: float = 0.0
    # Of an engine that saw the text apart from the others: the text as others see it if the decision masks.
    masked_text: str | None = None
    not_evaluated: dict[str, str] | None = None  # as in Answer
    objects: tuple[JudgedObject, ...] = ()  # of whoever read them: which bytes were judged


def reported(
    content_id: str,
    engine: str,
    version: str,
    answer: Answer,
    duration_ms: float,
    *,
    cost: Cost | None = None,
    masked_text: str | None = None,
) -> Report:
    """Return an engine's answer as the report on one content."""
    return Report(
        content_id=content_id,
        engine=engine,
        engine_version=version,
        status=answer.status,
        reason=answer.reason,
        findings=answer.findings,
        scores=answer.scores,
        cost=cost,
        duration_ms=duration_ms,
        masked_text=masked_text,
        not_evaluated=answer.not_evaluated,
    )


def answered(report: Report) -> Answer:
    """Return what an engine answered, out of its report."""
    return Answer(report.status, report.reason, report.findings, report.scores, report.not_evaluated)
