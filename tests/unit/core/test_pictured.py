from streams.core.case import Task
from streams.core.content import Location
from streams.core.finding import Answer
from streams.core.judged_object import JudgedObject
from streams.core.picture_task import Part, Seen, replied, whole
from streams.core.pictured import asked
from tests.unit.core.given import NOON, REF

PICTURE = Seen("a" * 64, "image", "GIF", 90, 120, 80, 3, ("c" * 64,))
FILM = Seen("b" * 64, "video", "MP4", 900)


def task(*keys: str) -> Task:
    objects = tuple(("image", Location(bucket="b", key=key)) for key in keys)
    return Task("m1", "message", objects, ("qr", "rekognition"), REF, NOON, "north")


def test_a_picture_is_asked_about_with_all_that_is_known_of_it() -> None:
    (one,), said = asked(task("k"), "rekognition", [(PICTURE, None)])
    assert (one.sha256, one.format, one.size, one.width, one.height, one.frames) == ("a" * 64, "GIF", 90, 120, 80, 3)
    assert (one.content_id, one.number, one.of, one.location.key, one.tenant) == ("m1", 0, 1, "k", "north")
    assert (one.policy, one.deadline_at, one.pdq, said) == (REF, NOON, ("c" * 64,), [])


def test_what_could_not_be_read_or_is_no_picture_is_answered_at_once() -> None:
    gone, broken = Answer("error", "object_not_found"), Answer("error", "broken")
    tasks, said = asked(
        task("1", "2", "3", "4"), "rekognition", [(None, gone), (PICTURE, None), (FILM, None), (PICTURE, broken)]
    )
    assert [(one.number, one.of) for one in tasks] == [(1, 4)]
    parts = [part for part in said if isinstance(part, Part)]
    assert [(part.number, part.report.status, part.report.reason) for part in parts] == [
        (0, "error", "object_not_found"),
        (2, "not_evaluated", "no_picture"),
        (3, "error", "broken"),
    ]


def test_the_only_object_of_a_content_is_answered_with_a_whole_report() -> None:
    tasks, (report,) = asked(task("k"), "rekognition", [(FILM, None)])
    assert tasks == []
    assert not isinstance(report, Part)
    assert (report.engine, report.status) == ("rekognition", "not_evaluated")


def test_the_report_of_all_parts_names_every_picture_that_was_judged() -> None:
    gone = Answer("error", "object_not_found")
    tasks, said = asked(task("1", "2", "3"), "rekognition", [(PICTURE, None), (None, gone), (PICTURE, None)])
    parts = [*said, *(replied(one, "1", Answer(), 1.0, None) for one in reversed(tasks))]
    report = whole(tuple(part for part in parts if isinstance(part, Part)))
    assert report.objects == tuple(
        JudgedObject("image", Location(bucket="b", key=key), "a" * 64, 90) for key in ("1", "3")
    )
