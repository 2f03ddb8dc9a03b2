"""What was decided, held against what was asked: one decision a revision, exact contexts, every engine once."""

from array import array
from collections import Counter
from typing import Any

from tests.system.anomaly import Place, Record, Verdict
from tests.system.asked import Asked
from tests.system.cases import Case, Cases
from tests.system.rulings import Rulings
from tests.system.topic import Read, decoded, in_order

UNDECIDED = -1
MISSING = frozenset({"timeout", "error"})  # an engine that did not answer: the decision says why, and is partial


class Decided:
    """Reads `actions`; reports what is wrong with each decision, and at the end what was never decided."""

    def __init__(self, asked: Asked, cases: Cases, rulings: Rulings, read: Read, verdict: Verdict) -> None:
        """Read everything."""
        self._asked, self._cases, self._rulings, self._verdict = asked, cases, rulings, verdict
        self._revision = array("i", [UNDECIDED]) * len(asked)
        self._mark = array("q", [0]) * len(asked)  # fingerprint of the newest decision's bytes
        self._where: list[tuple[int, int] | None] = [None] * len(asked)  # partition and offset of the newest decision
        self._names: set[int] = set()  # fingerprints of decision ids
        self._inline: dict[tuple[str, str], frozenset[str]] = {}  # policy version, kind -> engines of direct decisions
        for place, record in in_order("actions", read("actions"), verdict):
            self._decision(place, record)
        for number, revision in enumerate(self._revision):
            if revision == UNDECIDED:
                verdict.found("lost", asked.place(number), detail="neither a decision nor a dead letter")
        rulings.left()
        for place in (place for places in asked.events.values() for place in places):
            verdict.found("lost", place, detail="an object that it names has no task")

    def _decision(self, place: Place, record: Record) -> None:
        document = decoded(record.value)
        if document is None or not isinstance(document.get("content_id"), str):
            self._verdict.found("undecodable_decision", place)
            return
        content_id = document["content_id"]
        self._verdict.counts["decisions"] += 1
        if record.key != content_id.encode():
            self._verdict.found("key_mismatch", place, content_id)
        number = self._asked.number(content_id)
        if number is None:
            letter = self._asked.refused.get(content_id)
            kind = "decision_nobody_asked_for" if letter is None else "dead_letter_for_decided_input"
            self._verdict.found(kind, place, content_id, f"dead letter {letter}" if letter else "")
            return
        if self._is_next(number, place, content_id, hash(record.value), document):
            self._verdict.counts[f"action {document.get('action')}"] += 1
            self._names_its_input(number, place, document)
            self._names_its_context(number, place, document)
            self._names_every_engine(number, place, document)
            self._rulings.decided(place, document)

    def _is_next(self, number: int, place: Place, content_id: str, mark: int, document: dict[str, Any]) -> bool:
        """Say whether this is the content's next revision; remember it."""
        revision, newest = document.get("revision"), self._revision[number]
        if not isinstance(revision, int) or revision < 0 or revision > newest + 1:
            self._verdict.found("illegal_revision", place, content_id, f"{revision!r} after {newest}")
            return False
        if revision <= newest:
            same = revision == newest and mark == self._mark[number]
            kind = "second_decision" if same else "second_decision_differs"
            where = self._where[number]
            first = Place("actions", *where) if where else ""
            self._verdict.found(kind, place, content_id, f"revision {revision}; the newest before is {first}")
            return False
        if (revision == 0) != (document.get("source") == "automatic"):
            self._verdict.found("illegal_revision", place, content_id, f"{revision} by {document.get('source')!r}")
        name = hash(document.get("decision_id"))
        if name in self._names:
            self._verdict.found("decision_id_repeated", place, content_id)
        self._names.add(name)
        self._revision[number], self._mark[number] = revision, mark
        self._where[number] = (place.partition, place.offset)
        return True

    def _names_its_input(self, number: int, place: Place, document: dict[str, Any]) -> None:
        if not self._asked.knows(number, document):
            detail = f"kind, user, conversation or tenant is not that of {self._asked.place(number)}"
            self._verdict.found("wrong_identity", place, document["content_id"], detail)

    def _names_its_context(self, number: int, place: Place, document: dict[str, Any]) -> None:
        truth = self._asked.context(number)
        named = tuple(hash(one) for one in document.get("context") or ())
        if named == truth:
            return
        kind = "context_order" if Counter(named) == Counter(truth) else "wrong_context"
        absent = ", ".join(map(str, self._asked.places(tuple(one for one in truth if one not in named))))
        detail = f"names {len(named)} of {len(truth)}" + (f"; absent {absent}" if absent else "")
        self._verdict.found(kind, place, document["content_id"], detail)

    def _names_every_engine(self, number: int, place: Place, document: dict[str, Any]) -> None:
        content_id = document["content_id"]
        reports = document.get("reports") or ()
        named = Counter(str(one.get("engine")) for one in reports)
        for engine, times in named.items():
            if times > 1:
                self._verdict.found("engine_repeated", place, content_id, f"{engine} {times} times")
        case = self._cases.by_number.get(number)
        if case is not None and case.opened is not None:
            wanted = case.required | case.answers.keys()
            for one in reports:
                self._is_what_was_reported(case, one, place, document)
        else:
            if number in self._asked.objects:
                self._verdict.found("decided_without_case", place, content_id)
            policy = document.get("policy") or {}
            wanted = self._inline.setdefault((policy.get("version", ""), document.get("kind", "")), frozenset(named))
        for engine in sorted(wanted - named.keys()):
            self._verdict.found("engine_missing", place, content_id, engine)
        for engine in sorted(named.keys() - wanted):
            self._verdict.found("engine_nobody_asked", place, content_id, engine)

    def _is_what_was_reported(self, case: Case, report: dict[str, Any], place: Place, document: dict[str, Any]) -> None:
        """Report a summary that differs from the engine's report; only an expired case may go without an answer."""
        engine, status = str(report.get("engine")), str(report.get("status"))
        if status in MISSING and (not document.get("partial") or not report.get("reason")):
            self._verdict.found("silent_failure", place, document["content_id"], f"{engine} {status}")
        if status != case.answers.get(engine) and not (status == "timeout" and case.expired):
            detail = f"{engine} {status}, on the log {case.answers.get(engine)}"
            self._verdict.found("report_altered", place, document["content_id"], detail)
