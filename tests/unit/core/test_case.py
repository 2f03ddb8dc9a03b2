from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.case import (
    DECIDED,
    EMPTY,
    Case,
    CaseExpired,
    CaseOpened,
    FindingRecord,
    Step,
    deadline,
    folded,
)
from streams.core.finding import Cost, Evidence, Finding, Report, Status
from streams.core.picture_task import Part
from tests.unit.core.given import NOON, REF

DEADLINE = NOON + 30_000


def opened(*required: str, answered: Sequence[str] = ()) -> CaseOpened:
    return CaseOpened(
        content_id="i1",
        kind="image",
        user_id="u",
        required=required,
        reports=tuple(report(engine) for engine in answered),
        policy=REF,
        deadline_at=DEADLINE,
        received_at=NOON,
    )


def report(engine: str, label: str = "first") -> Report:
    return Report("i1", engine, "1", "ok", findings=(Finding(label),))


def expired(at: int = DEADLINE) -> CaseExpired:
    return CaseExpired("i1", at)


def steps(*records: FindingRecord) -> list[Step]:
    """Fold as the join does: what remains of a decided case is that it was decided."""
    case, found = EMPTY, []
    for record in records:
        step = folded(case, record)
        found.append(step)
        case = DECIDED if step.ready else step.case
    return found


def engines(case: Case) -> list[str]:
    return [found.engine for found in case.reports]


REQUIRED = ("qr", "media_hash", "ocr")
ANSWERED = ("blocklist", "pattern")


@st.composite
def stories(draw: st.DrawFn) -> list[FindingRecord]:
    """All records of one case in any order, each up to three times, and repeats whose answer differs."""
    records: list[FindingRecord] = [opened(*REQUIRED, answered=ANSWERED), *(report(engine) for engine in REQUIRED)]
    more = draw(st.lists(st.sampled_from([*records, *(report(engine, "later") for engine in REQUIRED)]), max_size=8))
    early = draw(st.lists(st.just(expired(DEADLINE - 1)), max_size=2))
    return draw(st.permutations([*records, *more, *early]))


@given(stories())
def test_a_case_is_ready_once_whatever_the_order_and_the_repeats(records: list[FindingRecord]) -> None:
    made = steps(*records)
    (ready,) = [step for step in made if step.ready]
    assert sorted(engines(ready.case)) == sorted((*REQUIRED, *ANSWERED))
    after = made[made.index(ready) + 1 :]
    assert all(step.dropped for step in after)


@given(stories())
def test_of_two_answers_of_an_engine_the_first_counts(records: list[FindingRecord]) -> None:
    (ready,) = [step for step in steps(*records) if step.ready]
    for engine in REQUIRED:
        first = next(record for record in records if isinstance(record, Report) and record.engine == engine)
        assert [found for found in ready.case.reports if found.engine == engine] == [first]


@given(st.permutations([opened(*REQUIRED, answered=ANSWERED), report("qr"), expired()]), st.booleans())
def test_what_has_not_come_at_the_deadline_is_a_timeout(records: list[FindingRecord], again: bool) -> None:  # noqa: FBT001
    # The timer tells of an expired case again and again, so an expiry that came before the opening is no loss.
    made = steps(*records, expired(DEADLINE + 5000), *([expired(DEADLINE + 10_000)] if again else []))
    (ready,) = [step for step in made if step.ready]
    assert sorted(engines(ready.case)) == sorted((*REQUIRED, *ANSWERED))
    missing = [(found.engine, found.reason) for found in ready.case.reports if found.status == "timeout"]
    has_qr = not any(found.engine == "qr" and found.status == "timeout" for found in ready.case.reports)
    assert missing == [(engine, "deadline") for engine in REQUIRED if not (engine == "qr" and has_qr)]
    closed = made.index(ready)
    assert has_qr == (report("qr") in records[: closed + 1])


def test_an_expiry_before_the_deadline_changes_nothing() -> None:
    _, early, late = steps(opened("qr"), expired(DEADLINE - 1), expired(DEADLINE))
    assert early.dropped
    assert not early.ready
    assert late.ready


def test_what_comes_after_the_decision_is_dropped() -> None:
    made = steps(opened("qr"), report("qr"), report("qr", "later"), opened("qr"), expired())
    assert [step.ready for step in made] == [False, True, False, False, False]
    assert [step.dropped for step in made] == [False, False, True, True, True]


def test_a_second_opening_is_dropped() -> None:
    first, second = steps(opened("qr", "ocr"), opened("qr"))
    assert second.dropped
    assert second.case == first.case


def test_a_case_that_asks_nobody_is_ready_at_once() -> None:
    (step,) = steps(opened(answered=("blocklist",)))
    assert step.ready
    assert engines(step.case) == ["blocklist"]


def test_reports_before_the_opening_wait_for_it() -> None:
    made = steps(report("qr"), report("ocr"), opened("qr", "ocr"))
    assert [step.ready for step in made] == [False, False, True]
    assert not any(step.dropped for step in made)


def test_a_report_nobody_asked_for_is_kept_and_closes_nothing() -> None:
    made = steps(opened("qr"), report("extra"), report("qr"))
    assert [step.ready for step in made] == [False, False, True]
    assert engines(made[-1].case) == ["extra", "qr"]


def test_an_error_is_an_answer() -> None:
    made = steps(opened("qr"), Report("i1", "qr", "1", "error", "unreadable"))
    assert made[-1].ready
    assert made[-1].case.reports[0].status == "error"


@pytest.mark.parametrize(
    ("case", "due"),
    [(EMPTY, None), (DECIDED, None), (Case(opened("qr")), DEADLINE), (Case(None, (report("qr"),)), None)],
)
def test_only_an_open_case_has_a_deadline(case: Case, due: int | None) -> None:
    assert deadline(case) == due


@given(stories())
def test_a_stored_case_is_read_back_in_the_middle(records: list[FindingRecord]) -> None:
    decoder = msgspec.msgpack.Decoder(Case)
    case = EMPTY
    for record in records:
        step = folded(case, record)
        case = DECIDED if step.ready else step.case
        assert decoder.decode(msgspec.msgpack.encode(case)) == case


def part(number: int, status: Status = "ok", *, of: int = 2, engine: str = "rekognition", label: str = "") -> Part:
    found = (Finding(label, confidence=90.0),) if label else ()
    return Part("i1", number, of, Report("i1", engine, "1/7.0", status, None, found, cost=Cost(calls=1)))


def test_parts_of_a_report_make_it_whole_in_any_order() -> None:
    first, second = part(0, label="alcohol"), part(1, "error")
    for parts in ((first, second), (second, first)):
        step = folded(folded(folded(EMPTY, opened("rekognition")).case, parts[0]).case, parts[1])
        case = step.case
        assert step.ready
        (report,) = case.reports
        assert (report.engine, report.status, report.cost) == ("rekognition", "error", Cost(calls=2))
        assert [(one.label, one.evidence) for one in report.findings] == [("alcohol", (Evidence(attachment=0),))]
        assert case.parts == ()


def test_one_part_does_not_speak_for_all_and_a_repeated_part_changes_nothing() -> None:
    step = folded(folded(EMPTY, opened("rekognition")).case, part(0))
    assert (step.ready, step.case.reports) == (False, ())
    assert folded(step.case, part(0)).dropped


def test_parts_before_the_opening_count() -> None:
    case = folded(folded(EMPTY, part(0)).case, part(1)).case
    assert folded(case, opened("rekognition")).ready


def test_a_part_that_is_missing_at_the_deadline_is_a_timeout_and_what_the_others_found_is_kept() -> None:
    case = folded(folded(EMPTY, opened("rekognition")).case, part(1, label="alcohol")).case
    step = folded(case, CaseExpired("i1", DEADLINE))
    (report,) = step.case.reports
    assert (step.ready, report.status, report.reason) == (True, "timeout", "deadline")
    assert [one.label for one in report.findings] == ["alcohol"]


def test_parts_of_an_engine_that_has_reported_change_nothing() -> None:
    case = folded(folded(EMPTY, opened("rekognition", "qr")).case, part(0).report).case
    assert folded(case, part(1)).dropped
