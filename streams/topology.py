"""Every topic and table: name, key, record, cleanup, retention. The only list; everything else asks here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

DAY: Final = 86_400_000  # milliseconds

Role = Literal[
    "screen",
    "uploads",
    "media",
    "join",
    "enforce",
    "text_llm",
    "comprehend",
    "velocity_user",
    "rekognition",
    "rekognition_video",
    "bridge",
    "execute",
]
# Each runs one engine for texts, and is named for it; needed only where the policy names that engine.
APART: Final[tuple[Role, ...]] = ("text_llm", "comprehend", "velocity_user")
# Each has a service judge pictures, and is named for the engine; needed only where the policy names it.
PICTURES: Final[tuple[Role, ...]] = ("rekognition",)
# Each judges stored videos by jobs of a service, and is named for the engine; needed only where the policy names it.
JOBS: Final[tuple[Role, ...]] = ("rekognition_video",)
# Writes what a queue of storage notifications holds to `s3-events`; needed only where a queue is configured.
RELAYING: Final[tuple[Role, ...]] = ("bridge",)
# Does what decisions ask for; needed only where a policy has effects.
ACTING: Final[tuple[Role, ...]] = ("execute",)
# What every policy needs, in the order of the flow.
ALWAYS: Final[tuple[Role, ...]] = ("screen", "uploads", "media", "join", "enforce")
ROLES: Final[tuple[Role, ...]] = (*ALWAYS, *APART, *PICTURES, *JOBS, *RELAYING, *ACTING)


@dataclass(frozen=True)
class TopicSpec:
    """One topic: `name` without the prefix; every topic has the same partition count."""

    name: str
    key: str  # what the record's key says
    record: str  # schema name, or what the bytes are
    cleanup: Literal["delete", "compact"] = "delete"
    retention_ms: int = 7 * DAY
    written_by: str = ""
    read_by: str = ""

    def config(self) -> dict[str, str]:
        """Return the broker's configuration of this topic."""
        if self.cleanup == "compact":
            # Small segments, so that compaction really runs: it never touches the newest segment.
            return {
                "cleanup.policy": "compact",
                "segment.bytes": str(16 << 20),
                "segment.ms": str(600_000),
                "min.cleanable.dirty.ratio": "0.3",
                "max.compaction.lag.ms": str(1_800_000),
                "delete.retention.ms": str(600_000),
            }
        return {"cleanup.policy": "delete", "retention.ms": str(self.retention_ms)}


@dataclass(frozen=True)
class TableSpec:
    """One fenced table: state of a role, kept beside one source topic."""

    role: Role
    name: str
    source: str  # topic whose partitions own the keys
    value: str

    @property
    def topic(self) -> str:
        """Return the name of the compacted topic that holds the table, without the prefix."""
        return f"{_spelled(self.role)}-{self.name}-state"


def tasks_of(engine: str) -> str:
    """Return the topic, without the prefix, of what an engine with a role of its own is asked."""
    return f"tasks-{_spelled(engine)}"


def _spelled(name: str) -> str:
    """Return a name as topics spell it: a dot and an underscore would count as the same in the broker's metrics."""
    return name.replace("_", "-")


# Engines whose tasks are keyed by the author: their state is the author's.
BY_USER: Final = frozenset({"velocity_user"})


def effects_of(sink: str) -> str:
    """Return the topic, without the prefix, of what one kind of executor is to do."""
    return f"effects-{sink}"


# Kinds of executors.
SINKS: Final[tuple[str, ...]] = ("s3", "sns", "dynamodb", "webhook")

SOURCES: Final[tuple[TopicSpec, ...]] = (
    TopicSpec("messages", "conversation_id, else content_id", "message", written_by="platform", read_by="screen"),
    TopicSpec("uploads", "content_id", "upload", written_by="platform", read_by="uploads"),
    TopicSpec(
        "s3-events",
        "bucket/key",
        "raw S3, EventBridge, SNS or MinIO notification",
        written_by="bridge, MinIO",
        read_by="uploads",
    ),
    TopicSpec("tasks-media", "content_id", "task", retention_ms=DAY, written_by="screen, uploads", read_by="media"),
    *(
        TopicSpec(
            tasks_of(engine),
            "user_id" if engine in BY_USER else "content_id",
            "text_task",
            retention_ms=DAY,
            written_by="screen, uploads",
            read_by=engine,
        )
        for engine in APART
    ),
    *(
        TopicSpec(
            tasks_of(engine),
            "SHA-256 of the picture",
            "picture_task",
            retention_ms=DAY,
            written_by="media",
            read_by=engine,
        )
        for engine in PICTURES
    ),
    *(
        TopicSpec(
            tasks_of(engine),
            "content_id",
            "video_task, job_ended, jobs_due",
            retention_ms=DAY,
            written_by=f"screen, uploads, {engine}",
            read_by=engine,
        )
        for engine in JOBS
    ),
    TopicSpec(
        "findings",
        "content_id",
        "case_opened, report, part, case_expired",
        written_by="screen, uploads, media, engines' roles, join",
        read_by="join",
    ),
    TopicSpec(
        "verdicts",
        "user_id",
        "verdict, standing_order",
        written_by="screen, uploads, join, enforce, review, moderation user",
        read_by="enforce",
    ),
    TopicSpec("rulings", "user_id", "ruling", retention_ms=90 * DAY, written_by="review", read_by="enforce"),
    TopicSpec(
        "actions",
        "content_id",
        "decision",
        retention_ms=90 * DAY,
        written_by="screen, uploads, join, enforce",
        read_by="execute, review, the world",
    ),
    *(
        TopicSpec(effects_of(sink), "content_id", "effect, effects_due", written_by="execute", read_by="execute")
        for sink in SINKS
    ),
)
TARGETS: Final[tuple[TopicSpec, ...]] = (
    TopicSpec(
        "outcomes", "content_id", "outcome", retention_ms=90 * DAY, written_by="execute", read_by="review, the world"
    ),
)
# What all workers of a role have whole.
JUDGED: Final = "judged-media"
POLICIES: Final = "policies"
STANDINGS: Final = "standings"
WORKERS: Final = "workers"
FOLLOWED: Final[tuple[TopicSpec, ...]] = (
    TopicSpec(
        JUDGED,
        "SHA-256 of the picture",
        "judged_media",
        cleanup="compact",
        written_by="rekognition",
        read_by="rekognition",
    ),
    TopicSpec(
        POLICIES,
        "policy_id, policy_id@version, file/sha256/number, policy_id!engine/rule",
        "policy_in_force, policy_version, policy_file, rule_released",
        cleanup="compact",
        written_by="moderation policy",
        read_by="every worker",
    ),
    TopicSpec(
        STANDINGS,
        "user_id",
        "standing",
        cleanup="compact",
        written_by="enforce",
        read_by="screen, uploads, join, review",
    ),
    TopicSpec(
        WORKERS,
        "worker_id",
        "worker_status",
        cleanup="compact",
        written_by="every worker",
        read_by="moderation policy status",
    ),
)
TABLES: Final[tuple[TableSpec, ...]] = (
    TableSpec("screen", "windows", "messages", "window"),
    TableSpec("uploads", "seen", "uploads", "time of the first sight"),
    TableSpec("uploads", "events", "s3-events", "that an event was seen; the newest sequencer of an object"),
    TableSpec("media", "tasks", "tasks-media", "nothing but the applied offset"),
    TableSpec("text_llm", "tasks", tasks_of("text_llm"), "nothing but the applied offset"),
    TableSpec("comprehend", "tasks", tasks_of("comprehend"), "nothing but the applied offset"),
    TableSpec("velocity_user", "authors", tasks_of("velocity_user"), "marks of the author's last texts"),
    TableSpec("rekognition", "pictures", tasks_of("rekognition"), "what is known of a picture"),
    TableSpec("rekognition_video", "jobs", tasks_of("rekognition_video"), "jobs of a content"),
    TableSpec("join", "cases", "findings", "case"),
    TableSpec("enforce", "standings", "verdicts", "standing of a user; what of his was bounced"),
    TableSpec("enforce", "rulings", "rulings", "what rulings made of a content's decision"),
    TableSpec("execute", "plans", "actions", "nothing but the applied offset"),
    *(TableSpec("execute", sink, effects_of(sink), "what was done last, and what waits") for sink in SINKS),
)


def needed(apart_engines: Iterable[str], *, queue: bool = False, effects: bool = False) -> tuple[Role, ...]:
    """Return the roles that policies need, given their engines with roles of their own; in the order of ROLES.

    `queue` tells whether storage notifications come from a queue, `effects` whether a policy has effects.
    """
    others = {*apart_engines, *(RELAYING if queue else ()), *(ACTING if effects else ())}
    return tuple(role for role in ROLES if role in ALWAYS or role in others)


def dead_letters(source: str) -> str:
    """Return the dead-letter topic of a source topic."""
    return f"{source}-dlq"


def topics() -> Iterator[TopicSpec]:
    """Yield every topic: sources, targets, followed ones, dead letters, state."""
    yield from SOURCES
    yield from TARGETS
    yield from FOLLOWED
    for source in SOURCES:
        yield TopicSpec(
            dead_letters(source.name),
            "as read",
            "raw bytes",
            retention_ms=14 * DAY,
            written_by=source.read_by.split(", ")[0],
            read_by="operations",
        )
    for table in TABLES:
        yield TopicSpec(
            table.topic, "as the source", table.value, cleanup="compact", written_by=table.role, read_by=table.role
        )


def table(role: str, name: str) -> TableSpec:
    """Return one table; raise LookupError when the list does not name it."""
    return next(spec for spec in TABLES if (spec.role, spec.name) == (role, name))


def full_name(prefix: str, topic: str) -> str:
    """Return a topic's name on the broker."""
    return prefix + topic
