"""A worker is killed with -9 at the removal of what it has copied: just before it, and just after it, unheard.

A proxy before S3 holds that one request: there is no chance in when the worker dies.
"""

from pathlib import Path
from typing import Any, Final

import pytest

from streams.adapters.policies import load
from streams.embedded.aws import Aws
from tests.loopback.proxy import Proxy
from tests.system.acted import Buckets, Outcomes, decision, printed
from tests.system.kafka import Kafka
from tests.system.stream import Stream

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

TIMEOUT: Final = 60.0  # seconds that S3 may take: the worker never gives up what is held
POLICY: Final = """\
id: acting
engines:
  qr: {{action: flag}}
effects:
  - {{name: away, sink: s3, work: quarantine, on: [block], bucket: {quarantine}, prefix: held/}}
"""


@pytest.mark.parametrize(
    "removed",
    [
        pytest.param(False, id="before_the_removal"),
        pytest.param(True, id="before_it_hears_of_the_removal", marks=pytest.mark.faults),
    ],
)
def test_what_was_judged_is_once_in_quarantine_and_told_once_when_a_worker_dies(
    kafka: Kafka, aws: Aws, tmp_path: Path, *, removed: bool
) -> None:
    buckets = Buckets(aws.endpoint)
    plain, versioned = buckets.stored(0, ("block",)), buckets.stored(1, ("block",), overwritten=True)
    judged, newer = {plain.body: 1, versioned.body: 1}, {b"newer 1": 1}
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY.format(quarantine=buckets.quarantine), encoding="utf-8")
    home = buckets.plain, buckets.versioned

    with (
        Proxy(aws.endpoint) as proxy,
        Stream(kafka.bootstrap, tmp_path, aws=proxy.url, policy=policy, effects_timeout=TIMEOUT) as stream,
        Outcomes(stream) as outcomes,
    ):
        (worker,) = stream.start("execute")
        removals = proxy.hold("DELETE", "/u/", answers=removed)
        stream.send([decision(plain, 0, load(policy).policy.ref, versioned)])
        removals.await_held(2)
        assert buckets.lying(buckets.quarantine) == judged
        assert buckets.lying(*home) == (newer if removed else judged | newer)

        worker.kill()
        worker.await_restart(1)
        removals.release()
        outcomes.until(lambda: bool(outcomes.ends), "an outcome")
        (told,) = printed(stream, "--content", plain.content_id)

    assert (told["status"], told["work"], told["region"]) == ("done", "quarantine", "us-east-1")
    assert [lying_at(buckets, one["location"]) for one in told["objects"]] == [plain.body, versioned.body]
    assert buckets.lying(buckets.quarantine) == judged
    assert buckets.lying(*home) == newer
    assert lying_at(buckets, {"bucket": buckets.versioned, "key": "u/1.png"}) == b"newer 1"  # under no delete marker


def lying_at(buckets: Buckets, location: dict[str, Any]) -> bytes:
    """Return the bytes at a location, of its version where it names one."""
    pin = {"VersionId": location["version_id"]} if location.get("version_id") else {}
    body: bytes = buckets.client.get_object(Bucket=location["bucket"], Key=location["key"], **pin)["Body"].read()
    return body
