"""What becomes of stored objects, against moto's S3: with and without versions, moved, overwritten, gone, put back."""

import asyncio
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import boto3
import pytest
from moto.server import ThreadedMotoServer

from streams.adapters.aws import Service
from streams.adapters.executing import Done, Result
from streams.adapters.fault import Fault
from streams.adapters.mover import ETAG, MODIFIED, RESTORED, Mover, older
from streams.adapters.stored_object import LARGEST, Held, Refused, StoredObjects
from streams.core.content import Location
from streams.core.effect import Effect, Work
from streams.core.judged_object import JudgedObject
from streams.core.moment import EPOCH, MILLISECOND
from tests.unit.core.decisions import made

BYTES: Final = b"what was judged"
NEWER: Final = b"what came later"
LONG: Final = 60.0  # seconds in which every call here has ended
ACTIONS: Final[Mapping[Work, str]] = {"keep": "allow", "tag": "flag", "quarantine": "block", "delete": "block"}


class Server(NamedTuple):
    """An S3 server, and the clients of it that all tests share: each takes a while to make."""

    endpoint: str
    client: Any
    service: Service


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Yield an S3 server and its clients."""
    one = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    one.start()
    host, port = one.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1")
        service = Service("s3", "us-east-1", endpoint, 30.0, 4)
        yield Server(endpoint, client, service)
        client.close()
        asyncio.run(service.close())
    one.stop()


class Store:
    """A bucket of uploads, with or without versions, and one for the quarantine."""

    def __init__(self, server: Server, *, versioned: bool) -> None:
        self.client, self.service, self.versioned = server.client, server.service, versioned
        self.uploads, self.quarantine = f"u-{uuid.uuid4().hex[:8]}", f"q-{uuid.uuid4().hex[:8]}"
        for bucket in (self.uploads, self.quarantine):
            self.client.create_bucket(Bucket=bucket)
        if versioned:
            self.version(self.uploads)

    def version(self, bucket: str) -> None:
        """Let a bucket keep versions from now on."""
        self.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def put(self, body: bytes = BYTES, key: str = "a b/ü+.jpg", **more: Any) -> JudgedObject:
        """Store an object; return it as it is judged."""
        answer = self.client.put_object(Bucket=self.uploads, Key=key, Body=body, **more)
        location = Location(
            bucket=self.uploads, key=key, version_id=answer.get("VersionId"), etag=answer["ETag"].strip('"')
        )
        return JudgedObject("image", location, sha256="0" * 64, size=len(body))

    def put_in_parts(self) -> JudgedObject:
        """Store an object as a multipart upload of one part."""
        name = {"Bucket": self.uploads, "Key": "parts"}
        upload = self.client.create_multipart_upload(**name)["UploadId"]
        part = self.client.upload_part(**name, UploadId=upload, PartNumber=1, Body=BYTES)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        answer = self.client.complete_multipart_upload(**name, UploadId=upload, MultipartUpload=parts)
        etag = answer["ETag"].strip('"')
        assert "-" in etag
        version = answer.get("VersionId") if self.versioned else None  # S3 names none where it keeps none
        location = Location(bucket=self.uploads, key="parts", version_id=version, etag=etag)
        return JudgedObject("image", location, size=len(BYTES))

    def lying(self, bucket: str) -> dict[str, list[bytes]]:
        """Return what lies in a bucket: key -> bytes of each version, the newest first."""
        found: dict[str, list[bytes]] = {}
        for row in self.client.list_object_versions(Bucket=bucket).get("Versions", []):
            pin = {} if row["VersionId"] == "null" else {"VersionId": row["VersionId"]}
            body = self.client.get_object(Bucket=bucket, Key=row["Key"], **pin)["Body"].read()
            found.setdefault(row["Key"], []).append(body)
        return found

    @property
    def places(self) -> tuple[list[bytes], list[bytes]]:
        """Return the bytes of every version in uploads, and of every one in quarantine."""
        uploads, quarantine = (self.lying(bucket).values() for bucket in (self.uploads, self.quarantine))
        return [body for bodies in uploads for body in bodies], [body for bodies in quarantine for body in bodies]

    def tags(self, location: Location) -> dict[str, str]:
        """Return the tags of an object."""
        pin = {} if location.version_id is None else {"VersionId": location.version_id}
        answer = self.client.get_object_tagging(Bucket=location.bucket, Key=location.key, **pin)
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


@pytest.fixture(params=[True, False], ids=["versioned", "unversioned"])
def store(request: pytest.FixtureRequest, server: Server) -> Store:
    """Return two buckets of this test alone."""
    return Store(server, versioned=request.param)


class Killed(BaseException):
    """The end of a worker."""


class Dying(StoredObjects):
    """Objects of a worker that is killed before the next removal."""

    async def removed(self, held: Held) -> None:
        """Die."""
        raise Killed(held.location.key)


def effect(
    store: Store, work: Work, judged: Sequence[JudgedObject], revision: int = 0, target: Mapping[str, str] = {}
) -> Effect:
    """Return what a policy that quarantines asks for."""
    place = {"bucket": store.quarantine, "prefix": "held/"} if work == "quarantine" else {}
    return Effect(
        content_id="c/1",
        sink="s3",
        name=work,
        work=work,
        decision=made(content_id="c/1", action=ACTIONS[work], revision=revision, objects=tuple(judged)),
        target=place | {"copies": f"{store.quarantine}/held/", **target},
        at=0,
    )


async def carried(
    store: Store, wanted: Effect, last: Done | None = None, kind: type[StoredObjects] = StoredObjects
) -> Result:
    """Return how an effect ends."""
    return await Mover(kind(store.service))(wanted, last, asyncio.get_running_loop().time() + LONG)


async def unserved(wanted: Effect) -> Result:
    """Return how an effect ends where no server is."""
    mover = Mover(StoredObjects(Service("s3", "us-east-1", "http://127.0.0.1:1", 30.0, 1)))
    try:
        return await mover(wanted, None, asyncio.get_running_loop().time() + LONG)
    finally:
        await mover.close()


def done(wanted: Effect, result: Result) -> Done:
    """Return what a table remembers of an effect."""
    assert result.status != "retry"
    return Done(wanted.decision.revision, wanted.work, result.status, 0, result.objects)


async def test_what_was_judged_is_moved_whole_with_its_type_and_tags(store: Store) -> None:
    judged = store.put(ContentType="image/jpeg", Metadata={"by": "u1"}, Tagging="album=7")
    result = await carried(store, effect(store, "quarantine", [judged], target={"tag:team": "trust"}))
    assert (result.status, result.reason) == ("done", None)
    assert store.places == ([], [BYTES])
    (moved,) = result.objects
    assert (moved.location.bucket, moved.sha256, moved.size) == (store.quarantine, judged.sha256, judged.size)
    assert (moved.location.key or "").startswith("held/c%2F1/0-")
    head = store.client.head_object(Bucket=store.quarantine, Key=moved.location.key)
    assert (head["ContentType"], head["Metadata"]["by"]) == ("image/jpeg", "u1")
    assert store.tags(moved.location) == {"album": "7", "moderation": "block", "moderation:team": "trust"}


async def test_a_repeat_changes_nothing(store: Store) -> None:
    wanted = effect(store, "quarantine", [store.put()])
    store.version(store.quarantine)  # a second copy would show
    first, second = await carried(store, wanted), await carried(store, wanted)
    assert (second.status, second.objects) == (first.status, first.objects)
    assert store.places == ([], [BYTES])


async def test_a_worker_that_dies_between_copy_and_removal_is_followed_by_one_that_ends_it(store: Store) -> None:
    wanted = effect(store, "quarantine", [store.put()])
    store.version(store.quarantine)
    with pytest.raises(Killed):
        await carried(store, wanted, kind=Dying)
    assert store.places == ([BYTES], [BYTES])
    assert (await carried(store, wanted)).status == "done"
    assert store.places == ([], [BYTES])


async def test_what_was_stored_over_it_is_left_alone(store: Store) -> None:
    judged = store.put()
    store.put(NEWER)
    result = await carried(store, effect(store, "quarantine", [judged]))
    if store.versioned:
        assert result.status == "done"
        assert store.places == ([NEWER], [BYTES])
    else:
        assert (result.status, result.reason) == ("superseded", "changed")
        assert store.places == ([NEWER], [])


@pytest.mark.parametrize("work", ["tag", "delete"])
async def test_what_was_stored_over_it_is_neither_tagged_nor_deleted(store: Store, work: Work) -> None:
    judged = store.put()
    newer = store.put(NEWER)
    result = await carried(store, effect(store, work, [judged]))
    assert result.status == ("done" if store.versioned else "superseded")
    assert store.tags(newer.location) == {}
    assert NEWER in store.places[0]


async def test_bytes_that_were_overwritten_after_the_copy_are_safe_and_the_newer_ones_stay(store: Store) -> None:
    wanted = effect(store, "quarantine", [store.put()])
    with pytest.raises(Killed):
        await carried(store, wanted, kind=Dying)
    store.put(NEWER)
    assert (await carried(store, wanted)).status == "done"
    assert store.places == ([NEWER], [BYTES])


async def test_only_the_etag_is_needed_where_versions_are_kept_too(store: Store) -> None:
    judged = store.put()
    unnamed = JudgedObject("image", Location(bucket=store.uploads, key="a b/ü+.jpg", etag=judged.location.etag))
    assert (await carried(store, effect(store, "quarantine", [unnamed]))).status == "done"
    assert store.places == ([], [BYTES])


async def test_what_is_gone_is_told(store: Store) -> None:
    judged = store.put()
    pin = {} if judged.location.version_id is None else {"VersionId": judged.location.version_id}
    store.client.delete_object(Bucket=store.uploads, Key=judged.location.key, **pin)
    for work in ("quarantine", "tag"):
        result = await carried(store, effect(store, work, [judged]))
        assert (result.status, result.reason) == ("failed", "object_gone")
    assert (await carried(store, effect(store, "delete", [judged]))).status == "done"


async def test_deleted_is_the_judged_version_alone(store: Store) -> None:
    judged = store.put()
    others = [store.put(NEWER)] if store.versioned else []
    result = await carried(store, effect(store, "delete", [judged]))
    assert (result.status, result.objects) == ("done", ())
    assert store.places == ([NEWER] * len(others), [])


async def test_an_undo_puts_back_what_was_moved_as_it_was(store: Store) -> None:
    judged = store.put(ContentType="image/jpeg", Metadata={"by": "u1"}, Tagging="album=7")
    away = effect(store, "quarantine", [judged])
    back = effect(store, "keep", [judged], revision=1)
    moved = done(away, await carried(store, away))
    result = await carried(store, back, moved)
    assert result.status == "done"
    assert store.places == ([BYTES], [])
    (home,) = result.objects
    assert (home.location.bucket, home.location.key) == (store.uploads, judged.location.key)
    head = store.client.head_object(Bucket=store.uploads, Key=judged.location.key)
    assert (head["ContentType"], head["Metadata"]["by"]) == ("image/jpeg", "u1")
    assert head["Metadata"].keys() == {"by", RESTORED}
    assert store.tags(home.location) == {"album": "7"}
    # and away once more, though the version that was judged is no more
    again = effect(store, "quarantine", [judged], revision=2)
    assert (await carried(store, again, done(back, result))).status == "done"
    assert store.places == ([], [BYTES])


async def test_an_undo_finds_the_copy_when_nobody_remembers_it(store: Store) -> None:
    judged = store.put()
    await carried(store, effect(store, "quarantine", [judged]))
    assert (await carried(store, effect(store, "keep", [judged], revision=1))).status == "done"
    assert store.places == ([BYTES], [])


async def test_an_undo_that_dies_before_the_copy_is_removed_is_ended_by_the_next(store: Store) -> None:
    judged = store.put()
    away, back = effect(store, "quarantine", [judged]), effect(store, "keep", [judged], revision=1)
    moved = done(away, await carried(store, away))
    with pytest.raises(Killed):
        await carried(store, back, moved, kind=Dying)
    assert (await carried(store, back, moved)).status == "done"
    assert store.places == ([BYTES], [])


async def test_a_worker_that_dies_with_all_done_and_nothing_told_comes_upon_its_own_work(store: Store) -> None:
    judged = store.put()
    works: Sequence[Work] = ("tag", "quarantine", "keep")
    course = [effect(store, work, [judged], revision) for revision, work in enumerate(works)]
    for _ in range(2):
        last: Done | None = None
        for wanted in course:
            result = await carried(store, wanted, last)
            assert result.status == "done"
            last = done(wanted, result)
    assert store.places == ([BYTES], [])


async def test_half_an_undo_leaves_nothing_in_two_places_when_a_newer_decision_blocks(
    store: Store,
) -> None:
    judged = store.put()
    away = effect(store, "quarantine", [judged])
    moved = done(away, await carried(store, away))
    with pytest.raises(Killed):
        await carried(store, effect(store, "keep", [judged], revision=1), moved, kind=Dying)
    assert (await carried(store, effect(store, "quarantine", [judged], revision=2), moved)).status == "done"
    assert store.places == ([], [BYTES])


async def test_bytes_whose_etag_is_no_hash_go_and_come_back_whatever_is_forgotten(store: Store) -> None:
    judged = store.put_in_parts()
    for work, expected in (("quarantine", ([], [BYTES])), ("keep", ([BYTES], []))) * 2:
        kind: Work = "keep" if work == "keep" else "quarantine"
        assert (await carried(store, effect(store, kind, [judged], revision=1))).status == "done"
        assert store.places == expected


async def test_an_undo_leaves_what_is_newer_and_the_copy_where_they_are(store: Store) -> None:
    judged = store.put()
    away = effect(store, "quarantine", [judged])
    moved = done(away, await carried(store, away))
    store.put(NEWER)
    result = await carried(store, effect(store, "keep", [judged], revision=1), moved)
    assert (result.status, result.reason) == ("superseded", "newer_object")
    assert result.objects == moved.objects
    assert store.places == ([NEWER], [BYTES])


async def test_a_milder_decision_puts_back_and_tags(store: Store) -> None:
    judged = store.put(Tagging="album=7")
    away = effect(store, "quarantine", [judged])
    moved = done(away, await carried(store, away))
    result = await carried(store, effect(store, "tag", [judged], revision=1, target={"tag:team": "trust"}), moved)
    assert store.places == ([BYTES], [])
    assert store.tags(result.objects[0].location) == {"album": "7", "moderation": "flag", "moderation:team": "trust"}
    # and an approval takes our tags off
    kept = effect(store, "keep", [judged], revision=2)
    await carried(store, kept, Done(1, "tag", "done", 0, result.objects))
    assert store.tags(result.objects[0].location) == {"album": "7"}


async def test_a_harder_decision_deletes_the_copy_too(store: Store) -> None:
    judged = store.put()
    away = effect(store, "quarantine", [judged])
    moved = done(away, await carried(store, away))
    assert (await carried(store, effect(store, "delete", [judged], revision=1), moved)).status == "done"
    assert store.places == ([], [])


async def test_tags_that_do_not_fit_are_not_put_and_never_stand_in_the_way_of_quarantine(store: Store) -> None:
    judged = store.put(Tagging="&".join(f"t{n}=1" for n in range(10)))
    result = await carried(store, effect(store, "tag", [judged]))
    assert (result.status, result.reason) == ("failed", "too_many_tags")
    assert len(store.tags(judged.location)) == 10
    moved = await carried(store, effect(store, "quarantine", [judged]))
    assert moved.status == "done"
    assert "moderation" not in store.tags(moved.objects[0].location)


async def test_what_an_uploader_writes_into_metadata_is_not_believed(store: Store) -> None:
    judged = store.put(Metadata={MODIFIED: "2999-01-01T00:00:00+00:00", ETAG: "0" * 32})
    away = effect(store, "quarantine", [judged])
    moved = done(away, await carried(store, away))
    store.put(NEWER)
    result = await carried(store, effect(store, "keep", [judged], revision=1), moved)
    assert (result.status, result.reason) == ("superseded", "newer_object")


async def test_every_object_of_a_content_is_moved_and_what_is_not_in_s3_is_left_alone(store: Store) -> None:
    elsewhere = JudgedObject("image", Location(url="https://example.org/a.jpg"))
    judged = [store.put(key="a"), elsewhere, store.put(key="b")]
    result = await carried(store, effect(store, "quarantine", judged))
    assert result.status == "done"
    assert result.objects[1] == elsewhere
    assert store.places == ([], [BYTES, BYTES])


async def test_the_worst_of_several_objects_is_told(store: Store) -> None:
    judged = [store.put(key="a"), JudgedObject("image", Location(bucket=store.uploads, key="none", etag="0" * 32))]
    result = await carried(store, effect(store, "quarantine", judged))
    assert (result.status, result.reason, len(result.objects)) == ("failed", "object_gone", 1)
    assert store.places == ([], [BYTES])


async def test_an_object_without_version_and_etag_is_not_touched(store: Store) -> None:
    location = store.put().location
    unpinned = JudgedObject("image", Location(bucket=location.bucket, key=location.key))
    result = await carried(store, effect(store, "delete", [unpinned]))
    assert (result.status, result.reason) == ("failed", "not_pinned")
    assert store.places == ([BYTES], [])


async def test_outcomes_name_the_region_of_the_buckets(store: Store) -> None:
    mover = Mover(StoredObjects(store.service))
    assert mover.region(effect(store, "tag", [store.put()])) == "us-east-1"


async def test_first_keep_asks_nobody(store: Store) -> None:
    judged = store.put()
    result = await unserved(effect(store, "keep", [judged]))
    assert (result.status, result.objects) == ("done", (judged,))


async def test_a_bucket_that_is_missing_is_the_deployments_fault_and_nothing_is_removed(store: Store) -> None:
    judged = store.put()
    with pytest.raises(Fault) as raised:
        await carried(store, effect(store, "quarantine", [judged], target={"bucket": "no-such-bucket"}))
    assert (raised.value.reason, raised.value.kind) == ("not_found", "deployment")
    assert store.places == ([BYTES], [])


async def test_what_may_not_be_read_is_the_deployments_fault(store: Store) -> None:
    judged = store.put()
    policy = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{store.uploads}/*",
    }
    store.client.put_bucket_policy(
        Bucket=store.uploads, Policy=json.dumps({"Version": "2012-10-17", "Statement": [policy]})
    )
    with pytest.raises(Fault) as raised:
        await carried(store, effect(store, "quarantine", [judged]))
    assert (raised.value.reason, raised.value.kind) == ("access_denied", "deployment")
    store.client.delete_bucket_policy(Bucket=store.uploads)
    assert store.places == ([BYTES], [])


async def test_a_server_that_is_away_is_a_fault_of_the_moment(store: Store) -> None:
    with pytest.raises(Fault) as raised:
        await unserved(effect(store, "tag", [store.put()]))
    assert (raised.value.reason, raised.value.kind) == ("unreachable", "retry")


async def test_a_copy_that_is_not_whole_keeps_the_original(store: Store) -> None:
    class Cut(StoredObjects):
        async def seen(self, location: Location) -> Held | None:
            held = await super().seen(location)
            return held._replace(size=1) if held is not None and location.bucket == store.quarantine else held

    result = await carried(store, effect(store, "quarantine", [store.put()]), kind=Cut)
    assert (result.status, result.reason) == ("failed", "bad_copy")
    assert store.places[0] == [BYTES]


async def test_what_s3_does_not_copy_in_one_piece_is_refused(store: Store) -> None:
    held = Held(store.put().location, LARGEST + 1, EPOCH, {}, {}, comparable=True)
    with pytest.raises(Refused, match="too_large"):
        await StoredObjects(store.service).copied(held, store.quarantine, "k", {}, {}, None)


@pytest.mark.parametrize(
    ("version_id", "modified", "expected"),
    [("v1", 999, True), ("v3", 1000, False), ("v3", 1001, False), (None, 999, False)],
)
def test_only_a_version_from_before_is_older(version_id: str | None, modified: int, *, expected: bool) -> None:
    copy = Held(
        Location(bucket="q", key="k"),
        1,
        EPOCH,
        {},
        {MODIFIED: (EPOCH + 1000 * MILLISECOND).isoformat()},
        comparable=True,
    )
    location = Location(bucket="u", key="k", version_id=version_id)
    current = Held(location, 1, EPOCH + modified * MILLISECOND, {}, {}, comparable=True)
    assert older(current, copy) is expected
