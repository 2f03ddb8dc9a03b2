"""What conditions can read: every variable and field with its type, and when it is known."""

from typing import Final

from streams.core.condition.tree import BOOL, DOUBLE, DYN, EARLY, INT, LATE, STRING, Type
from streams.core.label import SEVERITIES

CUSTOM: Final = Type("map", DYN)
CONTEXT: Final = Type("list", Type("message"))
LABELS: Final = Type("labels", Type("finding"))
SCORES: Final = Type("scores", DOUBLE)
STRINGS: Final = Type("list", STRING)

CONSTANTS: Final = {name: rank for rank, name in enumerate(SEVERITIES, start=1)}

# What stands alone.
VARIABLES: Final[dict[str, Type]] = {
    "text": STRING,
    "labels": LABELS,
    "severity": INT,
    "confidence": DOUBLE,
    "scores": SCORES,
    "context": CONTEXT,
}
# What has fields; it has no value of its own.
GROUPS: Final[dict[str, dict[str, Type]]] = {
    "user": {
        "id": STRING,
        "role": STRING._replace(nullable=True),
        "age_days": DOUBLE._replace(nullable=True),
        "strikes": INT,
        "trusted": BOOL,
        "restricted": BOOL,
        "custom": CUSTOM,
    },
    "counts": {
        "messages_1m": INT,
        "messages_10m": INT,
        "messages_1h": INT,
        "links_10m": INT,
        "same_10m": INT,
    },
    "content": {
        "kind": STRING,
        "tenant": STRING._replace(nullable=True),
        "conversation_id": STRING._replace(nullable=True),
        "language": STRING._replace(nullable=True),
        "length": INT,
        "attachments": INT,
        "custom": CUSTOM,
        "resubmission": BOOL,
    },
}
# Fields of what lists and maps hold.
FIELDS: Final[dict[str, dict[str, Type]]] = {
    "message": {"user_id": STRING, "text": STRING, "action": STRING._replace(nullable=True), "age_s": INT},
    "finding": {"severity": INT, "confidence": DOUBLE, "rules": STRINGS, "engines": STRINGS},
}
NAMES: Final = (*VARIABLES, *GROUPS, *CONSTANTS)

# Known only when the engines have answered, and where the standing is followed.
_LATE: Final = frozenset({"labels", "severity", "confidence", "scores", "user.strikes", "user.restricted"})


def stage_of(name: str) -> int:
    """Return when an input, such as `text` or `user.role`, is known."""
    return LATE if name in _LATE else EARLY
