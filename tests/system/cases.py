"""What became of contents that need several answers: tasks, cases, reports, expiries, held against the inputs."""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.system.anomaly import Place, Record, Verdict
from tests.system.asked import Asked
from tests.system.notification import Object, located
from tests.system.topic import Read, accepted

MEDIA: Final = "tasks-media"
# What the role of an engine that judges stored videos is told: tasks, and what reminds it of their jobs.
VIDEOS: Final = ("tasks-rekognition-video",)
# Tasks on texts, each for one engine: what their keys are.
TEXTS: Final = {"tasks-text-llm": "content_id", "tasks-comprehend": "content_id", "tasks-velocity-user": "user_id"}
# Tasks on single pictures, for an engine that `tasks-media` names already: what their keys are.
PICTURES: Final = {"tasks-rekognition": "sha256"}
# Which status speaks for several objects of a content.
WORST_FIRST: Final = ("error", "timeout", "not_evaluated", "skipped", "ok")
KEYS: Final = TEXTS | PICTURES


@dataclass
class Case:
    """One content's way through the tasks and `findings`."""

    tasks: dict[str, Place] = field(default_factory=dict)  # topic -> task
    engines: frozenset[str] = frozenset()  # that the tasks ask
    opened: Place | None = None
    required: frozenset[str] = frozenset()
    answers: dict[str, str] = field(default_factory=dict)  # engine -> status of its first report
    pictures: set[tuple[str, int]] = field(default_factory=set)  # engine and object of tasks on single pictures
    parts: dict[str, dict[int, str]] = field(default_factory=dict)  # engine -> object -> status of what is said of it
    expired: bool = False


def _objects(task: dict[str, Any]) -> frozenset[Object]:
    return frozenset(located(one) for _, one in task.get("objects") or ())


class Cases:
    """Cases by content number."""

    def __init__(self, asked: Asked, read: Read, prefix: str, verdict: Verdict) -> None:
        """Read the tasks, then `findings`, with their dead letters."""
        self._asked = asked
        self._verdict = verdict
        self.by_number: dict[int, Case] = {}
        self.digests: set[bytes] = set()  # of pictures that tasks name
        for place, record, document in accepted(MEDIA, read, prefix, verdict):
            self._task(place, record, document)
        for topic in TEXTS:
            for place, record, document in accepted(topic, read, prefix, verdict):
                self._text_task(place, record, document)
        for topic in PICTURES:
            for place, record, document in accepted(topic, read, prefix, verdict):
                self._picture_task(place, record, document)
        for topic in VIDEOS:
            for place, record, document in accepted(topic, read, prefix, verdict):
                self._video_record(place, record, document)
        for place, record, document in accepted("findings", read, prefix, verdict):
            self._finding(place, record, document)
        for number, case in self.by_number.items():
            self._complete(number, case)

    def _case(self, place: Place, record: Record, document: dict[str, Any], media: frozenset[Object]) -> Case | None:
        content_id = str(document.get("content_id"))
        if record.key != str(document.get(KEYS.get(place.topic, "content_id"))).encode():
            self._verdict.found("key_mismatch", place, content_id)
        number = self._asked.number(content_id)
        if number is None:
            number = self._asked.claim(content_id, media)
        if number is None:
            self._verdict.found(f"{place.topic}_nobody_asked_for", place, content_id)
            return None
        return self.by_number.setdefault(number, Case())

    def _task(self, place: Place, record: Record, document: dict[str, Any]) -> None:
        content_id = str(document.get("content_id"))
        media = _objects(document)
        case = self._case(place, record, document, media)
        if case is None:
            return
        if not self._asks(case, place, content_id, frozenset(document.get("engines") or ())):
            return
        number = self._asked.number(content_id)
        if number is not None and self._asked.objects.get(number) != media:
            self._verdict.found("wrong_objects", place, content_id, f"asked for by {self._asked.place(number)}")

    def _text_task(self, place: Place, record: Record, document: dict[str, Any]) -> None:
        case = self._case(place, record, document, frozenset())
        if case is not None:
            engines = frozenset({str(document.get("engine"))})
            self._asks(case, place, str(document.get("content_id")), engines)

    def _picture_task(self, place: Place, record: Record, document: dict[str, Any]) -> None:
        self.digests.add(str(document.get("sha256")).encode())
        case = self._case(place, record, document, frozenset())
        if case is None:
            return
        content_id, engine, number = (
            str(document.get("content_id")),
            str(document.get("engine")),
            document.get("number"),
        )
        if engine not in case.engines:
            self._verdict.found("wrong_task_engines", place, content_id, f"nobody asks {engine}")
        if (engine, number) in case.pictures:
            self._verdict.found("second_task", place, content_id, f"of {engine} on object {number}")
        case.pictures.add((engine, int(number or 0)))

    def _video_record(self, place: Place, record: Record, document: dict[str, Any]) -> None:
        """Note a task; what reminds of its jobs must name a content that somebody asked for."""
        case = self._case(place, record, document, _objects(document))
        if case is not None and document.get("type") == "video_task":
            engines = frozenset({str(document.get("engine"))})
            self._asks(case, place, str(document.get("content_id")), engines)

    def _asks(self, case: Case, place: Place, content_id: str, engines: frozenset[str]) -> bool:
        """Note a task; say whether it is the first of its topic."""
        first = case.tasks.setdefault(place.topic, place)
        if first is not place:
            self._verdict.found("second_task", place, content_id, f"the first is {first}")
            return False
        case.engines |= engines
        return True

    def _finding(self, place: Place, record: Record, document: dict[str, Any]) -> None:
        content_id = str(document.get("content_id"))
        case = self._case(place, record, document, frozenset())
        if case is None:
            return
        match document.get("type"):
            case "case_opened":
                self._opened(case, place, content_id, document)
            case "report":
                self._report(case, place, content_id, document)
            case "part":
                self._part(case, place, content_id, document)
            case "case_expired":
                case.expired = True
            case other:
                self._verdict.found("unknown_finding", place, content_id, f"type {other!r}")

    def _opened(self, case: Case, place: Place, content_id: str, document: dict[str, Any]) -> None:
        if case.opened is not None:
            self._verdict.found("second_case", place, content_id, f"the first is {case.opened}")
            return
        case.opened = place
        self._verdict.counts["cases"] += 1
        case.required = frozenset(document.get("required") or ())
        for report in document.get("reports") or ():
            self._report(case, place, content_id, report)

    def _report(self, case: Case, place: Place, content_id: str, document: dict[str, Any]) -> None:
        engine = str(document.get("engine"))
        if engine in case.answers:
            self._verdict.found("second_report", place, content_id, f"of {engine}")
            return
        case.answers[engine] = str(document.get("status"))

    def _part(self, case: Case, place: Place, content_id: str, document: dict[str, Any]) -> None:
        """Note what an engine says of one object; with the last one it has answered."""
        report, number = document.get("report") or {}, int(document.get("number") or 0)
        spoken = case.parts.setdefault(str(report.get("engine")), {})
        if number in spoken:
            self._verdict.found("second_report", place, content_id, f"of {report.get('engine')} on object {number}")
            return
        spoken[number] = str(report.get("status"))
        if len(spoken) == document.get("of"):
            self._report(case, place, content_id, {**report, "status": min(spoken.values(), key=WORST_FIRST.index)})

    def _complete(self, number: int, case: Case) -> None:
        """Report a case of which a part is missing in the log."""
        place = self._asked.place(number)
        if case.opened is None:
            self._verdict.found("task_or_report_without_case", place, detail=f"tasks {sorted(case.tasks)}")
            return
        if case.required and not case.tasks:
            self._verdict.found("case_without_task", case.opened)
        elif case.required != case.engines:
            self._verdict.found("wrong_task_engines", case.opened, detail=f"{sorted(case.required ^ case.engines)}")
        if not case.expired:
            for engine in sorted(case.required - case.answers.keys()):
                self._verdict.found("report_missing", case.opened, detail=f"of {engine}, and the case did not expire")
