import msgspec

from streams.core.content import Location
from streams.core.effect import Outcome
from streams.core.erased import erased, erased_outcome, erased_ruling
from streams.core.judged_object import JudgedObject
from streams.core.ruling import Ruling
from tests.unit.core.decisions import CANARY, made

OBJECT = JudgedObject("image", Location(bucket="b", key=CANARY), sha256="ab")


def test_nothing_that_anybody_wrote_stays_of_a_decision() -> None:
    decision = made(objects=(OBJECT,))

    left = erased(decision)

    assert CANARY not in msgspec.json.encode(left).decode()
    assert (left.decision_id, left.action, left.labels, left.masked_text) == (
        *(decision.decision_id, "mask_flag", ("pii", "scam")),
        "****",
    )
    assert [line.rule for line in left.triggered] == ["phone"]
    assert left.triggered[0].evidence[0].span == (0, 5)
    assert erased(left) == left
    assert erased(made(masked_text=None)).masked_text is None


def test_nothing_that_anybody_wrote_stays_of_rulings_and_outcomes() -> None:
    ruling = Ruling("r", "override", made(), "mona", 1, action="mask", masked_text=CANARY, reason=CANARY)
    outcome = Outcome("m1", "d", 0, "s3", "hide", "quarantine", "done", 1, objects=(OBJECT,))

    for left in (erased_ruling(ruling), erased_outcome(outcome)):
        assert CANARY not in msgspec.json.encode(left).decode()
    assert erased_ruling(ruling).masked_text == "****"
