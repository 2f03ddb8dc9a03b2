"""Rulings of moderators, held against `actions`: each is one revision, and the revision is what the ruling made."""

from typing import Any, Final

from tests.system.anomaly import Place, Verdict
from tests.system.topic import Read, accepted

TOPIC: Final = "rulings"
APPROVED: Final = {"flag": "allow", "mask_flag": "mask"}  # every other action stands when it is approved
RETURNED: Final = {"bounce_flag": "bounce", "bounce_block": "bounce"}  # what a moderator returns, he returns
FOUND: Final = ("labels", "reports", "context", "received_at", "policy")  # what no ruling changes


class Rulings:
    """The rulings on each content, in their order; those that a revision names are taken out."""

    def __init__(self, read: Read, prefix: str, verdict: Verdict) -> None:
        """Read `rulings` and its dead letters."""
        self._verdict = verdict
        self._waiting: dict[str, list[tuple[Place, dict[str, Any]]]] = {}  # content id -> rulings without a revision
        self._done: set[str] = set()  # ids of rulings
        self._newest: dict[str, dict[str, Any]] = {}  # content id -> its newest decision; of ruled contents only
        seen: set[str] = set()
        for place, record, document in accepted(TOPIC, read, prefix, verdict):
            decision, ruling_id = document.get("decision") or {}, str(document.get("ruling_id"))
            content_id = str(decision.get("content_id"))
            if record.key != str(decision.get("user_id")).encode():
                verdict.found("key_mismatch", place, content_id)
            if ruling_id in seen:
                verdict.counts["repeated rulings"] += 1
                continue
            seen.add(ruling_id)
            verdict.counts["rulings"] += 1
            self._waiting.setdefault(content_id, []).append((place, document))

    def decided(self, place: Place, document: dict[str, Any]) -> None:
        """Take the next decision on a content; report one after the first that is not what its ruling made."""
        content_id = document["content_id"]
        before = self._newest.get(content_id)
        if content_id in self._waiting:
            self._newest[content_id] = document
        if not document["revision"]:
            return
        ruling_id = str(document.get("ruling_id"))
        if ruling_id in self._done:
            self._verdict.found("ruling_twice", place, content_id, ruling_id)
            return
        waiting = self._waiting.get(content_id, [])
        at = next((at for at, (_, ruling) in enumerate(waiting) if ruling["ruling_id"] == ruling_id), None)
        if at is None or before is None:
            self._verdict.found("revision_without_ruling", place, content_id, ruling_id)
            return
        if at:
            self._verdict.found("rulings_out_of_order", place, content_id, f"{waiting[0][0]} comes first")
        where, ruling = waiting.pop(at)
        self._done.add(ruling_id)
        for what in _differs(before, ruling, document):
            self._verdict.found("revision_not_as_ruled", place, content_id, f"{what} by {where}")

    def left(self) -> None:
        """Report rulings that nothing came of."""
        for content_id, waiting in self._waiting.items():
            for place, _ in waiting:
                self._verdict.found("lost", place, content_id, "neither a revision nor a dead letter")


def _differs(before: dict[str, Any], ruling: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the fields in which a decision is not what a ruling makes of the one before it."""
    held = before.get("action")
    made = {"approve": APPROVED.get(str(held), held), "override": ruling.get("action")}
    ends = made.get(str(ruling.get("act")), held)
    wanted = {
        "source": "moderator",
        "previous_action": held,
        "action": RETURNED.get(str(ends), ends),
        "escalate": ruling.get("act") == "escalate",
        **{name: ruling["decision"].get(name) for name in FOUND},
    }
    return [name for name, value in wanted.items() if after.get(name) != value]
