"""Decisions for tests of what is done about them; every text that anybody could have written is a canary."""

from typing import Any, Final

from streams.core.decision import Consequence, Decision, ReportSummary, Triggered, decision_id
from streams.core.finding import Evidence
from streams.core.policy import PolicyRef

CANARY: Final = "kanarienvogel"  # stands in whatever may hold words of a content


def made(content_id: str = "m1", revision: int = 0, **changes: Any) -> Decision:
    """Return a decision that masks, with a canary wherever content can stand."""
    given: dict[str, Any] = {
        "decision_id": decision_id(content_id, revision),
        "content_id": content_id,
        "kind": "message",
        "user_id": "vex",
        "revision": revision,
        "action": "mask_flag",
        "labels": ("pii", "scam"),
        "triggered": (
            Triggered(
                "phone",
                "enforce",
                "pii",
                "pii",
                "mask_flag",
                severity="medium",
                why="phone numbers lead away",
                evidence=(Evidence(span=(0, 5), snippet=CANARY, payload=CANARY),),
            ),
        ),
        "shadow": (
            Triggered("try", "shadow", "pattern", "spam", "block", evidence=(Evidence(span=(0, 5), snippet=CANARY),)),
        ),
        "reports": (ReportSummary("pii", "ok", version="1"),),
        "context": ("m0",),
        "policy": PolicyRef("chat", "0123456789ab"),
        "source": "automatic",
        "escalate": False,
        "partial": False,
        "reason": f"pii rule phone found pii in {CANARY}",
        "received_at": "2026-01-31T12:00:00.000Z",
        "decided_at": "2026-01-31T12:00:00.250Z",
        "masked_text": f"call **** {CANARY}",
        "severity": "medium",
        "confidence": 97.5,
        "tenant": "acme",
        "notice": {"en": "We hid a phone number.", "de": "Wir haben eine Telefonnummer verborgen."},
        "may_resubmit": True,
        "consequences": (Consequence("notice"),),
    }
    return Decision(**{**given, **changes})
