"""What is told of a decision: enough to act upon, nothing that anybody wrote."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.core.alert import LONGEST_SUBJECT, alert, as_text
from streams.core.decision import Decision, Triggered
from tests.unit.core.decisions import CANARY, made


def test_an_alert_names_ids_rules_and_reasons() -> None:
    told = alert(made(), "https://review.example/items/{content_id}?d={decision_id}")
    assert told.subject == "mask_flag medium pii"
    assert told.message.content_id == "m1"
    assert [(one.engine, one.rule, one.why) for one in told.message.rules] == [
        ("pii", "phone", "phone numbers lead away")
    ]
    assert told.message.link == f"https://review.example/items/m1?d={made().decision_id}"
    assert told.texts == {
        "action": "mask_flag",
        "kind": "message",
        "severity": "medium",
        "escalate": "false",
        "tenant": "acme",
    }
    assert (told.numbers, told.lists) == ({"revision": 0}, {"labels": ("pii", "scam")})


def test_no_form_of_an_alert_holds_what_anybody_wrote() -> None:
    told = alert(made())
    assert CANARY not in told.subject + msgspec.json.encode(told.message).decode() + as_text(told.message)
    assert CANARY not in repr(told)


def test_the_text_is_lines_for_a_person() -> None:
    decision = made(revision=1, previous_action="allow")
    assert as_text(alert(decision, "https://review.example/{content_id}").message).splitlines() == [
        "content: m1",
        "action: mask_flag",
        "before: allow",
        "labels: pii, scam",
        "severity: medium",
        "confidence: 97.5",
        "rule: pii/phone: phone numbers lead away",
        "policy: chat 0123456789ab",
        f"decision: {decision.decision_id}, revision 1, 2026-01-31T12:00:00.250Z",
        "https://review.example/m1",
    ]


def test_a_decision_without_findings_has_a_subject_and_attributes_too() -> None:
    told = alert(made(action="allow", labels=(), triggered=(), severity=None, confidence=None, tenant=None))
    assert told.subject == "allow"
    assert told.texts == {"action": "allow", "kind": "message", "severity": "none", "escalate": "false"}
    assert told.lists == {}


@pytest.mark.parametrize("content_id", ["a/b?c=d&e", "../../x", "{decision_id}", "ü x", "%2F"])
def test_an_id_in_a_link_stays_one_part_of_it(content_id: str) -> None:
    link = alert(made(content_id), "https://review.example/{content_id}/end").message.link
    assert link is not None
    assert link.startswith("https://review.example/")
    assert not set(link.removeprefix("https://review.example/").removesuffix("/end")) & set("/?&#{} ")


@given(st.lists(st.text(min_size=1, max_size=300), max_size=3))
def test_a_subject_is_ascii_of_one_line_and_fits(labels: list[str]) -> None:
    subject = alert(made(labels=tuple(labels))).subject
    assert subject.isascii()
    assert subject.isprintable()
    assert 0 < len(subject) <= LONGEST_SUBJECT < 100


def test_many_rules_do_not_make_a_message_too_large() -> None:
    rules = tuple(Triggered("r" * 64, "enforce", "pattern", "l" * 64, "flag", why="w" * 500) for _ in range(5000))
    assert len(msgspec.json.encode(alert(made(triggered=rules)).message)) < 32_000
    assert isinstance(made(triggered=rules), Decision)
