"""What the agents of one role share: settings, policy, metrics; and how their intakes and flows are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from streams import topology
from streams.adapters.registry import Registry
from streams.adapters.wire import Reader
from streams.agents.book import Book
from streams.agents.emission import Emission
from streams.agents.intake import Intake
from streams.agents.watching import Unwatched
from streams.core.engine import Apart
from streams.core.judge import Judge
from streams.metrics import Metrics, RuntimeMetrics
from streams.runtime.fenced import FencedTable
from streams.runtime.flow import Flow, Handler
from streams.runtime.owned import Times, Watcher
from streams.runtime.unit import Unit
from streams.settings import Settings
from streams.topology import Role, dead_letters

T = TypeVar("T")
E = TypeVar("E", bound=Apart)

ASK_CHUNK: Final = 16  # tasks on texts of one transaction: what one slow answer holds up
ASK_CONCURRENCY: Final = 128  # of all partitions; what an engine's own interface bears, its configuration says

DEADLINE: Final = 30.0  # seconds; of a policy that says nothing of it

# What a role consists of: flows, and tasks that run until the worker stops.
Running = tuple[list[Flow], list[Callable[[], Any]]]


@dataclass
class Parts:
    """What the agents of one role share."""

    settings: Settings
    role: Role
    judge: Judge
    book: Book
    metrics: Metrics
    registry: Registry | None
    emission: Emission
    connection: Mapping[str, Any]  # for aiokafka
    watching: Unwatched = field(default_factory=Unwatched)  # breakers of rules

    def engines(self, kind: type[E]) -> list[E]:
        """Return the engines of a kind, each with a role of its own, of the policies that judge now."""
        return [engine for loaded in self.book.every if isinstance(engine := loaded.own(kind.name), kind)]

    @property
    def deadline(self) -> float:
        """Return the longest time, in seconds, that a policy which judges now gives a case."""
        return max((loaded.policy.deadline_ms / 1000 for loaded in self.book.every), default=DEADLINE)

    def intake(self, record: type[T], source: str, *, needs_key: bool = True) -> Intake[T]:
        """Return the intake of a source topic."""
        settings = self.settings
        return Intake(
            Reader(record, limit=settings.record_limit, registry=self.registry),
            topic=source,
            dead_letters=settings.topic_prefix + dead_letters(source),
            share=settings.dead_letter_share,
            metrics=self.metrics,
            needs_key=needs_key,
            registry=self.registry,
        )

    def flow(
        self,
        table: str,
        handler: Handler,
        *,
        idle_of: Callable[[bytes], int] | None = None,
        keeps: Callable[[bytes], bool] = lambda _value: False,
        on_expiry: Callable[[Unit, bytes], None] = lambda _unit, _key: None,
        watchers: Sequence[Watcher] = (),
        chunk: int | Callable[[], int | None] | None = None,
        longest: float = 0.0,
    ) -> Flow:
        """Return the flow of one source topic; `idle_of` in milliseconds, `longest` seconds that a batch may take."""
        settings, spec = self.settings, topology.table(self.role, table)
        observer = RuntimeMetrics(self.metrics, self.role)
        fenced = FencedTable(
            source=settings.topic_prefix + spec.source,
            topic=settings.topic_prefix + spec.topic,
            transactional_prefix=f"{settings.topic_prefix}{self.role}",
            connection=self.connection,
            partitions=settings.partitions,
            idle_of=idle_of,
            keeps=keeps,
            on_expiry=on_expiry,
            watchers=watchers,
            observer=observer,
            times=Times(transaction=settings.transaction_timeout, turn=max(20.0, settings.media_timeout * 2, longest)),
            accept_loss=settings.accept_loss,
        )
        return Flow(f"{self.role}-{table}", fenced, handler, chunk=chunk, observer=observer)
