"""What the demonstration says of its sample."""

import msgspec
import pytest

from streams.core.decision import Decision
from streams.core.policy import PolicyRef
from streams.embedded.sample import Record, Sample
from streams.embedded.summary import Summary, quantile

DECISION = Decision(
    decision_id="d",
    content_id="a",
    kind="message",
    user_id="u",
    revision=0,
    action="flag",
    labels=("pii",),
    triggered=(),
    shadow=(),
    reports=(),
    context=(),
    policy=PolicyRef("chat", "1"),
    source="automatic",
    escalate=False,
    partial=False,
    reason="",
    received_at="2026-01-31T12:00:00.000Z",
    decided_at="2026-01-31T12:00:00.007Z",
)
OTHER = msgspec.structs.replace(DECISION, content_id="b", kind="image", action="allow", labels=())
SAMPLE = Sample(tuple(Record("messages", b"k", b"{}", content_id) for content_id in ("a", "b", None)))


STORED = Sample((Record("messages", b"k", b"{}", "a"), Record("s3-events", b"b/k", b"{}", "of nobody")))


def summary(*decisions: Decision, dead_letters: int = 1) -> Summary:
    """Return the summary of decisions that came one second after each other."""
    made = Summary(SAMPLE)
    for second, decision in enumerate(decisions, 5):
        made.add(decision, second, 10.0 * second)
    made.dead_letters = dead_letters
    return made


def test_one_decision_for_each_input_is_right() -> None:
    made = summary(DECISION, OTHER)
    assert made.complete
    assert made.right
    told = made.told()
    assert (told["inputs"], told["decisions"], told["missing"]) == (2, 2, 0)
    assert (told["actions"]["flag"], told["actions"]["allow"], told["actions"]["block"]) == (1, 1, 0)
    assert told["first_decision_seconds"] == 5
    assert told["latency_ms"] == {"pictures": {"p50": 60.0, "p99": 60.0}}  # the first one waited for the workers


@pytest.mark.parametrize(
    ("decisions", "dead_letters", "complete"),
    [
        ((DECISION,), 1, False),  # one is missing
        ((DECISION, DECISION), 1, False),  # two for one are not one for each
        ((DECISION, OTHER, OTHER), 1, True),  # a second decision
        ((DECISION, OTHER), 0, False),  # a dead letter is missing
        ((DECISION, OTHER), 2, True),  # a good record became a dead letter
        ((), 0, False),
    ],
)
def test_anything_else_is_not(decisions: tuple[Decision, ...], dead_letters: int, complete: bool) -> None:  # noqa: FBT001 - a row
    made = summary(*decisions, dead_letters=dead_letters)
    assert made.complete is complete
    assert not made.right
    assert made.told()["decisions"] == len(decisions)


def test_what_others_feed_is_left_out() -> None:
    assert summary(msgspec.structs.replace(DECISION, content_id="c")).told()["decisions"] == 0


@pytest.mark.parametrize(("share", "value"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)])
def test_a_quantile_is_the_value_that_so_many_do_not_exceed(share: float, value: float) -> None:
    assert quantile([float(n) for n in range(1, 101)], share) == value


def test_what_a_storage_tells_of_is_awaited_under_the_name_that_it_gives() -> None:
    made = Summary(STORED)
    made.add(DECISION, 1, 1.0)
    assert (made.complete, made.told()["inputs"], made.told()["missing"]) == (False, 2, 1)
    made.add(OTHER, 2, 1.0)  # decided before it is known that the storage told of it
    assert not made.complete
    made.told_of("b")
    made.told_of("b")  # a repeat
    assert made.right
    assert made.told()["decisions"] == 2
    made.told_of("c")  # no more is expected
    assert made.told()["inputs"] == 2
