"""Headers of records and of dead letters."""

from streams import __version__
from streams.adapters.headers import CloudHeaders, dead_letter_headers, header
from streams.adapters.rejected import Rejected


def test_a_record_carries_the_headers_of_cloudevents() -> None:
    headers = CloudHeaders("decision", source="/moderation-streams/screen")
    assert sorted(headers("d-1", "m-ü", "2026-01-01T00:00:00.000Z")) == [
        ("ce_id", b"d-1"),
        ("ce_source", b"/moderation-streams/screen"),
        ("ce_specversion", b"1.0"),
        ("ce_subject", "m-ü".encode()),
        ("ce_time", b"2026-01-01T00:00:00.000Z"),
        ("ce_type", b"moderation.decision.v1"),
        ("content-type", b"application/json"),
    ]


def test_both_avro_forms_say_so() -> None:
    for form in ("avro", "confluent"):
        assert (
            header(CloudHeaders("report", source="s", form=form)("i", "s", "t"), "content-type") == b"application/avro"
        )


def test_no_record_changes_the_headers_of_the_next() -> None:
    headers = CloudHeaders("report", source="s")
    headers("1", "a", "t").append(("x", b""))
    assert len(headers("2", "b", "t")) == 7


def test_a_dead_letter_says_where_it_lay_and_why() -> None:
    found = dead_letter_headers(
        Rejected("missing_field", "user.id"),
        topic="moderation.messages",
        partition=3,
        offset=42,
        timestamp=1767225600000,
    )
    assert dict(found) == {
        "dlq_topic": b"moderation.messages",
        "dlq_partition": b"3",
        "dlq_offset": b"42",
        "dlq_timestamp": b"1767225600000",
        "dlq_error": b"missing_field",
        "dlq_field": b"user.id",
        "dlq_reason": b"missing_field at user.id",
        "dlq_attempts": b"1",
        "dlq_app_version": __version__.encode(),
    }


def test_a_dead_letter_keeps_its_own_headers_but_no_earlier_reason() -> None:
    own = [("ce_id", b"1"), ("dlq_error", b"empty"), ("ce_id", b"2"), ("nothing", None)]
    found = dead_letter_headers("poisoned", topic="t", partition=0, offset=0, timestamp=0, attempts=3, headers=own)
    assert found[:3] == [("ce_id", b"1"), ("ce_id", b"2"), ("nothing", b"")]
    assert [value for name, value in found if name == "dlq_error"] == [b"poisoned"]
    assert header(found, "dlq_attempts") == b"3"
    assert header(found, "dlq_field") == b""


def test_the_last_header_of_a_name_counts() -> None:
    assert header([("a", b"1"), ("a", b"2")], "a") == b"2"
    assert header([], "a") is None
