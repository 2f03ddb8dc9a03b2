"""The whole stream on a real Kafka: what goes in comes out once, with its context, and bad input harms nobody."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import psutil  # type: ignore[import-untyped]
import pytest
from PIL import Image

from streams.embedded.aws import Aws
from tests.system import bad_input
from tests.system.kafka import Kafka
from tests.system.load import Plan, Sent
from tests.system.pictures import bucket, drawn
from tests.system.stream import Stream
from tests.system.topic import DEAD_LETTER
from tests.waiting import is_gone, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ROLES = ("screen", "uploads", "media", "join")
SMALL = 100_000  # bytes: the largest object that this stream reads


@pytest.fixture(scope="module")
def stream(kafka: Kafka, aws: Aws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    """Yield a running stream with one worker of each role, judging with a nonce."""
    with Stream(kafka.bootstrap, tmp_path_factory.mktemp("logs"), aws=aws.endpoint, media_limit=SMALL) as running:
        running.start(*ROLES)
        yield running


@pytest.fixture(scope="module")
def pictures(aws: Aws) -> tuple[str, tuple[str, ...]]:
    """Return a bucket and the keys of its pictures."""
    objects = {f"picture {n}+.png": drawn(n) for n in range(8)}
    return bucket(aws.endpoint, objects), tuple(objects)


def unrestarted(stream: Stream) -> None:
    """Fail when a worker was started again."""
    assert [worker.ends for worker in stream.workers] == [[]] * len(stream.workers)


def test_everything_that_goes_in_comes_out_once(stream: Stream, pictures: tuple[str, tuple[str, ...]]) -> None:
    where, keys = pictures
    shares = {"bad": 0.02, "pictured": 0.05, "uploads": 0.03, "notified": 0.02}
    feed = stream.feed(Plan(7, 1500, "whole", conversations=60, bucket=where, pictures=keys, **shares)).done()
    stream.watch.wait_for_id("whole-m1499", 60)
    verdict = stream.checked()
    assert verdict["sound"], verdict["examples"]
    assert verdict["counts"]["contents"] >= feed.asked["contents"]
    assert verdict["counts"]["dead letters"] >= feed.asked["dead letters"]
    assert verdict["counts"]["repeated inputs"] >= feed.asked["repeats"] > 0
    assert verdict["counts"]["cases"] > 50
    unrestarted(stream)


def test_bad_input_becomes_one_dead_letter_and_the_next_content_is_judged_within_a_second(stream: Stream) -> None:
    home = bad_input.CONVERSATION.encode()
    partition = crc32(home) % stream.settings.partitions
    late: list[str] = []
    for number, bad in enumerate(bad_input.ROWS):
        stream.send([Sent(bad.topic, home if bad.keyed else None, bad.value, DEAD_LETTER, partition)])
        content_id = f"after-bad-{number}"
        good = json.dumps(bad_input.message(content_id)).encode()
        if bad.topic == "messages":
            stream.send([Sent("messages", home, good)])
            try:
                stream.watch.wait_for_id(content_id, 1.0)
            except TimeoutError:
                late.append(bad.name)
    assert not late
    told = [
        (topic, letter.value, (letter.header("dlq_error") or b"").decode())
        for topic in ("messages", "uploads", "s3-events")
        for letter in stream.dead_letters(topic)
        if letter.key in {home, None}
    ]
    assert sorted(map(str, told)) == sorted(str((bad.topic, bad.value, bad.error)) for bad in bad_input.ROWS)
    assert stream.checked()["sound"]
    unrestarted(stream)


def test_media_that_cannot_be_read_gives_a_report_with_its_reason_and_the_case_closes(stream: Stream, aws: Aws) -> None:
    bomb = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(bomb, "PNG")
    objects = {
        "large.png": drawn(1) + bytes(SMALL),
        "text.png": b"this is no picture",
        "empty.png": b"",
        "cut.png": drawn(1)[:60],
        "bomb.png": bomb.getvalue(),
    }
    where = bucket(aws.endpoint, objects)
    for key in (*objects, "gone.png"):
        upload = {"content_id": f"bad-{key}", "kind": "image", "user": {"id": "u"}, "created_at": bad_input.CREATED}
        upload["location"] = {"bucket": where, "key": key}
        stream.send([Sent("uploads", f"bad-{key}".encode(), json.dumps(upload).encode())])
    for key in (*objects, "gone.png"):
        stream.watch.wait_for_id(f"bad-{key}", 30)
        reports = stream.decision(f"bad-{key}")["reports"]
        assert {report["engine"] for report in reports} == {"media_hash", "qr"}
        assert all(report["status"] != "ok" and report["reason"] for report in reports if report["engine"] == "qr"), key
    assert stream.checked()["sound"]
    unrestarted(stream)


def test_the_command_runs_every_role_and_leaves_nothing_behind(kafka: Kafka, aws: Aws, tmp_path: Path) -> None:
    where = bucket(aws.endpoint, {"a.png": drawn(3)})
    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint) as stream:
        command = stream.command("worker", "--role", "all")
        plan = Plan(3, 50, bad=0.1, uploads=0.2, bucket=where, pictures=("a.png",))
        stream.drained(stream.feed(plan).done())
        family = [command.pid, *(child.pid for child in psutil.Process(command.pid).children(recursive=True))]
        assert len(family) >= 1 + len(ROLES)
        assert command.leave() == 0
        until(lambda: all(is_gone(pid) for pid in family), 5)
        assert stream.checked()["sound"]
