"""Real rows and files through the running stream: every text with its context, every picture, every broken file.

    python tests/system/real_input.py [--shared FOLDER]

Starts a Kafka, an S3 server and one worker of each role, sends everything, and has the checker prove that each came
out as one decision or one dead letter, with exact contexts, and that nothing was restarted.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

if __name__ == "__main__":  # run as a file: siblings are found from the root of the repository
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from streams.embedded.aws import Aws
from streams.embedded.broker import Broker
from tests.system.load import CREATED, Sent
from tests.system.pictures import bucket
from tests.system.stream import Stream
from tests.system.topic import DEAD_LETTER, DECISION

ROOT: Final = Path(__file__).resolve().parents[2]
ROLES: Final = ("screen", "uploads", "media", "join")
NO_MEDIA: Final = frozenset({".csv", ".json", ".jsonl", ".txt", ".dat", ".md"})
EITHER: Final = b""  # whether it is accepted is not known beforehand
LATE: Final = 300.0  # seconds for everything to come out


def texts(shared: Path) -> Iterator[Sent]:
    """Yield every row of the text sets as the last message of a conversation that its context begins."""
    for file in sorted((shared / "data/text/dev").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            name = f"{file.stem}/{row['id']}"
            for number, text in enumerate([*row["context"], row["text"]]):
                content_id = name if number == len(row["context"]) else f"{name}/before-{number}"
                message = {
                    "content_id": content_id,
                    "kind": "message",
                    "conversation_id": name,
                    "user": {"id": f"user-{number % 2}"},
                    "text": text,
                    "created_at": CREATED,
                }
                yield Sent("messages", name.encode(), json.dumps(message).encode(), DECISION)


def broken_records(shared: Path) -> Iterator[Sent]:
    """Yield every Avro file, broken or not, as the bytes of a message: none is one."""
    for file in sorted((shared / "data/avro").rglob("*.avro")):
        yield Sent("messages", f"avro/{file.name}".encode(), file.read_bytes(), DEAD_LETTER)


def media(shared: Path) -> dict[str, bytes]:
    """Return every picture and video by its path, valid and malformed."""
    folder = shared / "data/media"
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix not in NO_MEDIA)
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def uploads(where: str, keys: Iterator[str]) -> Iterator[Sent]:
    """Yield an upload for each object of a bucket."""
    for key in keys:
        upload: dict[str, Any] = {
            "content_id": f"media/{key}",
            "kind": "video" if key.startswith("videos/") else "image",
            "user": {"id": "user"},
            "location": {"bucket": where, "key": key},
            "created_at": CREATED,
        }
        yield Sent("uploads", upload["content_id"].encode(), json.dumps(upload).encode(), DECISION)


def notifications(shared: Path) -> Iterator[Sent]:
    """Yield every vendor's event file; those of other services than storage are none of ours."""
    for file in sorted((shared / "data/events").glob("*.json")):
        yield Sent("s3-events", file.name.encode(), file.read_bytes(), EITHER)


def sent_through(stream: Stream, endpoint: str, shared: Path) -> dict[str, Any]:
    """Send everything, wait until it has come out, and return the checker's verdict."""
    objects = media(shared)
    where = bucket(endpoint, objects)
    count = stream.send(broken_records(shared)) + stream.send(notifications(shared))
    count += stream.send(texts(shared)) + stream.send(uploads(where, iter(objects)))
    deadline = time.monotonic() + LATE
    while stream.watch.count("decisions") + stream.watch.count("dead letters") < count and time.monotonic() < deadline:
        time.sleep(0.1)
    verdict = stream.checked()
    verdict["sent"] = count
    verdict["restarts"] = sum(worker.restarts for worker in stream.workers)
    return verdict


def main() -> int:
    """Run it all on servers of its own; print the verdict; return 0 when it is sound and nothing was restarted."""
    parser = argparse.ArgumentParser(description="Send real rows and files through a running stream.")
    default = Path(os.environ.get("MODERATION_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--shared", type=Path, default=default, help="folder that holds data/")
    shared = parser.parse_args().shared
    if not (shared / "data").is_dir():
        parser.error(f"{shared} holds no data/: name the folder with --shared")
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as logs,
        Broker() as broker,
        Aws() as aws,
        Stream(broker.bootstrap, Path(logs), aws=aws.endpoint) as stream,
    ):
        stream.start(*ROLES)
        verdict = sent_through(stream, aws.endpoint, shared)
    verdict["seconds"] = round(time.monotonic() - started, 1)
    sys.stdout.write(json.dumps(verdict, indent=2) + "\n")
    return 0 if verdict["sound"] and not verdict["restarts"] else 1


if __name__ == "__main__":
    sys.exit(main())
