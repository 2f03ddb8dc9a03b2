"""What the checker reads and what it finds: records of the log in, anomalies with their places out."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

EXAMPLES: Final = 50  # places that are kept of each kind of anomaly; all are counted


class Record(NamedTuple):
    """One record as the log holds it."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    def header(self, name: str) -> bytes | None:
        """Return the value of the first header of this name."""
        return next((value for key, value in self.headers if key == name), None)


class Place(NamedTuple):
    """Where a record lies; the topic without its prefix."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        """Show topic, partition and offset."""
        return f"{self.topic}[{self.partition}]@{self.offset}"


class Anomaly(NamedTuple):
    """One thing that must not be."""

    kind: str
    place: Place
    content_id: str
    detail: str


@dataclass
class Verdict:
    """All that was counted and found; `sound` when nothing is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    anomalies: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Anomaly]] = field(default_factory=dict)
    last: dict[str, dict[int, int]] = field(default_factory=dict)  # topic -> partition -> offset of the last record

    @property
    def sound(self) -> bool:
        """Say whether no anomaly was found."""
        return not self.anomalies

    def found(self, kind: str, place: Place, content_id: str = "", detail: str = "") -> None:
        """Count an anomaly and keep its place while there are few."""
        self.anomalies[kind] += 1
        kept = self.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES:
            kept.append(Anomaly(kind, place, content_id, detail))

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "sound": self.sound,
            "counts": dict(sorted(self.counts.items())),
            "anomalies": dict(sorted(self.anomalies.items())),
            "examples": [
                {**one.place._asdict(), "kind": one.kind, "content_id": one.content_id, "detail": one.detail}
                for kept in self.examples.values()
                for one in kept
            ],
        }

    def __str__(self) -> str:
        """Show counts, then each kind of anomaly with its places."""
        lines = [f"  {name:<28}{count:>10,}" for name, count in sorted(self.counts.items())]
        for kind, count in sorted(self.anomalies.items()):
            lines.append(f"{kind}: {count:,}")
            lines += [f"  {one.place} {one.content_id!r} {one.detail}".rstrip() for one in self.examples[kind]]
            if count > len(self.examples[kind]):
                lines.append(f"  … and {count - len(self.examples[kind]):,} more")
        return "\n".join([*lines, "sound" if self.sound else "NOT SOUND"])
