"""The handler of `tasks-velocity-user`: tasks of a partition in, a report each out, marks in the table."""

import asyncio
from typing import Any, Final

import msgspec
import pytest

from streams.adapters.stored import Unpacker
from streams.adapters.wire import Reader, Writer
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.velocity import Velocity, author_key
from streams.core.applies import Claim
from streams.core.case import FindingRecord
from streams.core.finding import Answer, Report
from streams.core.policy import PolicyRef
from streams.core.task import TextTask
from streams.core.velocity import WIDTH, Author
from streams.engines.velocity_user import VelocityUser, VelocityUserConfig
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of, loaded_of
from tests.unit.core.given import REF, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
OFFER: Final = "Claim your free prize at the shop next to the bank"
REPORTS: Final[Reader[Any]] = Reader(FindingRecord, limit=LIMIT)


def task(number: int, user_id: str = "ann", tenant: str | None = None) -> TextTask:
    """Return what is asked about the same text in another conversation, a second later."""
    return TextTask(
        content_id=f"c{number}",
        kind="message",
        user_id=user_id,
        engine="velocity_user",
        text=OFFER,
        policy=REF,
        deadline_at=number * 1000 + 30_000,
        at=number * 1000,
        tenant=tenant,
    )


def record(offset: int, value: TextTask | bytes) -> Record:
    """Return a task as it lies in the log."""
    data = value if isinstance(value, bytes) else msgspec.json.encode(value)
    return Record("tasks-velocity-user", 0, offset, key=b"ann", value=data)


def engine() -> VelocityUser:
    """Return an engine that finds the third of the same texts."""
    limit = {"name": "spread", "kind": "same_text", "most": 2, "within": "60s"}
    return VelocityUser(VelocityUserConfig.model_validate({"limits": [limit], "keep": 5}))


class Broken(VelocityUser):
    """An engine that fails."""

    def judged(self, task: TextTask, marks: bytes) -> Answer:
        """Raise."""
        raise RuntimeError(task.text + str(marks))


def handler(chosen: VelocityUser, metrics: Metrics | None = None) -> Velocity:
    """Return the handler of an engine."""
    metrics = metrics or Metrics()
    intake = Intake(
        Reader(TextTask, limit=LIMIT), topic="tasks-velocity-user", dead_letters="dlq", share=0.5, metrics=metrics
    )
    return Velocity(
        intake,
        Emission("", "velocity_user", "json"),
        book=book_of(policy(apart=("velocity_user",)), (), chosen),
        metrics=metrics,
    )


def test_a_version_that_nobody_knows_is_an_error_and_counts_nothing() -> None:
    unheard = msgspec.structs.replace(task(0), policy=PolicyRef("test", "unheard"))
    unit = worked(handler(engine()), [record(0, unheard)])
    (report,) = reports(unit)
    assert (report.status, report.reason) == ("error", "unknown_policy")
    assert not unit.changes


def test_the_policy_that_looks_back_furthest_has_the_marks_kept() -> None:
    limit = {"name": "spread", "kind": "same_text", "most": 2, "within": "60s"}
    short = VelocityUser(VelocityUserConfig.model_validate({"limits": [limit], "keep": 2}))
    ref = PolicyRef("other", "1")
    other = msgspec.structs.replace(policy(apart=("velocity_user",)), ref=ref, claim=Claim(tenants=frozenset({"acme"})))
    book = Book([loaded_of(policy(apart=("velocity_user",)), (), engine()), loaded_of(other, (), short)])
    metrics = Metrics()
    intake = Intake(Reader(TextTask, limit=LIMIT), topic="tasks", dead_letters="dlq", share=0.5, metrics=metrics)
    both = Velocity(intake, Emission("", "velocity_user", "json"), book=book, metrics=metrics)
    tasks = [msgspec.structs.replace(task(n), policy=ref if n % 2 else REF) for n in range(8)]
    unit = worked(both, [record(n, each) for n, each in enumerate(tasks)])
    (stored,) = unit.changes.values()
    assert stored is not None
    assert len(Unpacker(Author)(stored).marks) == 5 * WIDTH


def reports(unit: Unit) -> list[Report]:
    """Return the reports of a unit, in the order of their content ids."""
    found = [REPORTS.read(value) for sent in unit.outputs["findings"].values() for _, value, _ in sent]
    return sorted(found, key=lambda report: report.content_id)


def worked(chosen: Velocity, batch: list[Record], committed: dict[bytes, bytes] | None = None) -> Unit:
    """Return what a batch wants to write."""
    unit = Unit(0, 4, committed or {}, 0)
    asyncio.run(chosen(batch, unit))
    return unit


def test_each_task_is_answered_and_the_third_of_the_same_texts_is_found() -> None:
    answered = reports(worked(handler(engine()), [record(n, task(n)) for n in range(4)]))

    assert [report.content_id for report in answered] == ["c0", "c1", "c2", "c3"]
    assert [[finding.rule for finding in report.findings] for report in answered] == [[], [], ["spread"], ["spread"]]
    assert [report.findings[0].evidence[0].count for report in answered[2:]] == [3, 4]
    assert {(report.engine, report.engine_version, report.status) for report in answered} == {
        ("velocity_user", "1", "ok")
    }


def test_batches_cut_anywhere_give_the_same_answers() -> None:
    whole = worked(handler(engine()), [record(n, task(n)) for n in range(7)])
    for cut in range(1, 7):
        first = worked(handler(engine()), [record(n, task(n)) for n in range(cut)])
        committed = {key: value for key, value in first.changes.items() if value is not None}
        second = worked(handler(engine()), [record(n, task(n)) for n in range(cut, 7)], committed)

        assert [r.findings for r in reports(first) + reports(second)] == [r.findings for r in reports(whole)]
        assert second.changes == whole.changes


def test_the_table_holds_the_last_marks_of_each_author() -> None:
    unit = worked(handler(engine()), [record(n, task(n, user)) for n, user in enumerate(["ann", "bob"] + ["ann"] * 8)])

    marks = {key: Unpacker(Author)(value or b"").marks for key, value in unit.changes.items()}

    assert {key: len(value) // WIDTH for key, value in marks.items()} == {b"\x1fann": 5, b"\x1fbob": 1}


def test_users_of_two_tenants_are_two_people() -> None:
    tasks = [task(0, tenant="one"), task(1, tenant="two"), task(2)]

    assert len({author_key(each) for each in tasks}) == 3
    assert not any(report.findings for report in reports(worked(handler(engine()), [record(0, t) for t in tasks])))


def test_an_engine_that_fails_is_an_answer_and_its_error_tells_no_text(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    unit = worked(handler(Broken(VelocityUserConfig()), metrics), [record(0, task(0))])

    assert [(report.status, report.reason) for report in reports(unit)] == [("error", "engine_failed")]
    assert unit.changes == {}
    assert "RuntimeError" in caplog.text
    assert OFFER not in caplog.text
    assert (
        metrics.registry.get_sample_value(
            "moderation_engine_requests_total", {"engine": "velocity_user", "result": "item_error"}
        )
        == 1
    )


def test_what_cannot_be_read_is_a_dead_letter_and_the_rest_is_judged() -> None:
    unit = worked(handler(engine()), [record(0, b"{}"), record(1, task(1))])

    assert [report.content_id for report in reports(unit)] == ["c1"]
    assert sum(map(len, unit.outputs["dlq"].values())) == 1


def test_a_task_in_avro_is_read_as_well() -> None:
    unit = worked(handler(engine()), [record(0, Writer("avro", "text_task").write(task(0)))])

    assert [report.content_id for report in reports(unit)] == ["c0"]
