"""The receiver that platforms copy: what it believes, and that it takes what we post."""

import asyncio
import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.receive_webhook import TOLERANCE, verified
from streams.adapters.executing import Result
from streams.adapters.fault import Fault
from streams.adapters.webhook import Webhook
from tests.unit.adapters.effects import effect
from tests.unit.core.decisions import made

# The vector that Standard Webhooks publishes.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
OTHER = "whsec_" + base64.b64encode(bytes(32)).decode()
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_is_believed_with_either_secret_and_among_other_signatures() -> None:
    assert verified([SECRET], ID, str(AT), SIGNATURE, BODY, AT)
    assert verified([OTHER, SECRET], ID, str(AT), f"v1,AAAA v2,x {SIGNATURE}", BODY, AT)


@pytest.mark.parametrize("late", [-TOLERANCE, TOLERANCE])
def test_five_minutes_are_tolerated_and_no_more(late: int) -> None:
    assert TOLERANCE == 300
    assert verified([SECRET], ID, str(AT), SIGNATURE, BODY, AT + late)
    assert not verified([SECRET], ID, str(AT), SIGNATURE, BODY, AT + late + (1 if late > 0 else -1))


@pytest.mark.parametrize(
    ("webhook_id", "timestamp", "signatures", "body"),
    [
        ("msg_other", str(AT), SIGNATURE, BODY),
        (ID, str(AT + 1), SIGNATURE, BODY),
        (ID, str(AT), SIGNATURE, BODY + b" "),
        (ID, str(AT), SIGNATURE[:-2] + "A=", BODY),
        (ID, str(AT), SIGNATURE.replace("v1,", "v2,"), BODY),
        (ID, str(AT), "", BODY),
        (ID, str(AT), "ü", BODY),
        (ID, "", SIGNATURE, BODY),
        (ID, f"{AT}.0", SIGNATURE, BODY),
        (ID, "²", SIGNATURE, BODY),
        (ID, "9" * 5000, SIGNATURE, BODY),
        ("", str(AT), SIGNATURE, BODY),
    ],
)
def test_anything_else_is_not_believed(webhook_id: str, timestamp: str, signatures: str, body: bytes) -> None:
    assert not verified([SECRET], webhook_id, timestamp, signatures, body, AT)


def test_without_secrets_nothing_is_believed() -> None:
    assert not verified([], ID, str(AT), SIGNATURE, BODY, AT)


@pytest.fixture
def receiver(tmp_path: Path, root: Path) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Yield the port of a running receiver, and its process."""
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    command = [sys.executable, str(root / "examples/receive_webhook.py"), str(tmp_path / "secret"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().removeprefix("listening on ")), process
        finally:
            process.terminate()


async def test_it_takes_what_we_post_once_and_refuses_other_signatures(
    receiver: tuple[int, "subprocess.Popen[str]"], tmp_path: Path
) -> None:
    port, process = receiver
    (tmp_path / "other").write_text(OTHER)
    webhook = Webhook([f"127.0.0.1:{port}"], "/moderation-streams/execute")
    until = asyncio.get_running_loop().time() + 10

    def post(secret: str) -> dict[str, str]:
        url = f"http://127.0.0.1:{port}/"
        return {"url": url, "allow_private": "true", "timeout_ms": "5000", "secret_files": str(tmp_path / secret)}

    with pytest.raises(Fault) as caught:
        await webhook(effect("webhook", post("other")), None, until)
    assert caught.value.reason == "access_denied"
    for decision in (made(), made(), made("m2", action="block")):
        assert await webhook(effect("webhook", post("secret"), decision), None, until) == Result("done")
    await webhook.close()
    assert process.stdout is not None
    assert [process.stdout.readline().strip() for _ in range(2)] == [
        '{"content_id": "m1", "action": "mask_flag"}',
        '{"content_id": "m2", "action": "block"}',
    ]
