"""The table that decisions are recorded in: a name in, a table with its indexes and its time to live out.

For a laptop and for tests; in production it is made with everything else that a deployment owns, and the role `execute`
may only write items (deploy/iam/actuator.json). Billing is by request.
"""

from typing import Any, Final

from streams.adapters.dynamodb_item import EXPIRES

BY_USER: Final = "by-user"  # user_id, in the order of decided_at
BY_DAY: Final = "by-day"  # the day of decided_at as YYYY-MM-DD, UTC


def create(client: Any, table: str) -> None:
    """Make the table with a client of DynamoDB, and return when it can be written to; does nothing where it is there.

    Raises what boto3 raises.
    """
    try:
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "user_id", "day", "decided_at")
            ],
            KeySchema=_key("pk", "sk"),
            GlobalSecondaryIndexes=[
                {"IndexName": name, "KeySchema": _key(key, "decided_at"), "Projection": {"ProjectionType": "ALL"}}
                for name, key in ((BY_USER, "user_id"), (BY_DAY, "day"))
            ],
        )
    except client.exceptions.ResourceInUseException:
        return
    client.get_waiter("table_exists").wait(TableName=table)
    client.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": EXPIRES})


def _key(partition: str, order: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": order, "KeyType": "RANGE"}]
