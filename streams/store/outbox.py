"""Records on their way to Kafka, written in the transaction that holds what they tell of; `sending` sends them."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, insert

from streams.core.ruling import Ruling
from streams.core.verdict import StandingOrder
from streams.store.tables import outbox


def put(connection: Connection, records: Iterable[Ruling | StandingOrder], now: int) -> None:
    """Have records sent, in this order: rulings on `rulings`, orders on `verdicts`, both by user id.

    What two transactions put is sent in the order of their ends where both appended to the audit log before.
    """
    rows = [_row(record, now) for record in records]
    if rows:
        connection.execute(insert(outbox), rows)


def _row(record: Ruling | StandingOrder, now: int) -> dict[str, Any]:
    about: dict[str, Any]
    if isinstance(record, Ruling):
        user_id = record.decision.user_id
        about = {
            "topic": "rulings",
            "record": "ruling",
            "name": record.ruling_id,
            "subject": record.decision.content_id,
        }
    else:
        user_id = record.user_id
        about = {"topic": "verdicts", "record": "standing_order", "name": record.order_id, "subject": user_id}
    return about | {"key": user_id.encode(), "value": msgspec.json.encode(record), "at": now}
