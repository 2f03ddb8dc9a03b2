"""A bucket with Object Lock, against moto's server: what lies there stays as it was first put."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from streams.adapters.locked_bucket import LockedBucket, There, Unlocked, Unreached

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "eu-west-1"
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


@pytest.fixture
def client(amazon: str, credentials: None) -> Iterator["S3Client"]:
    del credentials
    made = boto3.session.Session().client("s3", endpoint_url=amazon, region_name=REGION)
    yield made
    made.close()


def bucket(client: "S3Client", name: str, *, lock: bool = True) -> str:
    where = {"LocationConstraint": REGION}
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock, CreateBucketConfiguration=where)  # type: ignore[arg-type]  # a region
    return name


def locked(amazon: str, name: str, prefix: str = "review/") -> LockedBucket:
    return LockedBucket(name, prefix, endpoint=amazon, region=REGION)


def test_what_is_put_is_locked_and_read_in_the_order_of_its_keys(client: "S3Client", amazon: str) -> None:
    place = locked(amazon, bucket(client, "locked"))

    place.looked_at()
    place.put("acts/2", b"two", UNTIL)
    place.put("acts/1", b"one", UNTIL)
    client.put_object(Bucket="locked", Key="another/1", Body=b"not ours")

    assert list(place.read()) == [b"one", b"two"]
    head = client.head_object(Bucket="locked", Key="review/acts/1")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", UNTIL)


def test_what_is_put_over_an_object_or_hides_it_changes_nothing(client: "S3Client", amazon: str) -> None:
    place = locked(amazon, bucket(client, "hostile"))
    place.put("acts/1", b"one", UNTIL)

    with pytest.raises(There):
        place.put("acts/1", b"other", UNTIL)
    client.put_object(Bucket="hostile", Key="review/acts/1", Body=b"hostile")
    assert list(place.read()) == [b"one"]
    client.delete_object(Bucket="hostile", Key="review/acts/1")
    assert list(place.read()) == [b"one"]


def test_a_bucket_without_a_lock_is_refused(client: "S3Client", amazon: str) -> None:
    with pytest.raises(Unlocked, match="bucket open has no Object Lock"):
        locked(amazon, bucket(client, "open", lock=False)).looked_at()
    with pytest.raises(Unlocked, match="bucket absent is not there"):
        locked(amazon, "absent").looked_at()


@pytest.mark.usefixtures("credentials")
def test_who_cannot_be_reached_is_told_in_one_word() -> None:
    place = LockedBucket("b", "", endpoint="http://127.0.0.1:9", region=REGION)

    with pytest.raises(Unreached, match=r"S3: \w+"):
        place.put("acts/1", b"one", UNTIL)
    with pytest.raises(Unreached):
        list(place.read())
    with pytest.raises(Unreached):
        place.looked_at()
