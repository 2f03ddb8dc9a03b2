"""Emission: typed records in, encoded records with CloudEvents headers into a unit of work."""

from collections.abc import Iterable

from streams.adapters.headers import CloudHeaders
from streams.adapters.registry import Registry
from streams.adapters.wire import Form, Writer
from streams.core.case import CaseExpired, CaseOpened, Task
from streams.core.decision import Decision
from streams.core.finding import Report
from streams.core.moment import iso
from streams.runtime.unit import Unit


class Emission:
    """Writes decisions, tasks and findings to their topics, keyed by content id."""

    def __init__(self, prefix: str, role: str, form: Form, registry: Registry | None = None) -> None:
        source = f"/moderation-streams/{role}"
        self.actions, self.tasks, self.findings = f"{prefix}actions", f"{prefix}tasks-media", f"{prefix}findings"
        self._write = {name: Writer(form, name, registry).write for name in RECORDS}
        self._headers = {name: CloudHeaders(name, source=source, form=form) for name in RECORDS}

    def decisions(self, unit: Unit, decisions: Iterable[Decision]) -> None:
        """Emit decisions to `actions`."""
        write, headers = self._write["decision"], self._headers["decision"]
        unit.emit_all(
            self.actions,
            (
                (
                    decision.content_id.encode(),
                    write(decision),
                    headers(decision.decision_id, decision.content_id, decision.decided_at),
                )
                for decision in decisions
            ),
        )

    def opened(self, unit: Unit, opened: CaseOpened, task: Task) -> None:
        """Emit what opens a case to `findings`, and what its engines are asked to `tasks-media`."""
        self._emit(unit, self.findings, "case_opened", opened)
        self._emit(unit, self.tasks, "task", task)

    def reports(self, unit: Unit, reports: Iterable[Report]) -> None:
        """Emit reports to `findings`."""
        for report in reports:
            self._emit(unit, self.findings, "report", report, f"/{report.engine}")

    def expired(self, content_id: str, now: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        """Return key, value and headers of the record that ends a case at its deadline."""
        value = self._write["case_expired"](CaseExpired(content_id, now))
        return content_id.encode(), value, self._headers["case_expired"](content_id, content_id, iso(now))

    def _emit(self, unit: Unit, topic: str, name: str, record: CaseOpened | Task | Report, suffix: str = "") -> None:
        content_id = record.content_id
        unit.emit(
            topic,
            content_id.encode(),
            self._write[name](record),
            self._headers[name](content_id + suffix, content_id, iso(unit.now)),
        )


RECORDS = ("decision", "task", "case_opened", "report", "case_expired")
