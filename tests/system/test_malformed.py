"""Files that crash decoders, through the stream with every local engine; skipped where the data is not there."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from streams.embedded.aws import Aws
from tests.system.kafka import Kafka
from tests.system.pictures import bucket, drawn
from tests.system.real_input import NO_MEDIA, uploads
from tests.system.stream import Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

LIMIT: Final = 5.0  # seconds from the record in the log to the decision
# A reason that tells of a fault of ours, not of the file.
OURS: Final = {"inspection_failed", "engine_failed", "engine_not_configured"}
POLICY: Final = f"""\
id: malformed
engines:
  media_hash: {{lists: [{{name: known, label: known_media, lines: ["pdq:{"0f" * 32}"]}}]}}
  qr: {{}}
  image_model: {{}}
  ocr: {{}}
deadline: 60s
"""


def waited(decision: dict[str, Any]) -> float:
    """Return the seconds from an upload's record to its decision."""
    received, decided = (datetime.fromisoformat(decision[name]) for name in ("received_at", "decided_at"))
    return (decided - received).total_seconds()


def alone(names: Iterator[str], stream: Stream, where: str) -> Iterator[dict[str, Any]]:
    """Send one upload after the other; yield the decision on each before the next is sent."""
    for upload in uploads(where, names):
        assert stream.send([upload]) == 1
        assert upload.key is not None
        yield stream.decided(upload.key.decode(), seconds=3 * LIMIT)[0]


def test_every_malformed_file_ends_in_reports_within_five_seconds_and_the_worker_lives(
    kafka: Kafka, aws: Aws, shared: Path, tmp_path: Path
) -> None:
    files = sorted(file for file in (shared / "data/media/malformed").iterdir() if file.suffix not in NO_MEDIA)
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    where = bucket(aws.endpoint, {"sound.png": drawn(1), **{file.name: file.read_bytes() for file in files}})
    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint, policy=policy) as stream:
        workers = stream.start("uploads", "media", "join")
        pids = [worker.pid for worker in workers]
        list(alone(iter(["sound.png"]), stream, where))  # the first picture waits for what starts with it
        found = {decision["content_id"]: decision for decision in alone((file.name for file in files), stream, where)}
        assert [worker.pid for worker in workers] == pids
        assert [worker.restarts for worker in workers] == [0, 0, 0]
    late = {name: waited(decision) for name, decision in found.items() if waited(decision) > LIMIT}
    assert late == {}
    for name, decision in found.items():
        assert len(decision["reports"]) == 4, name
        reasons = {report.get("reason") for report in decision["reports"] if report["status"] != "ok"}
        assert not reasons & {None, *OURS}, name
    cut = json.dumps(found["media/truncated_image.png"]["reports"])
    assert '"reason": "truncated"' in cut
