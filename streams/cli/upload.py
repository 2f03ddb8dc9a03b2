"""`moderation upload`: files in, objects of a bucket and records on `uploads` out; or addresses for a page."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from streams.adapters.log import Following, Sender
from streams.adapters.uploading import LONGEST, Address, Medium, Stored, Uploading, medium, new_key
from streams.adapters.wire import Reader, Rejected
from streams.cli import table
from streams.cli.failure import FAILED, Failure
from streams.cli.progress import counted
from streams.core.content import Location, Upload, User
from streams.core.decision import Decision
from streams.core.notification import content_id
from streams.settings import Settings
from streams.topology import full_name

POLL: Final = 0.2  # seconds

_encode: Final = msgspec.json.Encoder().encode


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--bucket", required=True, help="Where they are stored.")
@click.option("--prefix", default="uploads/", show_default=True, help="In front of each key; the rest is random.")
@click.option("--user", default="unknown", show_default=True, help="Id of their author.")
@click.option("--presign", is_flag=True, help="Upload nothing: print an address for each, to which a page may put it.")
@click.option(
    "--expires",
    type=click.IntRange(1, LONGEST),
    default=900,
    show_default=True,
    help="Seconds for which an address of --presign holds.",
)
@click.option("--notified", is_flag=True, help="The bucket tells of its objects itself: send no record.")
@click.option("--wait", type=click.FloatRange(min=0, min_open=True), help="Seconds to wait for the decisions.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def upload(  # noqa: PLR0913  one for each option
    files: tuple[Path, ...],
    *,
    bucket: str,
    prefix: str,
    user: str,
    presign: bool,
    expires: int,
    notified: bool,
    wait: float | None,
    as_json: bool,
) -> None:
    """Store pictures and videos in a bucket and put a record for each on `uploads`, so that they are judged.

    With --presign it prints, for each file, an address to which a page without credentials may put just this type and
    size, with just these headers; the bucket's notifications then tell of the object.
    """
    if wait is not None and (presign or notified):
        raise click.UsageError("--wait needs the records that this command sends: leave out --presign and --notified")
    settings = Settings()
    media = [medium(path, settings.media_limit) for path in files]  # before anything is stored
    uploading = Uploading(bucket, endpoint=settings.s3_endpoint, region=settings.s3_region)
    try:
        if presign:
            for one in media:
                _show_address(
                    one, uploading.address(one, new_key(prefix, one.suffix), expires), bucket, as_json=as_json
                )
        else:
            _upload(media, uploading, Run(settings, bucket, prefix, user, notified, wait, as_json))
    finally:
        uploading.close()


class Run(msgspec.Struct, frozen=True):
    """What the options ask for."""

    settings: Any
    bucket: str
    prefix: str
    user: str
    notified: bool
    wait: float | None
    as_json: bool


def _upload(media: Sequence[Medium], uploading: Uploading, run: Run) -> None:
    settings: Settings = run.settings
    with ExitStack() as stack:
        following = None
        if run.wait is not None:  # before anything is sent: it reads what comes from now on
            actions = full_name(settings.topic_prefix, "actions")
            following = Following(settings, actions, from_beginning=False)
            stack.callback(following.close)
        sender = None
        if not run.notified:
            sender = stack.enter_context(Sender(settings, full_name(settings.topic_prefix, "uploads")))
        ids = set()
        with counted("uploading", len(media)) as advance:
            for one in media:
                record = announced(one, uploading.put(one, new_key(run.prefix, one.suffix)), run.bucket, run.user)
                if sender is not None:
                    sender.send(record.content_id.encode(), _encode(record))
                    ids.add(record.content_id)
                _show_stored(one, record, notified=run.notified, as_json=run.as_json)
                advance(1)
        if sender is not None:
            sender.finish()
        if following is not None and run.wait is not None:
            _await_decisions(following, ids, settings.record_limit, run.wait, as_json=run.as_json)


def announced(one: Medium, stored: Stored, bucket: str, user: str) -> Upload:
    """Return the record that tells of a stored object; its id is that of this version, or of these bytes."""
    return Upload(
        content_id=content_id(bucket, stored.key, stored.version_id, stored.etag, None),
        kind="video" if one.content_type.startswith("video/") else "image",
        user=User(user),
        location=Location(bucket=bucket, key=stored.key, version_id=stored.version_id, etag=stored.etag),
        created_at=datetime.now(UTC),
        content_type=one.content_type,
        size=one.size,
    )


def _show_stored(one: Medium, record: Upload, *, notified: bool, as_json: bool) -> None:
    location = record.location
    if as_json:
        told = {
            "file": str(one.path),
            "content_id": None if notified else record.content_id,
            "bucket": location.bucket,
            "key": location.key,
            "version_id": location.version_id,
            "etag": location.etag,
            "content_type": one.content_type,
            "size": one.size,
        }
        print(_encode(told).decode(), flush=True)
    else:
        name = "" if notified else f"  {record.content_id}"
        print(f"{one.path}  {location.bucket}/{location.key}  {one.content_type}, {one.size:,} bytes{name}", flush=True)


def _show_address(one: Medium, address: Address, bucket: str, *, as_json: bool) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=address.expires)).isoformat(timespec="seconds")
    if as_json:
        told = {
            "file": str(one.path),
            "method": "PUT",
            "url": address.url,
            "headers": address.headers,
            "expires_at": until,
            "bucket": bucket,
            "key": address.key,
        }
        print(_encode(told).decode(), flush=True)
        return
    print(f"PUT {address.url}")
    for name, value in address.headers.items():
        print(f"{name}: {value}")
    print(f"for {one.path}, until {until}\n", flush=True)


def _await_decisions(following: Following, ids: set[str], limit: int, seconds: float, *, as_json: bool) -> None:
    """Print the decisions on these contents; raise Failure when some do not come in time."""
    missing = set(ids)
    for decision in _decisions(following, limit, time.monotonic() + seconds):
        if decision.content_id in missing:
            missing.discard(decision.content_id)
            if as_json:
                print(_encode(decision).decode(), flush=True)
            else:
                table.show(table.screen(), table.line(decision))
        if not missing:
            return
    sys.stdout.flush()
    raise Failure(f"{len(missing)} of {len(ids)} have no decision after {seconds:g} s: do the workers run?", FAILED)


def _decisions(following: Following, limit: int, until: float) -> Iterator[Decision]:
    reader = Reader(Decision, limit=limit)
    while time.monotonic() < until:
        for record in following.take(POLL):
            with suppress(Rejected):  # no decision: `watch` names it
                yield reader.read(record.value)
