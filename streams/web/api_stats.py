"""How review goes: open items by severity, and how often people confirmed what each rule found."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from streams.core.precision import RulePrecision
from streams.store.precision import of_rules
from streams.web.api_items import Counts
from streams.web.asked import Milliseconds
from streams.web.encoding import answers, told
from streams.web.parts import Given
from streams.web.problems import documented
from streams.web.signed import SignedIn

router = APIRouter(tags=["items"], responses=documented(401, 403, 422, 503))


class Stats(msgspec.Struct, frozen=True):
    """Numbers about the items that one sees."""

    open: Counts
    rules: tuple[RulePrecision, ...]


@router.get("/api/stats", operation_id="stats", responses=answers(Stats))
def stats(
    given: Given, signed: SignedIn, since: Annotated[Milliseconds, Query(description="rulings that count")] = 0
) -> Response:
    """Return how many items are open, and the precision of each rule by the rulings since a moment."""
    with given.database.reading() as connection:
        counted = given.tally.counts(connection, signed.scope, given.clock())
        rules = of_rules(connection, signed.scope, since)
    return told(Stats(Counts(counted.waiting, counted.at), rules))
