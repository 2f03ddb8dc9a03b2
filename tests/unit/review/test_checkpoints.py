from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from streams.adapters.locked_bucket import Unlocked
from streams.core.audit import GENESIS, canonical
from streams.core.checkpoint import Checkpoint, Signed, signed
from streams.review.checkpoints import CheckpointFile, There, Unkept, checkpoints_of
from streams.settings import Settings


def made(seq: int, chain: str = "acts") -> Signed:
    one = Checkpoint(chain=chain, seq=seq, hash="ab" * 32, at=2_000_000_000_000, key_id="0" * 16, previous=GENESIS)
    return signed(one, bytes(64))


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDCANARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-of-a-key")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_a_file_only_grows(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    place = CheckpointFile(path)

    assert place.read() == ([], 0)
    place.prepared()
    place.add(made(3))
    before = path.read_bytes()
    place.add(made(7))

    assert path.read_bytes() == before + canonical(made(7)).encode() + b"\n"
    assert place.read() == ([made(3), made(7)], 0)


def test_half_of_a_line_that_a_crash_left_spoils_none_after_it(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    place = CheckpointFile(path)
    place.add(made(3))
    path.write_bytes(path.read_bytes() + canonical(made(5)).encode()[:40])

    assert place.read() == ([made(3)], 1)
    place.add(made(7))
    assert place.read() == ([made(3), made(7)], 1)


def test_a_file_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent" / "file"):
        with pytest.raises(Unkept, match="MODERATION_REVIEW_CHECKPOINTS"):
            CheckpointFile(path).prepared()
    with pytest.raises(Unkept):
        CheckpointFile(tmp_path).read()


def test_a_bucket_keeps_each_once_and_locks_it(amazon: str, tmp_path: Path) -> None:
    client = boto3.session.Session().client("s3", endpoint_url=amazon, region_name="us-east-1")
    client.create_bucket(Bucket="audit", ObjectLockEnabledForBucket=True)
    place = checkpoints_of(
        Settings(s3_endpoint=amazon, review_checkpoints="s3://audit/review/", review_checkpoint_days=30)
    )

    place.prepared()
    for one in (made(7), made(3), made(3, "accounts")):
        place.add(one)
    with pytest.raises(There):
        place.add(made(3))

    assert place.read() == ([made(3, "accounts"), made(3), made(7)], 0)
    head = client.head_object(Bucket="audit", Key=f"review/acts/{7:020d}.json")
    assert head["ObjectLockMode"] == "COMPLIANCE"
    assert head["ObjectLockRetainUntilDate"].timestamp() == 2_000_000_000 + 30 * 86_400
    client.close()
    with pytest.raises(Unlocked):
        checkpoints_of(Settings(s3_endpoint=amazon, review_checkpoints="s3://absent")).prepared()
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_address_of_s3_is_a_file(tmp_path: Path) -> None:
    place = checkpoints_of(Settings(review_checkpoints=str(tmp_path / "here")))

    place.add(made(3))
    assert (tmp_path / "here").exists()
