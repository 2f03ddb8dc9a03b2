"""Records in moto's server: each revision once, the latest of each content, found by user and by day."""

import json
import logging
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from streams.adapters.dynamodb import DynamoDb
from streams.adapters.dynamodb_item import LATEST, items, read, sort_key
from streams.adapters.dynamodb_table import BY_DAY, BY_USER, create
from streams.adapters.executing import Result
from streams.adapters.fault import Fault
from streams.adapters.regional import Regional
from streams.core.decision import Triggered
from streams.core.finding import Evidence
from tests.unit.adapters.effects import effect
from tests.unit.adapters.endpoint import DROPS, EMPTY, HANGS, HTML, Endpoint, Reply, aws_error, told
from tests.unit.core.decisions import CANARY, made

DONE = Result("done")
SOON = 1e12  # a clock's end that no test reaches
DAY_MS = 86_400_000


@pytest.fixture
def client(amazon: str, credentials: None) -> Iterator[Any]:
    assert credentials is None
    one = boto3.client("dynamodb", endpoint_url=amazon, region_name="us-east-1")
    yield one
    one.close()


@pytest.fixture
def table(client: Any) -> Iterator[str]:
    """Yield the name of an empty table."""
    create(client, "decisions")
    yield "decisions"
    client.delete_table(TableName="decisions")


@pytest.fixture
async def dynamodb(amazon: str) -> AsyncIterator[DynamoDb]:
    one = DynamoDb(Regional("dynamodb", region="us-east-1", endpoint=amazon))
    yield one
    await one.close()


def target(table: str, **more: str) -> dict[str, str]:
    return {"table": table, "keep_ms": str(90 * DAY_MS), **more}


def stored(client: Any, table: str, content_id: str = "m1") -> dict[str, Any]:
    """Return a content's items by sort key."""
    found = client.query(
        TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": content_id}}
    )
    return {item["sk"]["S"]: item for item in found["Items"]}


async def test_a_decision_is_an_item_and_the_latest_of_its_content(dynamodb: DynamoDb, client: Any, table: str) -> None:
    assert await dynamodb(effect("dynamodb", target(table)), None, SOON) == DONE
    found = stored(client, table)
    assert set(found) == {sort_key(0), LATEST}
    own = found[sort_key(0)]
    assert own["action"] == {"S": "mask_flag"}
    assert own["user_id"] == {"S": "vex"}
    assert own["day"] == {"S": "2026-01-31"}
    assert own["policy"] == {"S": "chat@0123456789ab"}
    assert set(own["labels"]["SS"]) == {"pii", "scam"}
    decided = datetime.fromisoformat(made().decided_at)
    assert own["expires_at"] == {"N": str(int((decided + timedelta(days=90)).timestamp()))}
    assert read(own) == read(found[LATEST]) == made(masked_text=None)
    assert "left_out" not in own


async def test_the_masked_text_is_recorded_only_where_the_policy_says_so(
    dynamodb: DynamoDb, client: Any, table: str
) -> None:
    await dynamodb(effect("dynamodb", target(table, include_masked="true")), None, SOON)
    assert read(stored(client, table)[LATEST]) == made()


async def test_repeats_and_any_order_end_as_one_of_each_in_order(dynamodb: DynamoDb, client: Any, table: str) -> None:
    revisions = [made(revision=n, action="block" if n == 4 else "flag") for n in range(5)] * 4
    random.Random(7).shuffle(revisions)
    for decision in revisions:
        assert await dynamodb(effect("dynamodb", target(table), decision), None, SOON) == DONE
    found = stored(client, table)
    assert list(found) == [*(sort_key(n) for n in range(5)), LATEST]
    assert [read(found[sort_key(n)]).revision for n in range(5)] == [0, 1, 2, 3, 4]
    assert found[LATEST]["revision"] == {"N": "4"}
    assert found[LATEST]["action"] == {"S": "block"}


async def test_a_repeat_does_not_write_over_what_was_recorded(dynamodb: DynamoDb, client: Any, table: str) -> None:
    await dynamodb(effect("dynamodb", target(table)), None, SOON)
    await dynamodb(effect("dynamodb", target(table), made(action="block")), None, SOON)
    assert {item["action"]["S"] for item in stored(client, table).values()} == {"mask_flag"}


async def test_what_was_cut_off_between_the_two_writes_is_whole_after_a_repeat(
    dynamodb: DynamoDb, client: Any, table: str
) -> None:
    own, _ = items(made(), keep_ms=90 * DAY_MS, masked_text=False)
    client.put_item(TableName=table, Item=own)
    await dynamodb(effect("dynamodb", target(table)), None, SOON)
    assert set(stored(client, table)) == {sort_key(0), LATEST}


async def test_decisions_are_found_by_user_and_by_day_in_order_page_by_page(
    dynamodb: DynamoDb, client: Any, table: str
) -> None:
    start = datetime(2026, 1, 31, 22, 0, tzinfo=UTC)
    for n in range(12):
        at = (start + timedelta(minutes=20 * n)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        decision = made(f"m{n}", revision=n % 2, user_id=f"user-{n % 3}", decided_at=at)
        await dynamodb(effect("dynamodb", target(table), decision), None, SOON)

    def found(index: str, key: str, value: str, since: str) -> list[str]:
        request: dict[str, Any] = {
            "TableName": table,
            "IndexName": index,
            "KeyConditionExpression": "#key = :value AND decided_at >= :since",
            "ExpressionAttributeNames": {"#key": key},
            "ExpressionAttributeValues": {":value": {"S": value}, ":since": {"S": since}},
            "Limit": 1,
        }
        pages = []
        while True:
            page = client.query(**request)
            pages.append([item["pk"]["S"] for item in page["Items"]])
            if "LastEvaluatedKey" not in page:
                assert len(pages) > 1
                return [one for each in pages for one in each]
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    assert found(BY_USER, "user_id", "user-1", "2026") == ["m1", "m4", "m7", "m10"]
    assert found(BY_USER, "user_id", "user-1", "2026-02-01") == ["m7", "m10"]
    assert found(BY_DAY, "day", "2026-01-31", "2026") == ["m0", "m1", "m2", "m3", "m4", "m5"]
    assert found(BY_DAY, "day", "2026-02-01", "2026-02-01T01:00:00") == ["m9", "m10", "m11"]


async def test_a_decision_larger_than_an_item_is_recorded_without_evidence_and_says_so(
    dynamodb: DynamoDb, client: Any, table: str
) -> None:
    evidence = tuple(Evidence(payload="p" * 4000) for _ in range(20))
    rules = tuple(Triggered(f"r{n}", "enforce", "qr", "spam", "flag", evidence=evidence) for n in range(50))
    await dynamodb(effect("dynamodb", target(table), made(triggered=rules)), None, SOON)
    item = stored(client, table)[LATEST]
    assert item["left_out"] == {"S": "evidence_beyond_1"}
    assert len(json.dumps(item)) < 400_000
    assert len(read(item).triggered) == 50


async def test_a_decision_that_no_item_holds_fails_alone(dynamodb: DynamoDb, table: str) -> None:
    rules = tuple(Triggered("r" * 64, "enforce", "qr", "spam", "flag") for _ in range(5000))
    with pytest.raises(Fault) as caught:
        await dynamodb(effect("dynamodb", target(table), made(triggered=rules)), None, SOON)
    assert (caught.value.reason, caught.value.kind) == ("too_large", "item")


async def test_the_table_has_a_time_to_live_and_is_made_once(client: Any, table: str) -> None:
    create(client, table)
    assert client.describe_time_to_live(TableName=table)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }
    assert client.describe_table(TableName=table)["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


async def test_another_region_is_another_table(dynamodb: DynamoDb, table: str) -> None:
    given = effect("dynamodb", target(table, region="eu-west-1"))
    with pytest.raises(Fault) as caught:
        await dynamodb(given, None, SOON)
    assert (caught.value.reason, caught.value.kind) == ("not_found", "deployment")
    assert dynamodb.endpoint(given) == "dynamodb eu-west-1 decisions"
    assert [dynamodb.region(given), dynamodb.region(effect("dynamodb", {}))] == ["eu-west-1", "us-east-1"]


@pytest.mark.parametrize(
    ("reply", "reason", "kind"),
    [
        (aws_error("ProvisionedThroughputExceededException", 400), "throttled", "retry"),
        (aws_error("ThrottlingException", 400), "throttled", "retry"),
        (aws_error("RequestLimitExceeded", 400), "throttled", "retry"),
        (aws_error("InternalServerError", 500), "unavailable", "retry"),
        (aws_error("TransactionConflictException", 400), "unavailable", "retry"),
        (Reply(b"<html>bad gateway</html>", 502), "unavailable", "retry"),
        (DROPS, "unreachable", "retry"),
        (HANGS, "timeout", "retry"),
        (HTML, "garbled", "retry"),
        (EMPTY, "garbled", "retry"),
        (told({}), "garbled", "retry"),
        (aws_error("ValidationException", 400), "invalid_request", "item"),
        (aws_error("ItemCollectionSizeLimitExceededException", 400), "too_large", "item"),
        (aws_error("ResourceNotFoundException", 400), "not_found", "deployment"),
        (aws_error("AccessDeniedException", 400), "access_denied", "deployment"),
    ],
)
async def test_an_answer_that_is_none_is_a_fault_and_not_quoted(
    reply: Reply, reason: str, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "streams")
    async with Endpoint(reply) as broken:
        one = DynamoDb(Regional("dynamodb", region="us-east-1", endpoint=broken.url, timeout=1.0))
        with pytest.raises(Fault) as caught:
            await one(effect("dynamodb", target("decisions")), None, SOON)
        await one.close()
    assert (caught.value.reason, caught.value.kind) == (reason, kind)
    assert len(broken.requests) == 1
    assert CANARY not in caplog.text + repr(caught.value)


def test_the_client_speaks_the_protocol_that_these_tests_answer_in() -> None:
    one = Regional("dynamodb", region="us-east-1", endpoint="http://127.0.0.1:1")
    client = one.service(None).client
    assert client.meta.service_model.resolved_protocol == "json"
    client.close()
