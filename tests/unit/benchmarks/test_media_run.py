"""What the media benchmark takes for a whole run."""

import msgspec
import pytest

from benchmarks.media_input import uploads
from benchmarks.media_run import decided
from benchmarks.runs import Missing
from benchmarks.traffic import Output
from streams.core.decision import Decision, ReportSummary
from streams.core.policy import PolicyRef


def output(content_id: str, stamp: int = 0, *, partial: bool = False) -> Output:
    decision = Decision(
        decision_id="0" * 32,
        content_id=content_id,
        kind="image",
        user_id="u-1",
        revision=0,
        action="allow",
        labels=(),
        triggered=(),
        shadow=(),
        reports=(ReportSummary("qr", "timeout" if partial else "ok", "deadline" if partial else None),),
        context=(),
        policy=PolicyRef("bench", "1"),
        source="automatic",
        escalate=False,
        partial=partial,
        reason="",
        received_at="",
        decided_at="",
    )
    return stamp, content_id.encode(), msgspec.json.encode(decision)


SENT = uploads(["a", "b"], "full")
IDS = [record.content_id for record in SENT]


def test_decisions_come_with_their_append_time_and_those_on_others_are_left_out() -> None:
    found = decided(SENT, [output(IDS[1], 7), output("other", 8), output(IDS[0], 9)])

    assert [(stamp, decision.content_id) for stamp, decision in found] == [(7, IDS[1]), (9, IDS[0])]


@pytest.mark.parametrize("ids", [IDS[:1], [*IDS, IDS[0]], [IDS[0], IDS[0]]])
def test_a_decision_that_is_missing_or_comes_twice_spoils_the_run(ids: list[str]) -> None:
    with pytest.raises(Missing, match="for 2 records"):
        decided(SENT, [output(content_id) for content_id in ids])


def test_a_decision_that_lacks_an_answer_spoils_the_run() -> None:
    with pytest.raises(Missing, match="qr: deadline"):
        decided(SENT, [output(IDS[0]), output(IDS[1], partial=True)])
