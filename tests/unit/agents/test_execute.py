"""The handler of effects: each done once and in order, what fails for now waits, one outcome for each end."""

import asyncio
import base64
import logging
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import boto3
import msgspec
import pytest
from moto.server import ThreadedMotoServer

from streams.adapters.aws import Service
from streams.adapters.breaker import FAILURES
from streams.adapters.executing import Done, Executor, Result
from streams.adapters.fault import Fault
from streams.adapters.mover import Mover
from streams.adapters.stored_object import StoredObjects
from streams.adapters.webhook import Webhook
from streams.adapters.wire import Reader
from streams.agents.emission import Emission
from streams.agents.execute import Bounds, Carrying, Execute
from streams.agents.intake import Intake
from streams.core.carried import FIRST_PAUSE_MS, LONGEST_PAUSE_MS, pause
from streams.core.content import Location
from streams.core.effect import Effect, EffectRecord, EffectsDue, Outcome, Sink
from streams.core.judged_object import JudgedObject
from streams.metrics import Metrics
from streams.runtime.unit import Unit
from tests.unit.adapters.endpoint import HANGS, Endpoint
from tests.unit.core.decisions import made
from tests.unit.core.given import NOON
from tests.unit.runtime.records import Record

LIMIT: Final = 262_144
OUTCOMES: Final = Reader(Outcome, limit=LIMIT)
DAY: Final = 86_400_000
CONCURRENCY: Final = 4  # effects of one sink at a time
UNREACHABLE: Final = Fault("unreachable", "retry")
Answer = Result | Exception | Callable[[], Any]


class Sinks:
    """Stands in for an executor: what each call brings is told beforehand, the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, int, Done | None]] = []

    def endpoint(self, effect: Effect) -> str:
        """Return a host."""
        return effect.target["host"]

    def region(self, effect: Effect) -> str | None:
        """Return the region that an effect names."""
        return effect.target.get("region")

    async def __call__(self, effect: Effect, last: Done | None, until: float) -> Result:
        """Answer."""
        assert until > asyncio.get_running_loop().time()
        self.calls.append((effect.content_id, effect.decision.revision, last))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            await answer()
            return Result("done")
        return answer

    async def close(self) -> None:
        """Close."""


class Role:
    """The handler and its table, with a clock that the test sets; `now` in milliseconds since 1970."""

    def __init__(self, sinks: Executor, sink: Sink = "webhook", timeout: float = 30.0) -> None:
        self.now, self.table, self.metrics = NOON, dict[bytes, bytes](), Metrics()
        intake: Intake[EffectRecord] = Intake(
            Reader(EffectRecord, limit=LIMIT), topic="effects", dead_letters="dlq", share=0.5, metrics=self.metrics
        )
        carrying = Carrying(
            sink,
            sinks,
            Bounds(timeout, patience=3 * DAY / 1000, concurrency=CONCURRENCY),
            self.metrics,
            clock=lambda: self.now / 1000,
            draw=lambda: 1.0,
        )
        self.handler = Execute(intake, Emission("", "execute", "json"), carrying, timeout)
        self.offset = 0

    async def handled(self, *values: EffectRecord | bytes) -> list[tuple[str, int, str, str | None]]:
        """Handle a batch; return content id, revision, status and reason of its outcomes."""
        batch = []
        for value in values:
            data = value if isinstance(value, bytes) else msgspec.json.encode(value)
            batch.append(Record("effects", 0, self.offset, key=b"c", value=data))
            self.offset += 1
        unit = Unit(0, 1, self.table, self.now)
        await self.handler(batch, unit)
        self.table.update({key: value for key, value in unit.changes.items() if value is not None})
        told = [OUTCOMES.read(value) for sent in unit.outputs["outcomes"].values() for _, value, _ in sent]
        self.told = told
        return [(one.content_id, one.revision, one.status, one.reason) for one in told]

    def due(self, content_id: str = "c1") -> int | None:
        """Return when a content wants attention, milliseconds after noon."""
        moment = self.handler.due(self.table[content_id.encode()])
        return None if moment is None else moment - NOON

    def count(self, result: str) -> float:
        """Return how many effects had a result."""
        labels = {"sink": "webhook", "work": "post", "result": result}
        return self.metrics.registry.get_sample_value("moderation_effects_total", labels) or 0.0


def effect(
    revision: int = 0, content_id: str = "c1", name: str = "post", host: str = "h", sink: Sink = "webhook"
) -> Effect:
    return Effect(
        content_id=content_id,
        sink=sink,
        name=name,
        work="quarantine" if sink == "s3" else "post",
        decision=made(content_id=content_id, revision=revision),
        target={"host": host},
        at=NOON,
    )


DONE: Final = Result("done")


async def test_an_effect_is_carried_out_and_told_with_its_decision() -> None:
    role = Role(Sinks(DONE))
    assert await role.handled(effect()) == [("c1", 0, "done", None)]
    (outcome,) = role.told
    decision = effect().decision
    assert (outcome.decision_id, outcome.sink, outcome.name, outcome.work) == (
        decision.decision_id,
        "webhook",
        "post",
        "post",
    )
    assert (outcome.at, outcome.attempts) == (NOON, 1)
    assert role.due() is None


async def test_outcomes_name_the_region_that_their_effect_went_to_whatever_became_of_it() -> None:
    role = Role(Sinks(DONE, UNREACHABLE, Fault("too_large", "item")))
    regions = {3: {"region": "eu-west-1"}, 4: {"region": "us-east-2"}, 5: {}, 2: {"region": "ap-south-1"}}
    await role.handled(
        *(msgspec.structs.replace(effect(number), target={"host": "h", **named}) for number, named in regions.items())
    )
    assert [(one.revision, one.status, one.region) for one in role.told] == [
        (3, "done", "eu-west-1"),
        (4, "waiting", "us-east-2"),
        (4, "superseded", "us-east-2"),
        (5, "failed", None),
        (2, "superseded", "ap-south-1"),
    ]


async def test_a_repeat_is_counted_and_changes_nothing() -> None:
    sinks = Sinks(DONE)
    role = Role(sinks)
    assert len(await role.handled(effect(), effect())) == 1
    assert await role.handled(effect()) == []
    assert len(sinks.calls) == 1
    assert role.count("repeated") == 2


async def test_effects_of_a_content_are_done_in_their_order_and_older_ones_never_after_newer_ones() -> None:
    sinks = Sinks(DONE)
    role = Role(sinks)
    assert await role.handled(effect(0), effect(2), effect(1)) == [
        ("c1", 0, "done", None),
        ("c1", 2, "done", None),
        ("c1", 1, "superseded", "newer_decision"),
    ]
    assert [(revision, last.revision if last else None) for _, revision, last in sinks.calls] == [(0, None), (2, 0)]


async def test_effects_of_other_names_stand_apart_but_stored_objects_lie_in_one_place() -> None:
    role = Role(Sinks(DONE))
    await role.handled(effect(1))
    assert await role.handled(effect(0, name="other")) == [("c1", 0, "done", None)]
    stored = Role(Sinks(DONE), "s3")
    await stored.handled(effect(1, sink="s3"))
    assert await stored.handled(effect(0, name="other", sink="s3")) == [("c1", 0, "superseded", "newer_decision")]


async def test_what_fails_for_now_waits_and_is_tried_again_when_it_is_due() -> None:
    role = Role(Sinks(UNREACHABLE, UNREACHABLE, DONE))
    assert await role.handled(effect()) == [("c1", 0, "waiting", "unreachable")]
    assert role.due() == FIRST_PAUSE_MS
    assert await role.handled(EffectsDue("c1", NOON)) == []  # too early
    role.now += FIRST_PAUSE_MS
    assert await role.handled(EffectsDue("c1", role.now)) == []  # told once that it waits
    assert role.due() == FIRST_PAUSE_MS + 2 * FIRST_PAUSE_MS
    role.now += 2 * FIRST_PAUSE_MS
    assert await role.handled(EffectsDue("c1", role.now)) == [("c1", 0, "done", None)]
    assert (role.told[0].attempts, role.due()) == (3, None)
    assert (role.count("retried"), role.count("waiting")) == (2, 1)


async def test_a_sink_that_asks_to_be_left_alone_is() -> None:
    role = Role(Sinks(Fault("throttled", "retry", after=77.0)))
    await role.handled(effect())
    assert role.due() == 77_000
    role = Role(Sinks(Result("retry", "busy_there", after=33.0)))
    assert await role.handled(effect()) == [("c1", 0, "waiting", "busy_there")]
    assert role.due() == 33_000


async def test_after_three_days_it_has_failed(caplog: pytest.LogCaptureFixture) -> None:
    role = Role(Sinks(UNREACHABLE))
    await role.handled(effect())
    role.now += 3 * DAY
    with caplog.at_level(logging.CRITICAL):
        assert await role.handled(EffectsDue("c1", role.now)) == [("c1", 0, "failed", "unreachable")]
    assert role.due() is None
    assert await role.handled(effect()) == []  # and is not tried once more


async def test_a_newer_decision_makes_moot_what_waits() -> None:
    role = Role(Sinks(UNREACHABLE, DONE))
    await role.handled(effect(0))
    assert await role.handled(effect(1)) == [("c1", 0, "superseded", "newer_decision"), ("c1", 1, "done", None)]
    assert await role.handled(effect(0)) == [("c1", 0, "superseded", "newer_decision")]
    assert role.due() is None


async def test_what_is_the_effects_own_fault_is_not_tried_again() -> None:
    role = Role(Sinks(Fault("too_large", "item")))
    assert await role.handled(effect()) == [("c1", 0, "failed", "too_large")]
    assert role.due() is None


async def test_a_sink_that_hangs_is_cut_off() -> None:
    role = Role(Sinks(asyncio.Event().wait), timeout=0.01)
    role.handler = Execute(role.handler._intake, role.handler._emission, role.handler._carrying, timeout=30.0)
    assert await role.handled(effect()) == [("c1", 0, "waiting", "timeout")]


async def test_a_batch_that_has_taken_its_time_leaves_the_rest_for_the_next() -> None:
    sinks = Sinks(DONE)
    role = Role(sinks, timeout=0.1)  # less than what it takes to begin another
    assert await role.handled(effect()) == [("c1", 0, "waiting", "busy")]
    assert sinks.calls == []
    assert role.told[0].attempts == 0
    assert role.due() == 0


async def test_an_endpoint_that_is_down_is_left_alone_and_the_others_are_not() -> None:
    sinks = Sinks(*[UNREACHABLE] * FAILURES, DONE)
    role = Role(sinks)
    for number in range(FAILURES):
        await role.handled(effect(content_id=f"c{number}"))
    assert await role.handled(effect(content_id="c9")) == [("c9", 0, "waiting", "circuit_open")]
    assert len(sinks.calls) == FAILURES
    assert await role.handled(effect(content_id="c9", name="there", host="other")) == [("c9", 0, "done", None)]
    sample = role.metrics.registry.get_sample_value("moderation_effects_circuits_open", {"sink": "webhook"})
    assert sample == 1


async def test_an_executor_that_crashes_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    role = Role(Sinks(ZeroDivisionError("secret"), DONE))
    with caplog.at_level(logging.CRITICAL):
        assert await role.handled(effect()) == [("c1", 0, "waiting", "executor_failed")]
    assert "secret" not in caplog.text


async def test_an_effect_that_does_not_say_where_to_has_failed() -> None:
    role = Role(Sinks(DONE))
    bare = msgspec.structs.replace(effect(), target={})
    assert await role.handled(bare) == [("c1", 0, "failed", "incomplete_target")]


async def test_contents_are_handled_side_by_side() -> None:
    together = asyncio.Barrier(2)
    role = Role(Sinks(together.wait))
    async with asyncio.timeout(60):
        found = await role.handled(effect(content_id="c1"), effect(content_id="c2"))
    assert [status for _, _, status, _ in found] == ["done", "done"]


POSTS: Final = 3 * CONCURRENCY
MOVES: Final = 20  # batches of one object, one after the other
PATIENT: Final = 30.0  # seconds that a post may take
AT_ONCE: Final = 5.0  # seconds for such a batch: on a busy machine 0.4 for the first, which connects, else 0.08


@pytest.fixture
async def stored(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Mover, list[Effect]]]:
    """Yield what moves objects in an S3 server, and effects that quarantine one object each."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint, effects = f"http://{host}:{port}", []
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
    for bucket in ("uploads", "held"):
        s3.create_bucket(Bucket=bucket)
    for number in range(MOVES):
        etag = s3.put_object(Bucket="uploads", Key=f"k{number}", Body=b"judged")["ETag"].strip('"')
        one = JudgedObject("image", Location(bucket="uploads", key=f"k{number}", etag=etag))
        away = effect(content_id=f"c{number}", sink="s3")
        decided = made(f"c{number}", action="block", objects=(one,))
        effects.append(msgspec.structs.replace(away, decision=decided, target={"bucket": "held"}))
    mover = Mover(StoredObjects(Service("s3", "us-east-1", endpoint, PATIENT, 4)))
    yield mover, effects
    await mover.close()
    s3.close()
    server.stop()


async def test_a_webhook_that_never_answers_delays_no_stored_object(
    stored: tuple[Mover, list[Effect]], tmp_path: Path
) -> None:
    secret, (mover, moves) = tmp_path / "secret", stored
    secret.write_text("whsec_" + base64.b64encode(bytes(32)).decode())
    async with Endpoint(HANGS) as endpoint:
        webhook = Webhook([endpoint.url.removeprefix("http://")], "/execute")
        target = {"url": endpoint.url, "secret_files": str(secret), "allow_private": "true"}
        target["timeout_ms"] = str(int(PATIENT * 1000))
        posts = [msgspec.structs.replace(effect(content_id=f"p{number}"), target=target) for number in range(POSTS)]
        posting_role, moving_role = Role(webhook, timeout=PATIENT), Role(mover, "s3", timeout=PATIENT)

        posting = asyncio.create_task(posting_role.handled(*posts))
        async with asyncio.timeout(PATIENT):
            await endpoint.arrived.wait()
        seconds = []
        for move in moves:
            began = time.monotonic()
            assert await moving_role.handled(move) == [(move.content_id, 0, "done", None)]
            seconds.append(time.monotonic() - began)
        assert not posting.done()  # no try of a post has come to its end
        assert len(endpoint.requests) <= CONCURRENCY
        assert max(seconds) < AT_ONCE, f"longest {max(seconds):.2f} s"
    # The endpoint has gone: all wait for another try.
    async with asyncio.timeout(PATIENT):
        ends = await posting
    assert {(status, reason) for _, _, status, reason in ends} <= {
        ("waiting", "unreachable"),
        ("waiting", "circuit_open"),
    }
    assert len(ends) == POSTS
    await webhook.close()


async def test_what_cannot_be_read_is_a_dead_letter() -> None:
    role = Role(Sinks(DONE))
    assert await role.handled(b"{", effect()) == [("c1", 0, "done", None)]


async def test_what_waits_or_was_moved_or_revised_is_remembered() -> None:
    role = Role(Sinks(DONE, DONE, UNREACHABLE))
    await role.handled(effect(0, "plain"))
    await role.handled(effect(1, "revised"))
    await role.handled(effect(0, "waits"))
    kept = {key.decode() for key, value in role.table.items() if role.handler.kept(value, NOON - DAY)}
    assert kept == {"revised", "waits"}
    assert not role.handler.kept(role.table[b"revised"], NOON + 1)
    moved = Role(Sinks(DONE), "s3")
    await moved.handled(effect(0, sink="s3"))
    assert moved.handler.kept(moved.table[b"c1"], NOON)


@pytest.mark.parametrize(
    ("attempts", "asked", "draw", "expected"),
    [
        (1, 0, 1.0, FIRST_PAUSE_MS),
        (1, 0, 0.0, FIRST_PAUSE_MS // 2),
        (3, 0, 1.0, 4 * FIRST_PAUSE_MS),
        (1000, 0, 1.0, LONGEST_PAUSE_MS),
        (1, 3_600_000, 1.0, 3_600_000),
    ],
)
def test_pauses_double_up_to_a_limit(attempts: int, asked: int, draw: float, expected: int) -> None:
    assert pause(attempts, asked, draw) == expected
