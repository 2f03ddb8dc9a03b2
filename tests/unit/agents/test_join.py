"""The handler of `findings`: a case is judged by the version under which it was opened."""

from typing import Any, Final

import msgspec

from streams.adapters.policies import Loaded
from streams.adapters.wire import Reader
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.join import Join
from streams.core.case import CaseOpened, FindingRecord
from streams.core.content import Location
from streams.core.decision import Decision
from streams.core.finding import Answer, Finding, Report, reported
from streams.core.judge import judged
from streams.core.judged_object import JudgedObject
from streams.core.policy import Policy, PolicyRef
from streams.core.rule import Rule
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import loaded_of
from tests.unit.core.given import NOON, REF, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
DECISIONS: Final = Reader(Decision, limit=LIMIT)
NEWER: Final = PolicyRef(REF.id, "new")
ANNOUNCED: Final = JudgedObject("image", Location("b", "k"))
READ: Final = JudgedObject("image", Location("b", "k", "v1", "etag"), "1" * 64, 100)


def blocking(ref: PolicyRef) -> Policy:
    """Return a policy that blocks what the older one lets through with a flag."""
    return msgspec.structs.replace(policy([Rule("qr", "code", "spam", "block")], media=("qr",)), ref=ref)


FLAGGING: Final = policy([Rule("qr", "code", "spam", "flag")], media=("qr",))


def opened(ref: PolicyRef) -> CaseOpened:
    return CaseOpened("i1", "image", "u", ("qr",), (), ref, NOON + 30_000, NOON, objects=(ANNOUNCED,))


def report() -> Report:
    found = reported("i1", "qr", "1", Answer(findings=(Finding("spam", "code"),)), 1.0)
    return msgspec.structs.replace(found, objects=(READ,))


async def decided(book: Book, ref: PolicyRef, metrics: Metrics | None = None) -> Decision:
    """Return the decision on a case that was opened under a version."""
    metrics = metrics or Metrics()
    intake: Intake[Any] = Intake(
        Reader(FindingRecord, limit=LIMIT),
        topic="findings",
        dead_letters="dlq",
        share=0.5,
        metrics=metrics,
    )
    join = Join(intake, Emission("", "join", "json"), book=book, judge=judged, metrics=metrics)
    unit = Unit(0, 1, {}, NOON + 100)
    values = [msgspec.json.encode(each) for each in (opened(ref), report())]
    await join([Record("findings", 0, place, key=b"i1", value=value) for place, value in enumerate(values)], unit)
    ((_, value, _),) = unit.outputs["actions"][0]
    assert value is not None
    return DECISIONS.read(value)


async def test_a_case_is_judged_by_the_version_under_which_it_was_opened() -> None:
    book = Book([loaded_of(FLAGGING)])
    book.take([loaded_of(blocking(NEWER))])
    older, newer = await decided(book, REF), await decided(book, NEWER)
    assert (older.action, older.policy) == ("flag", REF)
    assert (newer.action, newer.policy) == ("block", NEWER)


async def test_a_version_that_this_worker_does_not_hold_is_asked_for() -> None:
    async def older(ref: PolicyRef) -> Loaded | None:
        return loaded_of(FLAGGING) if ref == REF else None

    found = await decided(Book([loaded_of(blocking(NEWER))], older), REF)
    assert (found.action, found.policy) == ("flag", REF)


async def test_in_place_of_a_version_that_nobody_knows_the_one_in_force_judges_and_that_is_said() -> None:
    metrics = Metrics()
    found = await decided(Book([loaded_of(blocking(NEWER))]), REF, metrics)
    assert (found.action, found.policy) == ("block", NEWER)
    assert found.reason.endswith(f"{REF.id} {REF.version}, under which the case was opened, is not known")
    assert metrics.registry.get_sample_value("moderation_unknown_policies_total", {"role": "join"}) == 1


async def test_a_case_of_a_policy_that_is_gone_is_held_for_a_person() -> None:
    gone = PolicyRef("gone", "1")
    found = await decided(Book([loaded_of(FLAGGING)]), gone)
    assert (found.action, found.policy, found.partial) == ("flag", gone, True)
    assert found.reason == "policy gone 1 is not known: held for review"
    assert [line.engine for line in found.reports] == ["qr"]
    assert found.objects == (ANNOUNCED,)


async def test_a_decision_names_the_objects_as_they_were_read() -> None:
    assert (await decided(Book([loaded_of(FLAGGING)]), REF)).objects == (READ,)
