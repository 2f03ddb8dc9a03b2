"""What Rekognition is paid for, through a real Kafka: one call for equal pictures, whatever crashes."""

import io
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image, ImageOps

from streams.embedded.aws import Aws as Storage
from tests.loopback.aws import Aws
from tests.loopback.images import Images
from tests.loopback.served import Served
from tests.system import pictures
from tests.system.checker import Log
from tests.system.kafka import Kafka
from tests.system.load import Sent
from tests.system.stream import Stream
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]

ROLES: Final = ("uploads", "screen", "media", "join", "rekognition")
LABELS: Final = "DetectModerationLabels"
CONCURRENCY: Final = 4
POLICY: Final = """
id: paid
engines:
  qr: {{}}
  rekognition:
    region: us-east-1
    endpoint: {url}
    concurrency: {concurrency}
    rate_per_second: 400
    budget_per_minute: 100000{more}
    categories:
      alcohol: {{min_confidence: 50, action: block, why: no drinks}}
deadline: 60s
"""
# The pictures of each test.
REPEATED: Final = range(60)
CRASHED: Final = range(60, 120)
ALBUM: Final = range(120, 125)
DRINKS: Final = [("Alcohol", "", 91.0), ("Alcoholic Beverages", "Alcohol", 91.0)]


def drawn(number: int) -> bytes:
    """Return a picture of its own for each number."""
    out = io.BytesIO()
    Image.new("RGB", (96, 96), (number % 256, number // 256, 80)).save(out, "PNG")
    return out.getvalue()


def photograph(seed: int) -> Image.Image:
    """Return a picture with structure, which flat ones lack, of its own for each seed."""
    small = np.random.default_rng(seed).integers(0, 256, size=(12, 16, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((640, 480), Image.Resampling.BICUBIC)


def stored(picture: Image.Image, form: str, **more: Any) -> bytes:
    """Return a picture as bytes."""
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def is_drink(number: int) -> bool:
    return number % 4 == 0


class Paid:
    """A stream whose pictures lie in a bucket and are judged by the loopback."""

    def __init__(self, stream: Stream, service: Served[Aws], bucket: str, digests: list[str]) -> None:
        self.stream, self.service, self.bucket, self.digests = stream, service, bucket, digests

    def billed(self, numbers: Iterable[int]) -> Counter[int]:
        """Return how often each of these pictures was paid for, by number; those that never were are left out."""
        paid = self.service.endpoint.billed(LABELS)
        return Counter({number: paid[self.digests[number]] for number in numbers if paid[self.digests[number]]})

    def upload(self, content_id: str, number: int) -> Sent:
        """Return the record of an upload of one of the pictures."""
        location = {"bucket": self.bucket, "key": f"{number}.png"}
        record = {
            "content_id": content_id,
            "kind": "image",
            "user": {"id": f"u{number % 7}"},
            "created_at": "2026-03-02T18:04:05.120Z",
            "location": location,
        }
        return Sent("uploads", content_id.encode(), json.dumps(record).encode())

    def send(self, name: str, numbers: list[int]) -> list[str]:
        """Upload pictures by number and return the content ids."""
        ids = [f"{name}-{place}" for place in range(len(numbers))]
        self.stream.send([self.upload(each, number) for each, number in zip(ids, numbers, strict=True)])
        return ids

    def costs(self, *names: str) -> Counter[str]:
        """Return the calls, and the saved ones, that the reports on what was sent under these names tell of."""
        found: Counter[str] = Counter()
        with Log(self.stream.bootstrap, self.stream.prefix) as log:
            for record in log.read("findings"):
                report = json.loads(record.value or b"{}")
                if report.get("engine") == "rekognition" and report["content_id"].partition("-")[0] in names:
                    found.update(report.get("cost") or {})
        return found


@contextmanager
def paying(kafka: Kafka, aws: Storage, folder: Path, data: list[bytes], more: str = "") -> Iterator[Paid]:
    """Yield a stream with one worker of each role, and pictures in a bucket, every fourth of a drink."""
    digests = [sha256(one).hexdigest() for one in data]
    shown = {digest: DRINKS if is_drink(number) else [] for number, digest in enumerate(digests)}
    bucket = pictures.bucket(aws.endpoint, {f"{number}.png": one for number, one in enumerate(data)})
    with Served(Aws(Images(by_hash=shown).handlers)) as service:
        policy = folder / "paid.yaml"
        policy.write_text(POLICY.format(url=service.url, concurrency=CONCURRENCY, more=more))
        with Stream(kafka.bootstrap, folder, aws=aws.endpoint, policy=policy) as stream:
            stream.start(*ROLES)
            yield Paid(stream, service, bucket, digests)


@pytest.fixture(scope="module")
def paid(kafka: Kafka, aws: Storage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paid]:
    """Yield a stream and pictures, of which each test sends its own."""
    folder = tmp_path_factory.mktemp("paid")
    with paying(kafka, aws, folder, [drawn(number) for number in range(ALBUM.stop)]) as found:
        yield found


def check_actions(decisions: list[dict[str, Any]], numbers: list[int]) -> None:
    actions = [decision["action"] for decision in decisions]
    assert actions == ["block" if is_drink(number) else "allow" for number in numbers]
    versions = {one["version"] for made in decisions for one in made["reports"] if one["engine"] == "rekognition"}
    assert versions == {"1/7.0"}


def test_each_distinct_picture_is_paid_for_once_over_a_feed_half_of_repeats_with_a_crash(paid: Paid) -> None:
    stream, chance = paid.stream, random.Random(7)
    first = [number for number in REPEATED[:30] for _ in range(2)]
    chance.shuffle(first)
    check_actions(stream.decided(*paid.send("first", first)), first)

    stream.worker("rekognition").kill()  # between two feeds: nothing is on its way
    # Half of the second feed repeats what was judged before the crash, or within it.
    second = [*REPEATED[30:], *(chance.choice(REPEATED) for _ in range(30))]
    chance.shuffle(second)
    check_actions(stream.decided(*paid.send("second", second)), second)

    assert paid.billed(REPEATED) == dict.fromkeys(REPEATED, 1)
    assert paid.costs("first", "second") == {"calls": 60, "cached": 60}
    assert stream.checked()["sound"]


def test_a_crash_in_the_middle_of_calls_has_no_more_than_those_paid_for_once_more(paid: Paid) -> None:
    stream, chance = paid.stream, random.Random(8)
    numbers = [number for number in CRASHED for _ in range(2)]
    chance.shuffle(numbers)
    half = len(numbers) // 2
    begun = paid.send("begun", numbers[:half])
    until(lambda: paid.billed(CRASHED).total() >= 5, 60)
    paid.service.hold()
    rest = paid.send("rest", numbers[half:])
    before = len(paid.service.endpoint.calls)
    until(lambda: len(paid.service.endpoint.requests) > before, 60)
    stream.worker("rekognition").kill()
    on_their_way = len(paid.service.endpoint.requests) - len(paid.service.endpoint.calls)
    paid.service.release()
    check_actions(stream.decided(*begun, *rest, seconds=120), numbers)

    billed = paid.billed(CRASHED)
    assert billed.keys() == set(CRASHED)
    assert set(billed.values()) <= {1, 2}
    assert 0 < on_their_way <= CONCURRENCY
    # Those on their way, and those whose answer was there and not committed yet: one a partition.
    assert stream.settings.partitions == CONCURRENCY
    assert on_their_way <= billed.total() - len(CRASHED) <= CONCURRENCY
    assert stream.checked()["sound"]


def test_a_message_with_several_pictures_gets_a_report_made_of_their_parts(paid: Paid) -> None:
    stream = paid.stream
    objects = [("image", number) for number in (124, 121, 124)] + [("image", 999)]
    record = {
        "content_id": "album",
        "kind": "message",
        "user": {"id": "u"},
        "conversation_id": "c",
        "created_at": "2026-03-02T18:04:05.120Z",
        "text": "look",
        "attachments": [{"kind": kind, "bucket": paid.bucket, "key": f"{number}.png"} for kind, number in objects],
    }
    stream.send([Sent("messages", b"c", json.dumps(record).encode())])
    (album,) = stream.decided("album")
    report = next(one for one in album["reports"] if one["engine"] == "rekognition")
    assert (report["status"], report["reason"]) == ("error", "object_not_found")
    found = [line["evidence"] for line in album["triggered"] if line["label"] == "alcohol"]
    assert found == [[{"entity": "Alcoholic Beverages", "attachment": number}] for number in (0, 2)]
    assert (album["action"], album["partial"]) == ("block", True)
    assert paid.billed(ALBUM) == {121: 1, 124: 1}
    verdict = stream.checked()
    assert verdict["sound"], verdict


def test_near_copies_of_a_judged_picture_are_not_paid_for_where_the_policy_says_so(
    kafka: Kafka, aws: Storage, tmp_path: Path
) -> None:
    original, other = photograph(1), photograph(2)
    data = [
        stored(original, "PNG"),
        stored(original.resize((400, 300)), "JPEG", quality=70),
        stored(other, "PNG"),
        stored(ImageOps.mirror(original), "JPEG", quality=80),
    ]
    near = "\n    near_duplicates: {max_distance: 31}"
    with paying(kafka, aws, tmp_path, data, near) as paid:
        stream = paid.stream
        (first,) = stream.decided(*paid.send("original", [0]))
        copy, unlike = stream.decided(*paid.send("copies", [1, 2]))
        stream.worker("rekognition").kill()
        stream.start("rekognition")  # hears of what was judged before it
        (mirrored,) = stream.decided(*paid.send("mirrored", [3]))

        # By itself the service would see nothing in the copies.
        assert [made["action"] for made in (first, copy, unlike, mirrored)] == ["block", "block", "allow", "block"]
        assert paid.billed(range(4)) == {0: 1, 2: 1}
        assert paid.costs("original", "copies", "mirrored") == {"calls": 2, "cached": 2}
        for made in (copy, mirrored):
            (line,) = [line for line in made["triggered"] if line["engine"] == "rekognition"]
            assert line["evidence"][0] == first["triggered"][0]["evidence"][0] == {"entity": "Alcoholic Beverages"}
            assert 0 <= line["evidence"][1]["distance"] <= 31
            assert len(line["evidence"][1]["hash"]) == 64
            assert "near_duplicate" in [one.get("reason") for one in made["reports"]]
        assert stream.checked()["sound"]
