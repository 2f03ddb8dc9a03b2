from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import pytest

from streams.adapters.looking import Looked
from streams.adapters.stored import pack
from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.pictures import Pictures
from streams.core.content import Location
from streams.core.finding import Answer, Cost, Report
from streams.core.judged_object import JudgedObject
from streams.core.picture_task import Part, PictureTask
from streams.core.policy import PolicyRef
from streams.core.taxonomy import Label
from streams.core.transcript import Line, Transcript
from streams.engines.rekognition import Glance, Known, Rekognition
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.agents.books import book_of, lent
from tests.unit.agents.picture_tasks import picture_task
from tests.unit.core.given import NOON, policy
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
FINDINGS: Final = Reader(Report | Part, limit=LIMIT)
ONE, TWO = "1" * 64, "2" * 64
DAY: Final = 86_400_000
DOWN: Final = Answer("error", "access_denied")


def engine(**more: Any) -> Rekognition:
    return Rekognition(Rekognition.Config.model_validate({"region": "us-east-1", "keep": "7d", **more}))


def known(at: int = NOON, *, least: float = 60.0, wanted: str = "- - False", **more: Any) -> Known:
    given: dict[str, Any] = {
        "model": "7.0",
        "adapter": True,
        "glances": (Glance((Label("Weapons", "Violence", 93.0),)),),
    }
    return Known(at, wanted, least, **{**given, **more})


def task(content_id: str, sha256: str = ONE, *, left: int = 30_000, number: int = 0, of: int = 1) -> PictureTask:
    return picture_task(content_id, sha256, number=number, of=of, deadline_at=NOON + left)


class Service:
    """Says the same of every picture, and remembers what it was asked."""

    def __init__(self, looked: Looked | None = None) -> None:
        self.looked = looked or Looked(known(), None, 1)
        self.asked: list[tuple[str, int]] = []
        self.is_open = False

    async def __call__(self, task: PictureTask, until_ms: int) -> Looked:
        """Answer."""
        self.asked.append((task.content_id, until_ms))
        return self.looked


def handler(
    service: Service | None, metrics: Metrics | None = None, engines: Sequence[Rekognition] | None = None, **more: Any
) -> Pictures:
    metrics = metrics or Metrics()
    if engines is None:
        engines = [] if service is None else [engine(**more)]
    intake = Intake(
        Reader(PictureTask, limit=LIMIT), topic="tasks-rekognition", dead_letters="dlq", share=0.5, metrics=metrics
    )
    return Pictures(
        intake,
        Emission("", "rekognition", "json"),
        book=book_of(policy(), (), *engines),
        using=lent(service or Service()),
        metrics=metrics,
    )


def records(*tasks: PictureTask) -> list[Record]:
    return [
        Record("tasks-rekognition", 0, number, value=msgspec.json.encode(each), key=each.sha256.encode())
        for number, each in enumerate(tasks)
    ]


def unit(stored: Mapping[str, Known] | None = None) -> Unit:
    return Unit(0, 1, {key.encode(): pack(value) for key, value in (stored or {}).items()}, NOON)


def reports(given: Unit) -> list[Any]:
    return [FINDINGS.read(value) for partition in given.outputs["findings"].values() for _, value, _ in partition]


async def test_equal_pictures_of_a_batch_share_one_call_and_later_ones_none() -> None:
    service, metrics, first = Service(), Metrics(), unit()
    await handler(service, metrics)(records(task("i1"), task("i2"), task("i3", TWO)), first)
    assert [content for content, _ in service.asked] == ["i1", "i3"]
    found = reports(first)
    assert [one.cost for one in found] == [Cost(calls=1), Cost(cached=1), Cost(calls=1)]
    assert [one.content_id for one in found] == ["i1", "i2", "i3"]
    assert {one.engine_version for one in found} == {"1/7.0"}
    assert [line.label for line in found[0].findings] == ["violence"]

    second = Unit(0, 1, {key: value for key, value in first.changes.items() if value is not None}, NOON)
    await handler(service, metrics)(records(task("i4"), task("i5", TWO)), second)
    assert [one.cost for one in reports(second)] == [Cost(cached=1)] * 2
    assert len(service.asked) == 2
    assert not second.changes
    counted = metrics.registry.get_sample_value
    assert counted("moderation_engine_calls_total", {"engine": "rekognition", "result": "made"}) == 2
    assert counted("moderation_engine_calls_total", {"engine": "rekognition", "result": "saved"}) == 3


@pytest.mark.parametrize(
    ("before", "more", "again"),
    [
        (known(), {}, False),
        (known(NOON - 7 * DAY + 1), {}, False),
        (known(NOON - 7 * DAY), {}, True),  # too old
        (known(least=40.0), {}, False),  # says more than is wanted
        (known(least=80.0), {}, True),  # was asked for less
        (known(model="6.1"), {}, False),  # no version is wanted
        (known(), {"model_version": "8.0"}, True),
        (known(), {"detect_text": True}, True),
        (known(), {"project_version": "arn:aws:rekognition:us-east-1:1:project/p/version/v/1"}, True),
    ],
)
async def test_what_is_known_serves_while_it_answers_what_is_wanted(
    before: Known,
    more: dict[str, Any],
    again: bool,  # noqa: FBT001
) -> None:
    service = Service()
    await handler(service, **more)(records(task("i1")), unit({ONE: before}))
    assert bool(service.asked) == again


async def test_a_failure_is_a_report_and_is_not_kept() -> None:
    service, given = Service(Looked(None, DOWN, 2)), unit()
    service.is_open = True
    metrics = Metrics()
    await handler(service, metrics)(records(task("i1"), task("i2")), given)
    found = [(one.status, one.reason, one.cost, one.engine_version) for one in reports(given)]
    assert found == [("error", "access_denied", Cost(calls=2), "1"), ("error", "access_denied", None, "1")]
    assert not given.changes
    counted = metrics.registry.get_sample_value
    assert counted("moderation_engine_circuit_open", {"engine": "rekognition"}) == 1


async def test_nobody_is_asked_for_contents_whose_time_is_over_and_the_one_with_most_time_asks_for_all() -> None:
    service, given = Service(), unit()
    await handler(service)(records(task("i1", left=900), task("i2", TWO, left=900), task("i3", TWO, left=5000)), given)
    assert service.asked == [("i3", NOON + 4000)]
    assert [(one.content_id, one.status) for one in reports(given)] == [("i1", "timeout"), ("i2", "ok"), ("i3", "ok")]


async def test_a_picture_of_several_is_answered_with_a_part() -> None:
    given = unit()
    await handler(Service())(records(task("m1", number=1, of=3)), given)
    (part,) = reports(given)
    assert isinstance(part, Part)
    assert (part.content_id, part.number, part.of, part.report.status) == ("m1", 1, 3, "ok")


async def test_a_version_that_nobody_knows_is_an_error_and_is_not_asked_about() -> None:
    service, given = Service(), unit()
    unheard = msgspec.structs.replace(task("i2"), policy=PolicyRef("test", "unheard"))
    await handler(service)(records(task("i1"), unheard), given)
    assert [(one.content_id, one.status, one.reason) for one in reports(given)] == [
        ("i1", "ok", None),
        ("i2", "error", "unknown_policy"),
    ]
    assert [content for content, _ in service.asked] == ["i1"]


async def test_a_report_names_the_picture_that_was_judged() -> None:
    given = unit()
    await handler(Service())(records(task("i1")), given)
    (report,) = reports(given)
    assert report.objects == (JudgedObject("image", Location(bucket="b", key="k"), ONE, 100),)


async def test_a_policy_without_the_engine_says_that_nobody_looked() -> None:
    given = unit()
    await handler(None)(records(task("i1")), given)
    (report,) = reports(given)
    assert (report.status, report.reason) == ("not_evaluated", "engine_not_configured")


async def test_what_an_operator_should_hear_of_is_counted() -> None:
    odd = known(model="8.0", adapter=False, glances=(Glance((Label("Deepfake", "Synthetic", 88.0),)),))
    metrics = Metrics()
    adapter = "arn:aws:rekognition:us-east-1:1:project/p/version/v/1"
    service = Service(Looked(odd, None, 1))
    given = unit()
    await handler(service, metrics, model_version="7.0", project_version=adapter)(records(task("i1")), given)
    counted = metrics.registry.get_sample_value
    for alarm in ("adapter_expired", "model_version"):
        assert counted("moderation_engine_alarms_total", {"engine": "rekognition", "alarm": alarm}) == 1
    assert counted("moderation_unmapped_labels_total", {"engine": "rekognition"}) == 1
    (report,) = reports(given)
    assert (report.reason, report.engine_version) == ("adapter_expired", "1/8.0")


async def test_a_judge_of_text_that_fails_on_what_was_read_is_an_answer_and_what_was_paid_for_is_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def judge(_: Transcript) -> Answer:
        raise ValueError("call 555 0100")

    reading = engine(detect_text=True)
    reading.hand_to(judge)
    read = known(wanted=reading.wanted, glances=(Glance((), (Line("call 555 0100", (0, 0, 9, 9)),)),))
    given = unit()
    pictures = handler(Service(Looked(read, None, 2)), engines=[reading])
    await pictures(records(task("i1")), given)
    (report,) = reports(given)
    assert (report.status, report.reason, report.cost) == ("error", "engine_failed", Cost(calls=2))
    assert len(given.changes) == 1
    assert "555" not in caplog.text
