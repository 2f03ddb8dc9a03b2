"""Record headers: CloudEvents on every record that we write, the reason on every dead letter. Ids only, no content."""

from collections.abc import Iterable, Sequence
from typing import Final

from streams import __version__
from streams.adapters.rejected import Rejected

Header = tuple[str, bytes]
Headers = list[Header]

CONTENT_TYPES: Final = {"json": b"application/json", "avro": b"application/avro", "confluent": b"application/avro"}
DEAD_LETTER: Final = "dlq_"


class CloudHeaders:
    """Makes the CloudEvents headers (Kafka binding, binary mode) of a record type; the constant ones are made once."""

    def __init__(self, record: str, *, source: str, form: str = "json", version: int = 1) -> None:
        self._fixed: Headers = [
            ("ce_specversion", b"1.0"),
            ("ce_type", f"moderation.{record}.v{version}".encode()),
            ("ce_source", source.encode()),
            ("content-type", CONTENT_TYPES[form]),
        ]

    def __call__(self, record_id: str, subject: str, time: str) -> Headers:
        """Return the headers of a record: its id, its content id, its time as ISO 8601."""
        return [
            *self._fixed,
            ("ce_id", record_id.encode()),
            ("ce_subject", subject.encode()),
            ("ce_time", time.encode()),
        ]


def dead_letter_headers(
    reason: Rejected | str,
    *,
    topic: str,
    partition: int,
    offset: int,
    timestamp: int,
    attempts: int = 1,
    headers: Iterable[tuple[str, bytes | None]] | None = (),
) -> Headers:
    """Return the headers of a dead letter: the record's own, without older `dlq_` ones, then where it lay and why.

    `reason` is a rejection, or a snake_case word from a closed set; `timestamp` is milliseconds since 1970.
    """
    error, field = (reason.error, reason.field) if isinstance(reason, Rejected) else (reason, None)
    told = {
        "dlq_topic": topic,
        "dlq_partition": str(partition),
        "dlq_offset": str(offset),
        "dlq_timestamp": str(timestamp),
        "dlq_error": error,
        "dlq_field": field or "",
        "dlq_reason": str(reason),
        "dlq_attempts": str(attempts),
        "dlq_app_version": __version__,
    }
    kept = [(name, value or b"") for name, value in headers or () if not name.startswith(DEAD_LETTER)]
    return [*kept, *((name, text.encode()) for name, text in told.items())]


def header(headers: Sequence[tuple[str, bytes | None]], name: str) -> bytes | None:
    """Return the last value of a header, None when there is none."""
    return next((value for key, value in reversed(headers) if key == name), None)
