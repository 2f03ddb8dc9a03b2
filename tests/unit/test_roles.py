"""What runs in each role, with a policy that names the engines with roles of their own and with one that does not."""

from pathlib import Path

import pytest

from streams import topology
from streams.adapters.policies import load
from streams.agents.book import Book
from streams.agents.bridge import Unusable
from streams.agents.emission import Emission
from streams.agents.inspect import Inspect
from streams.agents.velocity import Velocity
from streams.agents.while_wanted import WhileWanted
from streams.core.case import Task
from streams.core.content import Location
from streams.core.judge import judged
from streams.core.policy import PolicyRef
from streams.metrics import Metrics
from streams.roles import RUNNING, running
from streams.roles.bridge import bridge
from streams.roles.parts import ASK_CHUNK, Parts
from streams.settings import Settings
from streams.topology import APART, Role

CASCADE = """
id: cascade
engines:
  blocklist: {lists: [{name: words, terms: [idiot], label: abuse}]}
  velocity_user: {}
  text_llm: {provider: openai, endpoint: "http://127.0.0.1:1/v1", model: any}
  comprehend: {region: us-east-1}
deadline: 45s
"""


def parts(role: Role, policy: Path | None = None) -> Parts:
    """Return what the agents of a role share, without a broker."""
    return Parts(
        settings=Settings(topic_prefix="p.", policy=policy),
        role=role,
        judge=judged,
        book=Book([load(policy)]),
        metrics=Metrics(),
        registry=None,
        emission=Emission("p.", role, "json"),
        connection={},
    )


@pytest.fixture
def cascade(tmp_path: Path) -> Path:
    """Return a policy that names every engine with a role of its own."""
    file = tmp_path / "cascade.yaml"
    file.write_text(CASCADE, "utf-8")
    return file


@pytest.mark.parametrize("role", RUNNING)
@pytest.mark.parametrize("named", [False, True])
async def test_a_role_has_a_flow_for_each_of_its_tables_whatever_the_policy(
    role: Role,
    named: bool,  # noqa: FBT001
    cascade: Path,
) -> None:
    flows, _ = running(role, parts(role, cascade if named else None))
    tables = [spec for spec in topology.TABLES if spec.role == role]
    assert [flow.table.source for flow in flows] == [f"p.{spec.source}" for spec in tables]
    assert [flow.table.topic for flow in flows] == [f"p.{spec.topic}" for spec in tables]


@pytest.mark.parametrize("role", APART)
async def test_a_role_whose_engine_the_policy_does_not_name_answers_all_the_same(role: Role) -> None:
    (flow,), _ = running(role, parts(role))
    assert isinstance(flow._handler, Velocity if role == "velocity_user" else Inspect)


async def test_what_counts_by_author_has_a_handler_of_its_own(cascade: Path) -> None:
    (flow,), _ = running("velocity_user", parts("velocity_user", cascade))
    assert isinstance(flow._handler, Velocity)


async def test_a_rebalance_waits_as_long_as_an_answer_may_take(cascade: Path) -> None:
    (flow,), _ = running("text_llm", parts("text_llm", cascade))
    assert flow._chunk() == ASK_CHUNK
    assert flow.table._times.turn > 45


async def test_judged_pictures_are_followed_where_near_copies_are_wanted(tmp_path: Path) -> None:
    file = tmp_path / "pictures.yaml"
    for near, followed in (("", set()), (", near_duplicates: {max_distance: 4}", {"p.judged-media"})):
        file.write_text(f"id: p\nengines:\n  rekognition: {{region: us-east-1{near}}}\n", "utf-8")
        _, (following,) = running("rekognition", parts("rekognition", file))
        assert isinstance(following, WhileWanted)
        assert following.wanted() == followed


async def test_a_task_on_media_is_inspected_by_the_version_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "pictures.yaml"
    file.write_text("id: p\nengines: {qr: {}}\n", "utf-8")
    shared = parts("media", file)
    (flow,), _ = running("media", shared)
    (loaded,) = shared.book.every
    unread = (("image", Location(url="https://no-such-host.example/a.png")),)

    async def said(ref: PolicyRef) -> list[tuple[str, str, str | None]]:
        outcome = await flow._handler._inspected(Task("i1", "image", unread, ("qr", "ocr"), ref, 0))  # type: ignore[attr-defined]
        assert not outcome.pictures
        return [(report.engine, report.status, report.reason) for report in outcome.reports]

    assert await said(PolicyRef("p", "unheard")) == [
        ("qr", "error", "unknown_policy"),
        ("ocr", "error", "unknown_policy"),
    ]
    known = await said(loaded.policy.ref)
    assert known == [("qr", "error", "host_not_allowed"), ("ocr", "not_evaluated", "engine_not_configured")]


def test_the_bridge_needs_a_queue() -> None:
    with pytest.raises(Unusable, match="MODERATION_SQS_QUEUE"):
        bridge(Settings(), {}, Metrics())
    bridge(Settings(sqs_queue="https://sqs.example/1/uploads"), {}, Metrics())
