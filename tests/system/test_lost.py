"""A source that has dropped records, on a real broker: what was never applied is not passed over."""

import pytest
from confluent_kafka import TopicPartition as Offset

from streams.runtime.restoring import Lost
from tests.system.place import Place, put

pytestmark = pytest.mark.system


async def begun(place: Place, *, applied: int | None, dropped: int) -> None:
    """Write twenty records; let an owner apply those before one offset, then Kafka drop those before another."""
    place.begin()
    place.produce(place.source, {str(number): number for number in range(20)})
    if applied is not None:
        table = place.table()
        await table.restore({0})
        await put(table, {}, applied)
    partition = Offset(place.source, 0, dropped)
    place.admin.delete_records([partition])[partition].result(20)


async def test_records_that_kafka_dropped_unjudged_are_never_passed_over(place: Place) -> None:
    await begun(place, applied=5, dropped=12)
    with pytest.raises(Lost, match="offsets 5 to 11 are gone"):
        await place.table().restore({0})
    assert await place.table(accept_loss=True).restore({0}) == {0: 12}


async def test_what_was_dropped_after_it_was_applied_is_no_loss(place: Place) -> None:
    await begun(place, applied=12, dropped=12)
    assert await place.table().restore({0}) == {0: 12}


async def test_a_table_over_a_source_that_lost_its_beginning_starts_at_what_is_there(place: Place) -> None:
    await begun(place, applied=None, dropped=7)
    assert await place.table().restore({0}) == {0: 7}
