"""A case: one content that waits for the reports of several engines, folded from `findings` in any order.

Opened, reported and expired may come in any order and any number of times; the case closes once.
"""

from typing import Final

import msgspec

from streams.core.content import Id, Location, Milliseconds
from streams.core.finding import Report
from streams.core.judged_object import JudgedObject
from streams.core.label import Kind
from streams.core.picture_task import Part, whole
from streams.core.policy import PolicyRef

FINDING_TAG: Final = "type"


class Task(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What media engines are asked to inspect; one record on `tasks-media`, keyed by content id."""

    content_id: Id
    kind: Kind  # of the content; an attachment's own kind stands beside its location
    objects: tuple[tuple[str, Location], ...]  # ("image" | "video", where the bytes lie), in the order of the content
    engines: tuple[str, ...]  # each of them must answer
    policy: PolicyRef
    deadline_at: Milliseconds
    tenant: str | None = None


class CaseOpened(msgspec.Struct, frozen=True, omit_defaults=True, tag="case_opened", tag_field=FINDING_TAG, gc=False):
    """The first word on a content that needs more than one answer; holds no text beyond the masked one."""

    content_id: Id
    kind: Kind
    user_id: str
    required: tuple[str, ...]  # engines whose reports come later
    reports: tuple[Report, ...]  # of engines that have answered already
    policy: PolicyRef
    deadline_at: Milliseconds
    received_at: Milliseconds
    context: tuple[str, ...] = ()
    conversation_id: str | None = None
    tenant: str | None = None
    role: str | None = None
    masked_text: str | None = None  # used when the decision masks
    objects: tuple[JudgedObject, ...] = ()  # as announced; reports say what lay there
    # What the parts of the policy's conditions that need no findings come to, in its order, each as JSON; empty where
    # it cannot be said. The join has neither the text nor the window.
    early: tuple[str, ...] = ()
    trusted: bool | None = None  # the platform's word on the user
    user_created_at: Milliseconds | None = None
    resubmits: Id | None = None
    previous: Id | None = None  # the author's text before it in its conversation, at most ten minutes older


class CaseExpired(msgspec.Struct, frozen=True, tag="case_expired", tag_field=FINDING_TAG, gc=False):
    """The deadline of an open case has passed: judge with what is there."""

    content_id: Id
    at: Milliseconds


FindingRecord = CaseOpened | Report | Part | CaseExpired


class Case(msgspec.Struct, frozen=True, gc=False):
    """What is known of one content so far; after its decision only that it was decided."""

    opened: CaseOpened | None = None
    reports: tuple[Report, ...] = ()  # one per engine, the first that came
    decided: bool = False
    parts: tuple[Part, ...] = ()  # of engines that have not said everything, one per engine and object


class Step(msgspec.Struct, frozen=True, gc=False):
    """What one record made of a case."""

    case: Case
    ready: bool = False  # judge now: `case` holds all reports, those that are missing as `timeout`
    dropped: bool = False  # the record changed nothing: a repeat, or too late


EMPTY: Final = Case()
DECIDED: Final = Case(decided=True)


def folded(case: Case, record: FindingRecord) -> Step:
    """Return the case after one more record of its content."""
    if case.decided:
        return Step(case, dropped=True)
    match record:
        case CaseOpened():
            if case.opened is not None:
                return Step(case, dropped=True)
            return _checked(Case(record, _joined(record.reports, case.reports), parts=case.parts))
        case Report():
            return _reported(case, record)
        case Part():
            return _partly(case, record)
        case CaseExpired():
            return _expired(case, record)


def deadline(case: Case) -> int | None:
    """Return the moment at which an open case expires, milliseconds since 1970; None when it is not open."""
    return None if case.opened is None or case.decided else case.opened.deadline_at


def _reported(case: Case, report: Report) -> Step:
    if any(each.engine == report.engine for each in case.reports):
        return Step(case, dropped=True)
    parts = tuple(part for part in case.parts if part.report.engine != report.engine)
    return _checked(Case(case.opened, (*case.reports, report), parts=parts))


def _partly(case: Case, part: Part) -> Step:
    engine = part.report.engine
    known = [each for each in case.parts if each.report.engine == engine]
    if any(each.number == part.number for each in known) or any(each.engine == engine for each in case.reports):
        return Step(case, dropped=True)
    if len(known) + 1 < part.of:
        return _checked(Case(case.opened, case.reports, parts=(*case.parts, part)))
    return _reported(case, whole((*known, part)))


def _expired(case: Case, expired: CaseExpired) -> Step:
    if case.opened is None or expired.at < case.opened.deadline_at:
        return Step(case, dropped=True)
    reports = _joined(case.reports, tuple(whole(parts) for parts in _by_engine(case.parts)))
    return Step(Case(case.opened, _joined(reports, _missing(Case(case.opened, reports)))), ready=True)


def _by_engine(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    engines = dict.fromkeys(part.report.engine for part in parts)
    return [tuple(part for part in parts if part.report.engine == engine) for engine in engines]


def _checked(case: Case) -> Step:
    if case.opened is None:
        return Step(case)
    answered = {report.engine for report in case.reports}
    return Step(case, ready=answered.issuperset(case.opened.required))


def _joined(first: tuple[Report, ...], second: tuple[Report, ...]) -> tuple[Report, ...]:
    engines = {report.engine for report in first}
    return (*first, *(report for report in second if report.engine not in engines))


def _missing(case: Case) -> tuple[Report, ...]:
    opened = case.opened
    answered = {report.engine for report in case.reports}
    return tuple(
        Report(opened.content_id, engine, "", "timeout", "deadline")
        for engine in (opened.required if opened else ())
        if opened is not None and engine not in answered
    )
