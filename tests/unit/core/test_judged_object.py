from streams.core.case import CaseOpened
from streams.core.content import Location
from streams.core.finding import Report
from streams.core.judge import judged, judged_case
from streams.core.judged_object import JudgedObject, as_read
from tests.unit.core.given import NOON, REF, policy


def announced(key: str, version: str | None = None) -> JudgedObject:
    return JudgedObject("image", Location("b", key, version))


def read(key: str, version: str | None = "v1", sha256: str | None = "ab") -> JudgedObject:
    return JudgedObject("image", Location("b", key, version, "etag"), sha256, 7)


def test_what_was_read_stands_in_for_what_was_announced_in_its_order() -> None:
    first, second = announced("1"), announced("2")
    assert as_read((first, second), [read("2"), read("1")]) == (read("1"), read("2"))
    assert as_read((first, second), [read("2")]) == (first, read("2"))
    assert as_read((first,), []) == (first,)
    assert as_read((), [read("1")]) == ()


def test_an_object_without_a_hash_gives_way() -> None:
    unread = read("1", sha256=None)
    assert as_read((announced("1"),), [unread, read("1")]) == (read("1"),)
    assert as_read((announced("1"),), [read("1"), unread]) == (read("1"),)


def test_a_version_that_was_announced_is_that_version() -> None:
    assert as_read((announced("1", "v1"),), [read("1", "v2")]) == (announced("1", "v1"),)
    assert as_read((announced("1", "v1"), announced("1", "v2")), [read("1", "v2"), read("1", "v1")]) == (
        read("1", "v1"),
        read("1", "v2"),
    )


def test_the_decision_on_a_case_names_what_its_reports_read() -> None:
    opened = CaseOpened(
        "i1", "image", "u", ("qr", "ocr"), (), REF, NOON, NOON, objects=(announced("1"),), trusted=True, resubmits="i0"
    )
    reports = [Report("i1", "qr", "1", "timeout", "deadline"), Report("i1", "ocr", "1", "ok", objects=(read("1"),))]
    decision = judged_case(policy(media=("qr", "ocr")), opened, reports, judged, NOON)
    assert decision.objects == (read("1"),)
