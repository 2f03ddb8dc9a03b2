"""DynamoDB: decisions in, items out, each revision once, and the latest of each content.

Both writes are conditional, so that repeats and effects out of order end as if each had come once and in order: a
revision is written when it is not there, the latest item when its revision is lower.
"""

from typing import Any, Final

from botocore.exceptions import ClientError

from streams.adapters.dynamodb_item import Item, items
from streams.adapters.executing import Done, Result
from streams.adapters.fault import Fault
from streams.adapters.regional import Regional
from streams.core.effect import Effect
from streams.core.kept_decision import TooLarge

NEW: Final = "attribute_not_exists(pk)"
NEWER: Final = "attribute_not_exists(pk) OR revision < :revision"
REFUSED: Final = "ConditionalCheckFailedException"
RECORDED: Final = Result("done")


class DynamoDb:
    """Carries out `record`."""

    def __init__(self, tables: Regional) -> None:
        """Take the clients of `dynamodb`."""
        self._tables = tables

    def endpoint(self, effect: Effect) -> str:
        """Return the table and its region: what breaks and mends as one."""
        return f"{self._tables.place(effect.target.get('region'))} {effect.target['table']}"

    def region(self, effect: Effect) -> str:
        """Return the region of the table."""
        return self._tables.region(effect.target.get("region"))

    async def __call__(self, effect: Effect, last: Done | None, until: float) -> Result:  # noqa: ARG002  writing waits for nothing
        """Write the decision's item, then its content's latest one; raise Fault."""
        target = effect.target
        try:
            own, latest = items(
                effect.decision, keep_ms=int(target["keep_ms"]), masked_text=target.get("include_masked") == "true"
            )
        except TooLarge:
            raise Fault("too_large", "item") from None
        service = self._tables.service(target.get("region"))
        await service.call(lambda client: _put(client, target["table"], own, NEW))
        await service.call(
            lambda client: _put(client, target["table"], latest, NEWER, {":revision": latest["revision"]})
        )
        return RECORDED

    async def close(self) -> None:
        """Close the connections."""
        await self._tables.close()


def _put(client: Any, table: str, item: Item, condition: str, values: Item | None = None) -> bool:
    """Write an item where the condition holds; say whether it did. That it does not is no fault: it was written."""
    more = {} if values is None else {"ExpressionAttributeValues": values}
    try:
        answer = client.put_item(
            TableName=table, Item=item, ConditionExpression=condition, ReturnConsumedCapacity="TOTAL", **more
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == REFUSED:
            return False
        raise
    if "ConsumedCapacity" not in answer:  # boto3 reads a page of a proxy, or nothing at all, as an empty answer
        raise Fault("garbled", "retry")
    return True
