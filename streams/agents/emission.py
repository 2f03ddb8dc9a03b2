"""Emission: typed records in, encoded records with CloudEvents headers into a unit of work."""

from collections.abc import Iterable

from streams.adapters.headers import CloudHeaders
from streams.adapters.registry import Registry
from streams.adapters.schemas import shipped
from streams.adapters.wire import Form, Writer
from streams.core.case import CaseExpired, CaseOpened, Task
from streams.core.decision import Decision
from streams.core.effect import Effect, EffectsDue, Outcome
from streams.core.finding import Report
from streams.core.judged_media import JudgedMedia
from streams.core.moment import iso
from streams.core.opening import Case
from streams.core.picture_task import Part, PictureTask
from streams.core.restriction import Standing
from streams.core.task import TextTask
from streams.core.verdict import Verdict
from streams.core.video_task import JobEnded, JobsDue, VideoTask
from streams.runtime.unit import Unit
from streams.topology import APART, BY_USER, JOBS, JUDGED, PICTURES, SINKS, STANDINGS, effects_of, tasks_of


class Emission:
    """Writes decisions, tasks and findings to their topics, keyed by content id; tasks of some engines by author."""

    def __init__(self, prefix: str, role: str, form: Form, registry: Registry | None = None) -> None:
        source = f"/moderation-streams/{role}"
        self.actions, self.tasks, self.findings = f"{prefix}actions", f"{prefix}tasks-media", f"{prefix}findings"
        self._judged = prefix + JUDGED
        self._verdicts, self._standings = f"{prefix}verdicts", prefix + STANDINGS
        self._outcomes = f"{prefix}outcomes"
        self._effects: dict[str, str] = {sink: prefix + effects_of(sink) for sink in SINKS}
        self._text_tasks: dict[str, str] = {engine: prefix + tasks_of(engine) for engine in APART}
        self._picture_tasks: dict[str, str] = {engine: prefix + tasks_of(engine) for engine in PICTURES}
        self._video_tasks: dict[str, str] = {engine: prefix + tasks_of(engine) for engine in JOBS}
        self._write = {name: Writer(form, name, registry).write for name in RECORDS}
        self._headers = {
            name: CloudHeaders(name, source=source, form=form, version=max(shipped(name))) for name in RECORDS
        }

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

    def opened(self, unit: Unit, case: Case) -> None:
        """Emit what opens a case to `findings`, and what its engines are asked to their topics."""
        self._emit(unit, self.findings, "case_opened", case.opened)
        if case.task is not None:
            self._emit(unit, self.tasks, "task", case.task)
        for task in case.text_tasks:
            key = task.user_id if task.engine in BY_USER else None
            self._emit(unit, self._text_tasks[task.engine], "text_task", task, f"/{task.engine}", key)
        for video in case.video_tasks:
            self._emit(unit, self._video_tasks[video.engine], "video_task", video, f"/{video.engine}")

    def pictures(self, unit: Unit, tasks: Iterable[PictureTask]) -> None:
        """Emit what is asked about pictures, each in the partition of its hash."""
        for task in tasks:
            topic, suffix = self._picture_tasks[task.engine], f"/{task.engine}/{task.number}"
            self._emit(unit, topic, "picture_task", task, suffix, task.sha256)

    def reports(self, unit: Unit, reports: Iterable[Report | Part]) -> None:
        """Emit reports, and parts of them, to `findings`."""
        for report in reports:
            if isinstance(report, Part):
                self._emit(unit, self.findings, "part", report, f"/{report.report.engine}/{report.number}")
                continue
            self._emit(unit, self.findings, "report", report, f"/{report.engine}")

    def judged(self, unit: Unit, media: JudgedMedia) -> None:
        """Emit what near copies of a picture are answered from, where every worker of the role hears of it."""
        write, headers = self._write["judged_media"], self._headers["judged_media"]
        unit.emit(self._judged, media.sha256.encode(), write(media), headers(media.sha256, media.sha256, iso(media.at)))

    def forgotten(self, unit: Unit, key: bytes) -> None:
        """Emit that nothing is known of a picture any more; `key` is its SHA-256."""
        unit.emit(self._judged, key, None)

    def effects(self, unit: Unit, effects: Iterable[Effect]) -> None:
        """Emit effects to the topics of their sinks."""
        write, headers = self._write["effect"], self._headers["effect"]
        for effect in effects:
            content_id = effect.content_id
            name = f"{effect.decision.decision_id}/{effect.name}"
            key = content_id.encode()
            unit.emit(self._effects[effect.sink], key, write(effect), headers(name, content_id, iso(effect.at)))

    def outcomes(self, unit: Unit, outcomes: Iterable[Outcome]) -> None:
        """Emit what came of effects to `outcomes`."""
        write, headers = self._write["outcome"], self._headers["outcome"]
        for outcome in outcomes:
            content_id = outcome.content_id
            name = f"{outcome.decision_id}/{outcome.name}/{outcome.status}"
            unit.emit(self._outcomes, content_id.encode(), write(outcome), headers(name, content_id, iso(outcome.at)))

    def effects_due(self, content_id: str, now: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        """Return key, value and headers of the record that asks for another try of what waits for a content."""
        value = self._write["effects_due"](EffectsDue(content_id, now))
        return content_id.encode(), value, self._headers["effects_due"](content_id, content_id, iso(now))

    def verdicts(self, unit: Unit, verdicts: Iterable[Verdict]) -> None:
        """Emit verdicts to the standings of their authors."""
        write, headers = self._write["verdict"], self._headers["verdict"]
        for verdict in verdicts:
            decision = verdict.decision
            about = headers(decision.decision_id, decision.content_id, decision.decided_at)
            unit.emit(self._verdicts, decision.user_id.encode(), write(verdict), about)

    def standing(self, unit: Unit, standing: Standing) -> None:
        """Emit what lies upon a user, where every worker that judges hears of it."""
        user_id, at = standing.user_id, iso(standing.at)
        about = self._headers["standing"](f"{user_id}/{standing.at}", user_id, at)
        unit.emit(self._standings, user_id.encode(), self._write["standing"](standing), about)

    def cleared(self, unit: Unit, key: bytes) -> None:
        """Emit that nothing lies upon a user any more; `key` is his id."""
        unit.emit(self._standings, key, None)

    def expired(self, content_id: str, now: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        """Return key, value and headers of the record that ends a case at its deadline."""
        value = self._write["case_expired"](CaseExpired(content_id, now))
        return content_id.encode(), value, self._headers["case_expired"](content_id, content_id, iso(now))

    def job_ended(self, ended: JobEnded) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        """Return key, value and headers of the record that tells of the end of a job."""
        headers = self._headers["job_ended"](f"{ended.content_id}/{ended.job_id}", ended.content_id, iso(ended.at))
        return ended.content_id.encode(), self._write["job_ended"](ended), headers

    def jobs_due(self, content_id: str, now: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
        """Return key, value and headers of the record that asks for attention to the jobs of a content."""
        value = self._write["jobs_due"](JobsDue(content_id, now))
        return content_id.encode(), value, self._headers["jobs_due"](content_id, content_id, iso(now))

    def _emit(
        self,
        unit: Unit,
        topic: str,
        name: str,
        record: CaseOpened | Task | TextTask | PictureTask | VideoTask | Report | Part,
        suffix: str = "",
        key: str | None = None,
    ) -> None:
        content_id = record.content_id
        unit.emit(
            topic,
            (key or content_id).encode(),
            self._write[name](record),
            self._headers[name](content_id + suffix, content_id, iso(unit.now)),
        )


RECORDS = (
    "decision",
    "task",
    "text_task",
    "picture_task",
    "video_task",
    "job_ended",
    "jobs_due",
    "case_opened",
    "report",
    "part",
    "case_expired",
    "judged_media",
    "verdict",
    "standing",
    "effect",
    "effects_due",
    "outcome",
)
