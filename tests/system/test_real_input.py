"""Every real row and file through the running stream; skipped where the data is not there."""

from pathlib import Path

import pytest

from streams.embedded.aws import Aws
from tests.system.kafka import Kafka
from tests.system.real_input import ROLES, sent_through
from tests.system.stream import Stream

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]


def test_every_real_text_and_picture_gives_one_decision_or_dead_letter(
    kafka: Kafka, aws: Aws, shared: Path, tmp_path: Path
) -> None:
    with Stream(kafka.bootstrap, tmp_path, aws=aws.endpoint) as stream:
        stream.start(*ROLES)
        verdict = sent_through(stream, aws.endpoint, shared)
    assert verdict["sound"], verdict["examples"]
    assert verdict["restarts"] == 0
    assert verdict["counts"]["contents"] > 20_000
