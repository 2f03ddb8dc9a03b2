"""`moderation audit`: the audit log of the review service, verified and exported, straight from its database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from streams.cli.failure import Failure
from streams.cli.progress import counted

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from streams.core.audit import Chain, Record
    from streams.settings import Settings
    from streams.store.database import Database


@click.group()
def audit() -> None:
    """Verify and export the audit log of the review service."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option(
    "--public-key",
    "keys",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Who signed, PEM; may be given again for keys of the past. The one of MODERATION_REVIEW_AUDIT_KEY without it.",
)
def verify(as_json: bool, keys: tuple[Path, ...]) -> None:
    """Show that nothing was changed, taken out, moved, cut off or told anew; ends with 1 if something was."""
    from streams.review.audited import audited, wrong
    from streams.review.checkpoints import checkpoints_of
    from streams.review.signing import keys_of
    from streams.settings import Settings

    settings = Settings()
    given = keys_of(keys, settings.review_audit_key)
    with _opened(settings) as database:
        results = audited(database, checkpoints_of(settings), given, partial(counted, "verifying"))
    if as_json:
        print(msgspec.json.encode([one._asdict() for one in results]).decode())
    else:
        for one in results:
            print(
                f"{one.chain}: {one.records:,} records hold, {one.checkpoints:,} checkpoints, "
                f"{one.texts:,} texts as written, {one.erased:,} erased"
            )
    if broken := wrong(results):
        raise Failure("; ".join(broken.values()))


@audit.command()
@click.option("--chain", type=click.Choice(("acts", "accounts")), default="acts", show_default=True)
@click.option("--from", "first", type=click.IntRange(min=1), default=1, show_default=True, help="Number of a record.")
@click.option("--to", "last", type=click.IntRange(min=1), help="Number of a record; to the end without it.")
@click.option("--texts", "with_texts", is_flag=True, help="With the notes and reasons that have not been erased.")
def export(chain: "Chain", first: int, last: int | None, with_texts: bool) -> None:
    """Print records as JSON lines; `body` is a string, because the hash is of its very bytes."""
    from streams.settings import Settings
    from streams.store.auditing import records

    with _opened(Settings()) as database, database.reading() as connection:
        for batch in records(connection, chain, first, last):
            known = _texts(connection, batch) if with_texts else None
            sys.stdout.writelines(_line(record, known) for record in batch)


def _texts(connection: "Connection", batch: list["Record"]) -> dict[str, str]:
    """Return what people wrote, as far as it was not erased, by digest."""
    from streams.store.auditing import texts
    from streams.store.checking import digests

    found = texts(connection, [digest for record in batch for digest in digests(record)])
    return {digest: text for digest, (_, text) in found.items()}


def _line(record: "Record", known: dict[str, str] | None) -> str:
    from streams.store.checking import digests

    told: dict[str, Any] = {"seq": record.seq, "hash": record.hash, "body": record.body}
    if known is not None:
        told["texts"] = {digest: known[digest] for digest in digests(record) if digest in known}
    return msgspec.json.encode(told).decode() + "\n"


@contextmanager
def _opened(settings: "Settings") -> Iterator["Database"]:
    from sqlalchemy import make_url

    from streams.store.database import Database, StoreError
    from streams.store.migrate import revision_of

    url = settings.review_database.get_secret_value()
    none = StoreError("there is no audit log: MODERATION_REVIEW_DATABASE names a database that no review service used")
    if url.startswith("sqlite:///") and not Path(str(make_url(url).database)).exists():
        raise none  # opening would make it
    database = Database(url)
    try:
        with database.reading() as connection:
            if revision_of(connection) is None:
                raise none
        yield database
    finally:
        database.close()
