"""Review items for benchmarks: a seed in, decisions with their contents out, or a store filled with very many of them.

Skewed as queues are: a few tenants, labels, rules and users have most items, one text in ten is one of a few hundred
that are sent again and again. `filled` writes rows past the way that records take (store/taking), by the same code
that makes them: a million in minutes.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Table, insert, text

from benchmarks.records import FIRST_ID, texts
from streams.core.action import Action
from streams.core.content import Location, Message, Upload, User
from streams.core.decision import Decision, ReportSummary, Triggered, decision_id
from streams.core.finding import Evidence
from streams.core.judged_object import JudgedObject
from streams.core.label import MediaKind, Severity, TextKind
from streams.core.moment import EPOCH, MILLISECOND, iso
from streams.core.policy import PolicyRef
from streams.store import tables
from streams.store.batch import Read
from streams.store.contents import message_row, shown, upload_row
from streams.store.database import Database
from streams.store.judged_item import found_rows, media_rows, opened
from streams.store.near import remember

SEED: Final = 7
SINCE: Final = 1_790_000_000_000  # milliseconds since 1970: the first item
REVIEWED_AFTER: Final = 3_600_000  # milliseconds
BETWEEN: Final = 650  # milliseconds from one item to the next: a million in a week
TENANTS: Final = 20
USERS: Final = 200_000
CONVERSATIONS: Final = 50_000
REPEATED: Final = 500  # texts that are sent again and again
REPEATED_SHARE: Final = 0.1
CAPTION_SHARE: Final = 0.3
ESCALATED_SHARE: Final = 0.01
ASSIGNED_SHARE: Final = 0.02
RIGHT_SHARE: Final = 0.85  # of rulings, that confirm the rules
SCALED: Final = 400  # listed pictures that copies are of
CHUNK: Final = 5_000  # items of one round

# Values, and how often of a hundred or so.
MEDIA_SHARE: Final = 0.11
TEXT_KINDS: Final[Mapping[TextKind, int]] = {"message": 79, "comment": 11, "post": 8, "profile": 2}
MEDIA_KINDS: Final[Mapping[MediaKind, int]] = {"image": 9, "video": 2}
SEVERITIES: Final[Mapping[Severity, int]] = {"medium": 42, "low": 35, "high": 19, "critical": 4}
ACTIONS: Final[Mapping[Action, int]] = {"flag": 62, "block": 18, "mask_flag": 12, "shadow_block": 8}
LANGUAGES: Final = {"en": 60, "es": 15, "pt": 10, "de": 8, "ja": 4, "": 3}
ENGINES: Final = {"blocklist": 30, "text_model": 25, "pattern": 15, "semantic": 12, "pii": 10, "velocity": 8}
TEXT_LABELS: Final = {
    "scam": 25,
    "spam": 20,
    "harassment": 15,
    "hate_speech": 10,
    "pii": 10,
    "profanity": 8,
    "sexual": 4,
    "violence": 3,
    "drugs": 2,
    "self_harm": 1,
    "child_safety": 1,
    "terrorism": 1,
}
MEDIA_ENGINES: Final = {"image_model": 60, "ocr": 15, "qr": 10, "media_hash": 15}
MEDIA_LABELS: Final = {"explicit": 40, "violence": 15, "qr_code": 15, "alcohol": 10, "hate_symbols": 10, "pii": 10}
POLICIES: Final = {"default": 80, "games": 15, "market": 5}

Row = dict[str, Any]


class Arrived(NamedTuple):
    """A decision and the content that it is on."""

    decision: Decision
    content: Message | Upload


class Draw:
    """Draws by the weights of a table, the n-th of a range 1/n as often as the first; the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - the same every time is what is wanted
        self._ranges: dict[int, list[float]] = {}

    def of(self, table: Mapping[Any, int]) -> Any:
        """Return one of the keys."""
        return self.random.choices(tuple(table), tuple(table.values()))[0]

    def chance(self, share: float) -> bool:
        """Return True that often."""
        return self.random.random() < share

    def below(self, end: int) -> int:
        """Return a number from 0 to `end`."""
        weights = self._ranges.get(end)
        if weights is None:
            weights = self._ranges[end] = list(itertools.accumulate(1 / (rank + 3) for rank in range(end)))
        return self.random.choices(range(end), cum_weights=weights)[0]


def arrivals(count: int, *, start: int = 0, seed: int = SEED) -> Iterator[Arrived]:
    """Yield decisions that open an item each; `start` numbers the first one, and other numbers give other ids."""
    draw = Draw(f"items {seed} {start}")
    fresh = texts(["money"], seed + start)
    repeated = list(itertools.islice(texts(["money"], seed), REPEATED))
    for number in range(start, start + count):
        said = repeated[draw.below(REPEATED)] if draw.chance(REPEATED_SHARE) else next(fresh)
        content = _upload(draw, number, said) if draw.chance(MEDIA_SHARE) else _message(draw, number, said)
        yield Arrived(_decision(draw, content, decided_at(number)), content)


def decided_at(number: int) -> int:
    """Return when the decision of that number was made, milliseconds since 1970."""
    return SINCE + BETWEEN * number


def _message(draw: Draw, number: int, said: str) -> Message:
    return Message(
        content_id=_content_id(number),
        kind=draw.of(TEXT_KINDS),
        user=_user(draw),
        text=said,
        created_at=EPOCH + decided_at(number) * MILLISECOND,
        conversation_id=str(FIRST_ID - 1 - draw.below(CONVERSATIONS)),
        language=draw.of(LANGUAGES),
        tenant=f"tenant-{draw.below(TENANTS)}",
    )


def _upload(draw: Draw, number: int, said: str) -> Upload:
    return Upload(
        content_id=_content_id(number),
        kind=draw.of(MEDIA_KINDS),
        user=_user(draw),
        location=Location(bucket="uploads", key=_content_id(number)),
        created_at=EPOCH + decided_at(number) * MILLISECOND,
        conversation_id=str(FIRST_ID - 1 - draw.below(CONVERSATIONS)),
        caption=said if draw.chance(CAPTION_SHARE) else None,
        tenant=f"tenant-{draw.below(TENANTS)}",
    )


def _content_id(number: int) -> str:
    return str(FIRST_ID + 4_194_304 * number)


def _user(draw: Draw) -> User:
    number = draw.below(USERS)
    made = EPOCH + (1_500_000_000_000 + number * 1_000_000) * MILLISECOND
    return User(f"u-{number}", role=("member", "guest", "creator")[number % 3], created_at=made)


def _decision(draw: Draw, content: Message | Upload, at: int) -> Decision:
    lines = _lines(draw, content)
    severities = [line.severity for line in lines if line.severity]
    confidences = [line.confidence for line in lines if line.confidence]
    upload = isinstance(content, Upload)
    return Decision(
        decision_id=decision_id(content.content_id, 0),
        content_id=content.content_id,
        kind=content.kind,
        user_id=content.user.id,
        revision=0,
        action=draw.of(ACTIONS),
        labels=tuple(dict.fromkeys(line.label for line in lines)),
        triggered=lines,
        shadow=(),
        reports=tuple(
            ReportSummary(engine, "ok", duration_ms=1.5, version="1")
            for engine in (MEDIA_ENGINES if upload else ENGINES)
        ),
        context=tuple(
            str(FIRST_ID + 4_194_304 * draw.random.randrange(1, 10_000_000)) for _ in range(0 if upload else 10)
        ),
        policy=PolicyRef(draw.of(POLICIES), "sha256:3f2a9c"),
        source="automatic",
        escalate="critical" in severities or draw.chance(ESCALATED_SHARE),
        partial=False,
        reason=f"{lines[0].engine} rule {lines[0].rule} found {lines[0].label}",
        received_at=iso(at - 40),
        decided_at=iso(at),
        conversation_id=content.conversation_id,
        tenant=content.tenant,
        severity=max(severities, key=tuple(SEVERITIES).index) if severities else None,
        confidence=max(confidences, default=None),
        objects=(JudgedObject(content.kind, content.location, sha256=_hash(draw)),)
        if isinstance(content, Upload)
        else (),
    )


def _lines(draw: Draw, content: Message | Upload) -> tuple[Triggered, ...]:
    found: dict[tuple[str, str], Triggered] = {}
    upload = isinstance(content, Upload)
    for _ in range(draw.of({1: 60, 2: 25, 3: 10, 4: 5})):
        engine = draw.of(MEDIA_ENGINES if upload else ENGINES)
        label = "known_media" if engine == "media_hash" else draw.of(MEDIA_LABELS if upload else TEXT_LABELS)
        place = Evidence(span=(0, 8))
        if upload:
            near = engine == "media_hash"
            place = Evidence(hash=_hash(draw), distance=12) if near else Evidence(frame=(0, 900), count=3)
        found[engine, label] = Triggered(
            f"{label}_{draw.below(8)}",
            "enforce",
            engine,
            label,
            "flag",
            severity=None if upload else draw.of(SEVERITIES),
            confidence=round(100 - 50 * draw.random.random() ** 2, 1) if upload or engine == "text_model" else None,
            why="what our users asked to be spared",
            evidence=(place,),
        )
    return tuple(found.values())


def _hash(draw: Draw) -> str:
    return random.Random(draw.below(SCALED)).randbytes(32).hex()  # noqa: S311 - the same picture again


def filled(database: Database, count: int, *, open_share: float = 0.5, start: int = 0, seed: int = SEED) -> None:
    """Put so many items into a migrated, empty store, with all their rows; those that are not open have a ruling."""
    with database.writing() as connection:
        indexes = _without_indexes(connection)
    draw = Draw(f"states {seed} {start}")
    arriving = arrivals(count, start=start, seed=seed)
    for first in range(start, start + count, CHUNK):
        rows: dict[Table, list[Row]] = {}
        for item_id, arrived in enumerate(itertools.islice(arriving, CHUNK), first + 1):
            for table, row in _rows(draw, item_id, arrived, is_open=draw.chance(open_share)):
                rows.setdefault(table, []).append(row)
        with database.writing() as connection:
            for table in tables.metadata.sorted_tables:
                _put(connection, table, rows.get(table, []))
            remember(connection, [row["pdq"] for row in rows.get(tables.media, []) if row["pdq"]])
    with database.writing() as connection:
        for statement in indexes:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.exec_driver_sql(statement.replace("%", "%%"))
        if database.dialect == "postgresql":
            highest = {"highest": start + count}
            connection.execute(text("SELECT setval(pg_get_serial_sequence('item', 'id'), :highest)"), highest)
    _analyzed(database)


def _rows(draw: Draw, item_id: int, arrived: Arrived, *, is_open: bool) -> Iterator[tuple[Table, Row]]:
    decision, content = arrived
    at = decided_at(item_id - 1)
    if isinstance(content, Upload):
        told = upload_row(Read(content, "uploads", 0, item_id, at))
    else:
        told = message_row(Read(content, "messages", 0, item_id, at))
    row = opened(decision, at, at) | shown(decision.kind, told) | {"id": item_id, "open": int(is_open)}
    row |= {"claimed_by": None, "claimed_until": 0, "assigned_to": None, "erased_at": None}
    if is_open and draw.chance(ASSIGNED_SHARE):
        row["assigned_to"] = f"moderator-{draw.below(20)}"
    if not is_open:
        ruling = _ruling(draw, row)
        row |= {"action": ruling["to_action"], "closed_at": ruling["at"], "ruling_id": ruling["id"], "version": 2}
        yield tables.ruling, ruling
    yield tables.item, row
    for found in found_rows(item_id, row, decision):
        yield tables.found, found
    for medium in media_rows(item_id, decision):
        yield tables.media, medium
    record = {name: row[name] for name in ("content_id", "revision", "action")}
    yield tables.decision, {**record, "at": at, "source": "automatic", "record": row["decision"]}
    yield tables.message, told


def _ruling(draw: Draw, row: Row) -> Row:
    right = draw.chance(RIGHT_SHARE)
    return {
        "id": f"r-{row['id']}",
        "item_id": row["id"],
        "act": "approve" if right else "override",
        "by": f"moderator-{draw.below(20)}",
        "at": row["opened_at"] + REVIEWED_AFTER,
        "from_action": row["action"],
        "to_action": row["action"] if right else "allow",
        "reason": None,
        "confirmed": int(right),
        "bulk_id": None,
    }


def _put(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    columns = tuple(rows[0])
    named = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor().copy(f"COPY {table.name} ({named}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in columns])


def _without_indexes(connection: Connection) -> list[str]:
    """Drop what no constraint needs; return the statements that make it again: at the end that is much faster."""
    if connection.dialect.name != "postgresql":
        return []
    listed = connection.execute(
        text(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class"
            " ON pg_class.oid = indrelid WHERE NOT indisunique AND relnamespace = 'public'::regnamespace"
        )
    ).all()
    for name, _ in listed:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    return [definition for _, definition in listed]


def _analyzed(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("ANALYZE"))
