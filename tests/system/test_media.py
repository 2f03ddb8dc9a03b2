"""Media through the whole stream: what a film shows and when, and whatever can be wrong with an object."""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
import pytest
import qrcode
from PIL import Image

from streams.adapters import undecodable, unreadable
from streams.core.sampling import STEP_MS
from streams.embedded.aws import Aws
from tests.system.kafka import Kafka
from tests.system.load import CREATED, Sent
from tests.system.pictures import bucket, client, drawn
from tests.system.processes import Worker
from tests.system.real_input import NO_MEDIA, uploads
from tests.system.stream import Stream
from tests.unit.adapters.clips import Picture, clip, plain

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

ALONE: Final = 5.0  # seconds from the record in the log to the decision, for one object after the other
TOGETHER: Final = 20.0  # the same when all are sent at once
MEMORY: Final = 1_500_000  # kB that the media worker takes at its peak
LARGEST: Final = 200_000  # bytes of an object that this stream reads
LINK: Final = "https://example.org/prize"
# A reason that tells of a fault of ours, not of the file.
OURS: Final = {"inspection_failed", "engine_failed", "engine_not_configured"}
REASONS: Final = {*get_args(undecodable.Reason), *get_args(unreadable.Reason)}
POLICY: Final = f"""\
id: media
engines:
  media_hash: {{lists: [{{name: known, label: known_media, lines: ["pdq:{"0f" * 32}"]}}]}}
  qr: {{action: flag}}
  image_model: {{}}
  ocr: {{}}
failure_action: bounce
deadline: 60s
"""
HLS: Final = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
SVG: Final = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://127.0.0.1/secret"/></svg>'
# A GIF of one pixel, taken apart: what stands before the frames, and one frame.
PIXEL: Final = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
PIXEL_FRAME: Final = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00"

Wrong = dict[str, tuple[dict[str, str], str]]  # content id -> location, and the reason that its reports must give


def coded() -> Picture:
    """Return a grey picture of 320 by 240 with a QR code in its middle."""
    code = qrcode.QRCode(box_size=5)
    code.add_data(LINK)
    picture = Image.new("RGB", (320, 240), (128, 128, 128))
    picture.paste(code.make_image().get_image().convert("RGB"), (60, 10))
    return np.asarray(picture)


def film() -> bytes:
    """Return six seconds of film with a soundtrack; a code is shown from second 2 to 4."""
    grey = plain(128, 320, 240)
    return clip([grey] * 20 + [coded()] * 20 + [grey] * 20, fps=10, sound=True)


def animation() -> bytes:
    """Return a GIF of three frames of half a second; the second one is a code."""
    frames = [Image.fromarray(one) for one in (plain(128, 320, 240), coded(), plain(60, 320, 240))]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=500)
    return out.getvalue()


def vast() -> bytes:
    """Return a PNG of 10,000 by 10,000 pixels in 12 KB."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG", optimize=True)
    return out.getvalue()


def wrong(endpoint: str) -> Wrong:
    """Store what cannot be judged, each object with what is wrong with it."""
    whole = film()
    files = {
        "cut.mp4": (whole[: len(whole) // 2], "video_broken"),
        "playlist.mp4": (HLS, "not_an_image"),
        "drawing.svg": (SVG, "not_an_image"),
        "empty.png": (b"", "empty"),
        "vast.png": (vast(), "decompression_bomb"),
        "endless.gif": (PIXEL + PIXEL_FRAME * 10_000 + b";", "too_many_pixels"),
        "large.mp4": (whole + bytes(LARGEST), "too_large"),
        "deleted.png": (drawn(1), "object_not_found"),
        "overwritten.png": (drawn(1), "changed"),
    }
    where, denied = bucket(endpoint, {key: data for key, (data, _) in files.items()}), bucket(endpoint, {"a.png": b"a"})
    policy = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{denied}/*"}
    found: Wrong = {key: ({"bucket": where, "key": key}, reason) for key, (_, reason) in files.items()}
    found["another-account"] = {"bucket": denied, "key": "a.png"}, "access_denied"
    found["no-bucket"] = {"bucket": f"{where}-gone", "key": "a.png"}, "bucket_not_found"
    s3 = client(endpoint)
    try:
        s3.put_bucket_policy(Bucket=denied, Policy=json.dumps({"Version": "2012-10-17", "Statement": [policy]}))
        etag = s3.head_object(Bucket=where, Key="overwritten.png")["ETag"].strip('"')
        found["overwritten.png"][0]["etag"] = etag
        s3.put_object(Bucket=where, Key="overwritten.png", Body=drawn(2))
        s3.delete_object(Bucket=where, Key="deleted.png")
    finally:
        s3.close()
    return found


def versions(endpoint: str) -> dict[str, dict[str, str]]:
    """Store a plain picture over one with a code; return the location of each, and of one that names no version."""
    s3, where = client(endpoint), bucket(endpoint, {})
    try:
        s3.put_bucket_versioning(Bucket=where, VersioningConfiguration={"Status": "Enabled"})
        older, newer = (s3.put_object(Bucket=where, Key="a.png", Body=drawn(n))["VersionId"] for n in (3, 4))
    finally:
        s3.close()
    place = {"bucket": where, "key": "a.png"}
    return {"older": {**place, "version_id": older}, "newer": {**place, "version_id": newer}, "newest": place}


def upload(content_id: str, location: dict[str, str]) -> Sent:
    """Return the record of an upload; its kind is what its name says."""
    kind = "video" if content_id.endswith(".mp4") else "image"
    record = {
        "content_id": content_id,
        "kind": kind,
        "user": {"id": "u"},
        "location": location,
        "created_at": CREATED,
    }
    return Sent("uploads", content_id.encode(), json.dumps(record).encode())


def waited(decision: dict[str, Any]) -> float:
    """Return the seconds from an upload's record to its decision."""
    received, decided = (datetime.fromisoformat(decision[name]) for name in ("received_at", "decided_at"))
    return (decided - received).total_seconds()


def peak(pid: int) -> int:
    """Return the most memory that a process ever took, kB."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def times(decision: dict[str, Any]) -> list[list[int]]:
    """Return when a decision says that a code is seen, [start, end] in milliseconds; fails for one without a time."""
    (line,) = (line for line in decision["triggered"] if line["label"] == "qr_code")
    assert line["evidence"][0]["payload"] == LINK
    return [one["frame"] for one in line["evidence"]]


@pytest.fixture(scope="module")
def running(
    kafka: Kafka, aws: Aws, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stream, list[Worker], list[int]]]:
    """Yield a stream with every local engine, its workers and their process ids."""
    folder = tmp_path_factory.mktemp("media")
    policy = folder / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    limits = {"media_limit": LARGEST, "video_limit": LARGEST}
    with Stream(kafka.bootstrap, folder, aws=aws.endpoint, policy=policy, **limits) as stream:
        workers = stream.start("uploads", "media", "join")
        yield stream, workers, [worker.pid for worker in workers]


def alone(names: Iterator[str], stream: Stream, where: str) -> Iterator[dict[str, Any]]:
    """Send one upload after the other; yield the decision on each before the next is sent."""
    for one in uploads(where, names):
        assert stream.send([one]) == 1
        assert one.key is not None
        stream.watch.wait_for_id(one.key.decode(), 3 * ALONE)
        yield stream.decision(one.key.decode())


def unharmed(running: tuple[Stream, list[Worker], list[int]]) -> None:
    """Fail when a worker has ended, or took too much memory."""
    _, workers, pids = running
    assert [worker.pid for worker in workers] == pids
    assert [worker.restarts for worker in workers] == [0, 0, 0]
    assert max(map(peak, pids)) < MEMORY


def test_each_upload_has_one_decision_with_what_it_shows_or_why_nobody_can_tell(
    running: tuple[Stream, list[Worker], list[int]], aws: Aws
) -> None:
    stream, *_ = running
    shown = {"film.mp4": film(), "animation.gif": animation()}
    where = bucket(aws.endpoint, shown)
    sound = {key: {"bucket": where, "key": key} for key in shown} | versions(aws.endpoint)
    failing = wrong(aws.endpoint)
    everything = sound | {name: location for name, (location, _) in failing.items()}
    stream.send(upload(name, location) for name, location in everything.items())
    found = dict(zip(everything, stream.decided(*everything), strict=True))

    assert {name: waited(one) for name, one in found.items() if waited(one) > TOGETHER} == {}
    made = found["film.mp4"]
    assert (made["kind"], made["action"], made["partial"], made["labels"]) == ("video", "flag", False, ["qr_code"])
    assert "severity" not in made
    ((start, end),) = times(made)
    assert abs(start - 2000) <= STEP_MS
    assert abs(end - 4000) <= STEP_MS
    assert "soundtrack" in {label for one in made["reports"] for label in one.get("not_evaluated") or ()}
    assert times(found["animation.gif"]) == [[500, 1000]]
    # What was asked for is what was judged, whatever lies there now.
    labels = {name: found[name]["labels"] for name in ("older", "newer", "newest")}
    assert labels == {"older": ["qr_code"], "newer": [], "newest": []}

    assert {reason for _, reason in failing.values()} <= REASONS
    for name, (_, reason) in failing.items():
        made = found[name]
        assert (made["action"], made["partial"]) == ("bounce", True), name
        assert {report["engine"] for report in made["reports"]} == {"media_hash", "qr", "image_model", "ocr"}
        assert {report.get("reason") for report in made["reports"]} == {reason}, name
    verdict = stream.checked()
    assert verdict["sound"], verdict["examples"]
    unharmed(running)


def test_every_malformed_file_ends_in_reports_within_five_seconds_and_the_worker_lives(
    running: tuple[Stream, list[Worker], list[int]], aws: Aws, shared: Path
) -> None:
    stream, *_ = running
    files = sorted(file for file in (shared / "data/media/malformed").iterdir() if file.suffix not in NO_MEDIA)
    where = bucket(aws.endpoint, {"sound.png": drawn(1), **{file.name: file.read_bytes() for file in files}})
    list(alone(iter(["sound.png"]), stream, where))  # the first picture waits for what starts with it
    found = {decision["content_id"]: decision for decision in alone((file.name for file in files), stream, where)}
    unharmed(running)
    assert {name: waited(decision) for name, decision in found.items() if waited(decision) > ALONE} == {}
    for name, decision in found.items():
        assert len(decision["reports"]) == 4, name
        reasons = {report.get("reason") for report in decision["reports"] if report["status"] != "ok"}
        assert not reasons & {None, *OURS}, name
    cut = json.dumps(found["media/truncated_image.png"]["reports"])
    assert '"reason": "truncated"' in cut
