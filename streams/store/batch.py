"""What one fetch of Kafka brought for the review store: records with their places, and how far each topic is read."""

from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from streams.core.content import Message, Upload
from streams.core.decision import Decision
from streams.core.effect import Outcome
from streams.core.restriction import Standing

T_co = TypeVar("T_co", covariant=True)

Place = tuple[str, int]  # topic, without the prefix, and partition


class Read(NamedTuple, Generic[T_co]):
    """A record and where it lay."""

    record: T_co
    topic: str
    partition: int
    offset: int
    at: int  # time of the record, milliseconds since 1970


class UserStanding(NamedTuple):
    """What lies upon a user now; None: nothing that matters, the record was a tombstone."""

    user_id: str
    standing: Standing | None


class Batch(NamedTuple):
    """Records in the order of their partitions; those of different topics in any order."""

    decisions: Sequence[Read[Decision]] = ()
    messages: Sequence[Read[Message]] = ()
    uploads: Sequence[Read[Upload]] = ()
    outcomes: Sequence[Read[Outcome]] = ()
    standings: Sequence[Read[UserStanding]] = ()
    positions: Mapping[Place, int] = {}  # the next offset to read, when this batch is taken


class Taken(NamedTuple):
    """What a batch changed."""

    opened: int = 0  # new items, also those that were ruled on before they came
    revised: int = 0  # items with a newer decision
    told: int = 0  # items whose content came after them
