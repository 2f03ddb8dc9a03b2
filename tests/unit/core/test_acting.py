import pytest

from streams.core.acting import Reviewed, approved, hidden, reviewed
from streams.core.action import ACTIONS, Action
from streams.core.finding import Evidence
from streams.core.ruled import ruled
from streams.core.ruling import ACTS, Act, Ruling
from tests.unit.core.decisions import made


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("to", ACTIONS)
def test_an_item_ends_as_the_stream_will_have_its_decision(act: Act, action: Action, to: Action) -> None:
    wanted = to if act == "override" else None
    ruling = Ruling("r1", act, made(action=action, escalate=True), "mona", 1, action=wanted, masked_text="****")

    item = reviewed(act, Reviewed(action, escalated=True, priority=1), wanted, 2)
    revised = ruled(None, ruling, 1)

    assert revised is not None
    assert (item.action, item.escalated) == (revised.decision.action, revised.decision.escalate)
    assert item.open is (act in {"escalate", "deescalate"})
    assert item.priority == (2 if act == "escalate" else 0)


@pytest.mark.parametrize("action", ACTIONS)
def test_approving_leaves_every_action_that_does_something(action: Action) -> None:
    expected = {"flag": "allow", "mask_flag": "mask"}.get(action, action)

    assert approved(action) == expected
    assert reviewed("approve", Reviewed(action)).confirmed is (expected != "allow")


def test_an_override_names_an_action() -> None:
    with pytest.raises(ValueError, match="which action"):
        reviewed("override", Reviewed("flag"))


def test_handing_an_item_on_says_nothing_of_its_rules() -> None:
    before = Reviewed("allow", open=False, confirmed=False)

    assert reviewed("escalate", before, priority=3) == Reviewed("allow", open=True, escalated=True, priority=3)
    assert reviewed("deescalate", before) == Reviewed("allow", open=False)


def test_a_mask_hides_what_the_decision_hid_else_where_rules_triggered() -> None:
    line = made().triggered[0]
    places = (Evidence(span=(5, 7)), Evidence(span=(0, 4), attachment=0), Evidence(span=(3, 3)), Evidence())
    decision = made(masked_text=None, triggered=(type(line)("r", "enforce", "e", "l", "flag", evidence=places),))

    assert hidden(made(), "mask", None) == made().masked_text
    assert hidden(decision, "mask", "Send me money") == "Send **** money"
    many = tuple(Evidence(span=(at, at + 1)) for at in range(0, 20_000, 2))
    decision_ = made(masked_text=None, triggered=(type(line)("r", "enforce", "e", "l", "flag", evidence=many),))
    assert hidden(decision_, "mask", "ab" * 10_000) == "****"
    assert hidden(decision, "block", "Send me money") is None
    assert hidden(decision, "mask", None) is None
    assert hidden(made(masked_text=None, triggered=()), "mask_flag", "Send me money") is None
