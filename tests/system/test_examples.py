"""The examples as a platform would run them: texts in, decisions acted upon, a webhook believed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.embedded.processes import free_ports
from tests.system.kafka import Kafka
from tests.system.processes import ROOT
from tests.system.stream import Stream
from tests.waiting import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

POLICY = r"""
id: examples
engines:
  blocklist:
    lists:
      - {name: insults, terms: [idiot], label: harassment, action: bounce, why: insults are returned}
      - {name: sold, terms: [cheap pills], label: drugs, action: block, why: nobody sells drugs here}
  pattern:
    patterns:
      - {name: phone_number, pattern: '\d{3}-\d{3}-\d{4}', label: pii, action: mask_flag, why: phone numbers are hidden}
notices:
  en: {pii: A phone number was hidden.}
  de: {pii: Eine Telefonnummer wurde verborgen., harassment: Bitte schreibe das anders.}
effects:
  - name: backend
    sink: webhook
    on: all
    url: http://127.0.0.1:%d/
    secret_files: [%s]
    allow_private: true
"""
TEXTS = ["good morning", "call me at 555-201-4477", "you idiot", "cheap pills"]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  the one that the standard shows


class Example:
    """A running example, and the lines that it printed so far."""

    def __init__(self, prefix: str, folder: Path, name: str, *arguments: str) -> None:
        self._printed = folder / f"{name}.out"
        with self._printed.open("wb") as out, (folder / f"{name}.err").open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "examples" / f"{name}.py"), *arguments],
                env={**os.environ, "MODERATION_TOPIC_PREFIX": prefix},
                stdout=out,
                stderr=err,
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return what was printed, but for words for people."""
        whole = self._printed.read_text("utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def stopped(self) -> int:
        """Interrupt it as Ctrl-C does, and return its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(20)

    def close(self) -> None:
        """Kill it where it still runs."""
        self._process.kill()
        self._process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the secret of the webhook."""
    made = tmp_path_factory.mktemp("examples")
    (made / "secret").write_text(SECRET + "\n")
    return made


@pytest.fixture(scope="module")
def port() -> int:
    """Return the port of the backend."""
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def receiver(folder: Path, port: int) -> Iterator[Example]:
    """Yield a backend that receives decisions by webhook."""
    running = Example("", folder, "receive_webhook", str(folder / "secret"), str(port))
    yield running
    running.close()


@pytest.fixture(scope="module")
def stream(kafka: Kafka, folder: Path, port: int, receiver: Example) -> Iterator[Stream]:
    """Yield a stream that screens texts and tells the backend of decisions."""
    assert receiver.lines == []
    (folder / "policy.yaml").write_text(POLICY % (port, folder / "secret"))
    with Stream(kafka.bootstrap, folder, policy=folder / "policy.yaml") as running:
        running.environment["MODERATION_WEBHOOK_HOSTS"] = json.dumps([f"127.0.0.1:{port}"])
        running.start("screen", "execute")
        yield running


def produced(stream: Stream, client: str) -> list[str]:
    """Return the content ids of the texts that an example has put before the moderation."""
    ended = subprocess.run(
        [sys.executable, str(ROOT / "examples" / f"produce_{client}.py"), stream.bootstrap, f"room-{client}", "vex"],
        input="\n".join(TEXTS),
        env={**os.environ, "MODERATION_TOPIC_PREFIX": stream.prefix},
        capture_output=True,
        text=True,
        timeout=40,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.split()


@pytest.mark.parametrize("client", ["confluent", "aiokafka"])
def test_one_decision_says_what_a_chat_does_and_tells_its_user(stream: Stream, client: str, tmp_path: Path) -> None:
    content_ids = produced(stream, client)
    assert len(set(content_ids)) == len(TEXTS)
    consumer = Example(stream.prefix, tmp_path, f"consume_{client}", stream.bootstrap, "de")
    try:
        until(lambda: {line["content_id"] for line in consumer.lines} >= set(content_ids), 40)
        assert consumer.stopped() == 0
    finally:
        consumer.close()
    told = {line["content_id"]: line for line in consumer.lines}
    assert len(told) == len(consumer.lines), "a decision was acted upon twice"
    good, phone, insult, sold = (told[content_id] for content_id in content_ids)
    assert (good["action"], good["shown"], good["tell_author"]) == ("allow", True, None)
    assert (phone["action"], phone["shown"]) == ("mask_flag", True)
    assert phone["replace_text_by"] == "call me at ****"
    assert phone["tell_author"] == "Eine Telefonnummer wurde verborgen."
    assert (insult["action"], insult["shown"], insult["may_resubmit"]) == ("bounce", False, True)
    assert insult["tell_author"] == "Bitte schreibe das anders."
    assert (sold["action"], sold["shown"], sold["may_resubmit"]) == ("block", False, False)
    assert all(line["revision"] == 0 for line in consumer.lines)


def test_a_backend_is_told_by_webhook_and_believes_it(stream: Stream, receiver: Example) -> None:
    content_ids = produced(stream, "confluent")
    until(lambda: {line["content_id"] for line in receiver.lines} >= set(content_ids), 40)
    actions = {line["content_id"]: line["action"] for line in receiver.lines}
    assert [actions[content_id] for content_id in content_ids] == ["allow", "mask_flag", "bounce", "block"]
    assert len(actions) == len(receiver.lines), "a decision was acted upon twice"
