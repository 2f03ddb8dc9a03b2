"""What a topic's bytes become: a record, or a rejection that names reason and field and holds no content."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streams.adapters.rejected import REASONS
from streams.adapters.schemas import RECORDS, fingerprint, newest
from streams.adapters.wire import Form, Reader, Rejected, Writer
from streams.core.case import CaseExpired, CaseOpened, FindingRecord, Task
from streams.core.content import Message, Upload
from streams.core.finding import Report
from tests.unit.adapters import records

LIMIT: Final = 262_144
CONTENT: Final = "swordfish"  # never to be seen in a rejection
SMALL: Final = (
    b'{"content_id":"m-1","kind":"message","user":{"id":"u-1"},"text":"swordfish","created_at":"2026-01-01T00:00:00Z"'
)
MESSAGES: Final = Reader(Message, limit=LIMIT)
UPLOADS: Final = Reader(Upload, limit=LIMIT)
FINDINGS: Final[Reader[CaseOpened | Report | CaseExpired]] = Reader(FindingRecord, limit=LIMIT)
REPORT: Final = b'{"type":"report","content_id":"c","engine":"e","engine_version":"1","status":"ok",%s}'
UPLOAD: Final = (
    b'{"content_id":"u-1","kind":"image","user":{"id":"u-1"},"created_at":"2026-01-01T00:00:00Z","location":%s}'
)


def but(**changes: bytes) -> bytes:
    """Return the small message with some fields as other JSON; an empty value leaves the field out."""
    fields = msgspec.json.decode(SMALL + b"}", type=dict[str, msgspec.Raw])
    fields |= {name: msgspec.Raw(text) for name, text in changes.items()}
    return msgspec.json.encode({name: text for name, text in fields.items() if bytes(text)})


def rejection(read: Callable[[], Any]) -> Rejected:
    """Return how a value was rejected, which must not show any of it."""
    with pytest.raises(Rejected) as caught:
        read()
    assert caught.value.error in REASONS
    assert CONTENT not in str(caught.value)
    assert CONTENT not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return caught.value


def outcome(reader: Reader[Any], value: bytes) -> str:
    """Return `read`, or why a value was rejected; what else is raised goes on."""
    try:
        reader.read(value)
    except Rejected as error:
        return error.error
    return "read"


def avro(record: str, value: Any) -> bytes:
    return Writer("avro", record).write(value)


MESSAGE: Final = MESSAGES.read(SMALL + b"}")


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("form", ["json", "avro"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_as_it_was(record: str, form: Form, data: st.DataObject) -> None:
    value = data.draw(records.RECORDS[record])
    reader: Reader[Any] = Reader(RECORDS[record], limit=LIMIT)
    assert reader.read(Writer(form, record).write(value)) == value


@pytest.mark.parametrize("form", ["json", "avro"])
def test_the_records_of_one_topic_are_told_apart(form: Form) -> None:
    expired, report = CaseExpired("c-1", 5), Report("c-1", "qr", "1", "ok")
    assert FINDINGS.read(Writer(form, "case_expired").write(expired)) == expired
    assert FINDINGS.read(Writer(form, "report").write(report)) == report


def test_white_space_may_stand_before_json() -> None:
    assert MESSAGES.read(b"\r\n\t " + SMALL + b"}") == MESSAGE


@pytest.mark.parametrize(
    ("value", "error", "field"),
    [
        (None, "tombstone", None),
        (b"", "empty", None),
        (b"x", "unknown_format", None),
        (b"\x00", "truncated", None),
        (b"\x01" + SMALL + b"}", "unknown_format", None),
        (b"\xef\xbb\xbf" + SMALL + b"}", "unknown_format", None),  # a byte order mark
        (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94.", "unknown_format", None),  # a pickle
        (b"Obj\x01" + SMALL, "unknown_format", None),  # an Avro container file
        (b"[]", "unknown_format", None),
        (b" []", "wrong_type", None),
        (b" ", "truncated", None),
        (b"{}", "missing_field", "content_id"),
        (b"\x00\x00\x00\x00\x07abc", "no_registry", None),
        (b"\x00\x00\x00\x00", "truncated", None),
        (b"\xc3\x01", "truncated", None),
        (b"\xc3\x01" + b"abcdefgh", "unknown_schema", None),
        (b"\xc3\x01" + fingerprint(newest("task")), "wrong_schema", None),
        (b"\xc3\x02abcdefgh", "unknown_format", None),
        (SMALL, "truncated", None),
        (SMALL + b"}}", "trailing_bytes", None),
        (SMALL + b"} " + SMALL + b"}", "trailing_bytes", None),
        (SMALL + b',"x":NaN}', "invalid_json", None),
        (SMALL + b",}", "invalid_json", None),
        (SMALL + b',"x":01}', "invalid_json", None),
        (but(text=b'"\xff swordfish"'), "invalid_utf8", None),
        (but(text=b'"\xed\xa0\x80 swordfish"'), "invalid_utf8", None),  # a lone surrogate in UTF-8
        (but(text=rb'"swordfish \ud800 x y z"'), "invalid_json", None),
        (but(text=rb'"swordfish \udc00 x y z"'), "invalid_json", None),
        (but(custom=rb'{"a": "\ud800\u0041 swordfish"}'), "invalid_json", None),
        (but(text=b""), "missing_field", "text"),
        (but(user=b'{"role":"swordfish"}'), "missing_field", "user.id"),
        (but(content_id=b""), "missing_field", "content_id"),
        (but(text=b"7"), "wrong_type", "text"),
        (but(text=b"null"), "wrong_type", "text"),
        (but(user=b'"swordfish"'), "wrong_type", "user"),
        (but(user=b'{"id":["swordfish"]}'), "wrong_type", "user.id"),
        (but(custom=b"[]"), "wrong_type", "custom"),
        (but(content_id=b'""'), "out_of_range", "content_id"),
        (but(content_id=b'"%s"' % (b"i" * 257)), "out_of_range", "content_id"),
        (but(user=b'{"id":"%s"}' % (b"i" * 300)), "out_of_range", "user.id"),
        (but(text=b'"%s"' % (b"t" * 20_001)), "out_of_range", "text"),
        (but(text=b'"%s"' % ("\N{GRINNING FACE}" * 20_001).encode()), "out_of_range", "text"),
        (but(custom=b'{"a":1e999}'), "out_of_range", "custom[...]"),
        (but(custom=b'{"a":%s}' % (b"9" * 5000)), "out_of_range", "custom[...]"),
        (but(attachments=b"[%s]" % b",".join([b'{"kind":"image","url":"u"}'] * 21)), "out_of_range", "attachments"),
        (but(attachments=b'[{"kind":"image"}]'), "invalid_value", "attachments[0]"),
        (but(attachments=b'[{"kind":"swordfish","url":"u"}]'), "unknown_value", "attachments[0].kind"),
        (but(kind=b'"swordfish"'), "unknown_value", "kind"),
        (but(kind=b'"image"'), "unknown_value", "kind"),
        (but(created_at=b'"swordfish"'), "invalid_time", "created_at"),
        (but(created_at=b'"2026-02-30T00:00:00Z"'), "invalid_time", "created_at"),
        (but(created_at=b'"2026-01-01T00:00:00"'), "invalid_time", "created_at"),  # no time zone
        (but(created_at=b"1767225600"), "wrong_type", "created_at"),
    ],
)
def test_a_bad_message_is_rejected_with_reason_and_field(value: bytes | None, error: str, field: str | None) -> None:
    found = rejection(lambda: MESSAGES.read(value))
    assert (found.error, found.field) == (error, field)


@pytest.mark.parametrize(
    ("value", "error", "field"),
    [
        (b'{"type":"swordfish"}', "unknown_value", "type"),
        (b'{"type":3}', "wrong_type", "type"),
        (b'{"content_id":"c"}', "missing_field", "type"),
        (b'{"type":"case_expired","content_id":"c","at":-1}', "out_of_range", "at"),
        (b'{"type":"case_expired","content_id":"c","at":1.5}', "wrong_type", "at"),
        (b'{"type":"case_expired","content_id":"c","at":999999999999999999999999}', "out_of_range", "at"),
        (REPORT % b'"scores":{"swordfish":2}', "out_of_range", "scores[...]"),
        (
            REPORT % b'"findings":[{"label":"l","evidence":[{"span":[1]}]}]',
            "out_of_range",
            "findings[0].evidence[0].span",
        ),
    ],
)
def test_a_bad_finding_is_rejected_with_reason_and_field(value: bytes, error: str, field: str) -> None:
    found = rejection(lambda: FINDINGS.read(value))
    assert (found.error, found.field) == (error, field)


@pytest.mark.parametrize(
    "location",
    [b"{}", b'{"bucket":"swordfish"}', b'{"bucket":"b","key":"k","url":"u"}', b'{"key":"swordfish","url":"u"}'],
)
def test_an_upload_must_name_one_place(location: bytes) -> None:
    found = rejection(lambda: UPLOADS.read(UPLOAD % location))
    assert (found.error, found.field) == ("invalid_value", "location")


def test_a_rejection_is_one_line_with_reason_and_field() -> None:
    assert str(rejection(lambda: MESSAGES.read(but(user=b"{}")))) == "missing_field at user.id"
    assert str(rejection(lambda: MESSAGES.read(None))) == "tombstone"


def test_the_size_counts_before_anything_is_decoded() -> None:
    value = SMALL + b"}"
    assert Reader(Message, limit=len(value)).read(value) == MESSAGE
    assert rejection(lambda: Reader(Message, limit=len(value) - 1).read(value)).error == "too_large"
    assert rejection(lambda: MESSAGES.read(b"{" * 2_000_000)).error == "too_large"
    assert rejection(lambda: MESSAGES.read(b"\x00" * 2_000_000)).error == "too_large"


@pytest.mark.parametrize("depth", [500, 1_000, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_is_read_or_rejected_and_never_a_crash(depth: int, opening: bytes, closing: bytes) -> None:
    reader = Reader(Message, limit=2_000_000)
    for name in (b"custom", b"unknown"):
        value = SMALL + b',"%s":{"a":%s1%s}}' % (name, opening * depth, closing * depth)
        if depth >= 10_000:
            assert outcome(reader, value) == "too_deep"
        else:
            assert outcome(reader, value) in {"read", "too_deep"}


def test_an_unknown_field_is_ignored() -> None:
    assert MESSAGES.read(SMALL + b',"added_later":{"a":[1]}}') == MESSAGE


@pytest.mark.parametrize("cut", range(1, 48))
def test_a_cut_avro_record_is_rejected(cut: int) -> None:
    assert rejection(lambda: MESSAGES.read(avro("message", MESSAGE)[:-cut])).error == "truncated"


def test_bytes_after_an_avro_record_are_rejected() -> None:
    assert rejection(lambda: MESSAGES.read(avro("message", MESSAGE) + b"\x00")).error == "trailing_bytes"


def test_an_avro_record_obeys_the_same_limits() -> None:
    long = msgspec.structs.replace(MESSAGE, text="t" * 20_001)
    found = rejection(lambda: MESSAGES.read(avro("message", long)))
    assert (found.error, found.field) == ("out_of_range", "text")


def test_an_avro_text_must_be_utf8() -> None:
    value = avro("message", MESSAGE).replace(CONTENT.encode(), b"swordfis\xff")
    assert rejection(lambda: MESSAGES.read(value)).error == "invalid_utf8"


def test_free_form_fields_of_avro_must_be_a_json_object() -> None:
    value = avro("message", msgspec.structs.replace(MESSAGE, custom={"key": 1}))
    found = rejection(lambda: MESSAGES.read(value.replace(b'{"key":1}', b'{"key":x}')))
    assert (found.error, found.field) == ("invalid_json", "custom")
    found = rejection(lambda: MESSAGES.read(value.replace(b'{"key":1}', b'["key",1]')))
    assert (found.error, found.field) == ("wrong_type", "custom")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_rejected(number: float) -> None:
    report = Report("c", "e", "1", "ok", duration_ms=number)
    found = rejection(lambda: FINDINGS.read(avro("report", report)))
    assert (found.error, found.field) == ("out_of_range", "duration_ms")


@settings(max_examples=250, deadline=None)
@example(b"\xc3\x01" + fingerprint(newest("message")) + b"\xff" * 40)
@example(b"\xc3\x01" + fingerprint(newest("message")) + b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f" * 4)
@given(
    st.binary(max_size=60)
    | st.binary(max_size=60).map(lambda tail: b"{" + tail)
    | st.binary(max_size=80).map(lambda tail: b"\xc3\x01" + fingerprint(newest("message")) + tail)
    | st.binary(max_size=60).map(lambda tail: b"\x00" + tail)
)
def test_no_bytes_raise_anything_but_a_rejection(value: bytes) -> None:
    assert outcome(MESSAGES, value) in {"read", *REASONS}


@settings(max_examples=80, deadline=None)
@given(record=st.sampled_from(sorted(RECORDS)), data=st.data())
def test_a_damaged_avro_record_raises_nothing_but_a_rejection(record: str, data: st.DataObject) -> None:
    value = bytearray(avro(record, data.draw(records.RECORDS[record])))
    for _ in range(data.draw(st.integers(1, 4))):
        value[data.draw(st.integers(10, len(value) - 1))] = data.draw(st.integers(0, 255))
    reader: Reader[Any] = Reader(RECORDS[record], limit=LIMIT)
    assert outcome(reader, bytes(value)) in {"read", *REASONS}


@pytest.mark.parametrize("folder", ["valid", "malformed"])
def test_avro_files_are_no_records(shared: Path, folder: str) -> None:
    files = sorted((shared / "data" / "avro" / folder).glob("*.avro"))
    assert files
    for file in files:
        for reader in (MESSAGES, UPLOADS, FINDINGS):
            assert outcome(reader, file.read_bytes()) in {"empty", "unknown_format"}


@pytest.mark.parametrize("folder", ["valid", "malformed"])
def test_avro_files_behind_each_prefix_are_no_records(shared: Path, folder: str) -> None:
    prefixes = [b"\xc3\x01" + fingerprint(newest(record)) for record in ("message", "upload")]
    for file in sorted((shared / "data" / "avro" / folder).glob("*.avro")):
        for prefix in prefixes:
            assert outcome(MESSAGES, prefix + file.read_bytes()) in REASONS


@pytest.mark.parametrize("stop", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_passes_through(stop: type[BaseException]) -> None:
    class Ended(msgspec.Struct):
        at: int

        def __post_init__(self) -> None:
            raise stop

    with pytest.raises(stop):
        Reader(Ended, limit=LIMIT).read(b'{"at":1}')


def test_defaults_are_left_out_of_json() -> None:
    assert Writer("json", "message").write(MESSAGE) == SMALL.replace(b"00:00:00Z", b"00:00:00Z") + b"}"


def test_confluent_framing_cannot_be_written_without_a_registry() -> None:
    with pytest.raises(LookupError, match="MODERATION_REGISTRY_URL"):
        Writer("confluent", "decision")


def test_a_task_is_read_from_both_forms() -> None:
    value = (
        b'{"content_id":"c","kind":"image","objects":[["image",{"url":"u"}]],"engines":["qr"],'
        b'"policy":{"id":"p","version":"v"},"deadline_at":9}'
    )
    reader = Reader(Task, limit=LIMIT)
    task = reader.read(value)
    assert task.objects[0][1].url == "u"
    assert reader.read(avro("task", task)) == task
