"""`moderation review serve`: the review process, until it is told to stop."""

import logging
import os
from typing import TYPE_CHECKING, Any, Final

import click

from streams.cli.failure import CONFIGURATION, Failure

if TYPE_CHECKING:
    from streams.review.process import Running
    from streams.settings import Settings
    from streams.store.database import Database
    from streams.web.oidc import Issuer

LOUD: Final = ("alembic", "uvicorn")  # their info lines tell of every plugin and connection
SECRET: Final = 16  # characters of MODERATION_REVIEW_SECRET at least


@click.command()
def serve() -> None:
    """Serve the review pages and their API, and take in what is decided.

    Exit codes: 0 stopped by a signal, 69 Kafka or the database does not answer, 70 crashed (start it again), 78
    settings, topics or the database are wrong.
    """
    from streams.adapters import topics
    from streams.cli.worker import THREADS, tell
    from streams.settings import Settings

    for name in THREADS:  # before anything imports numpy
        os.environ.setdefault(name, "1")
    settings = Settings()
    tell(settings.log)
    for name in LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)
    wrong = [problem for problem in topics.check(settings) if problem.level == "error"]
    if wrong:
        for problem in wrong:
            click.echo(f"moderation: topic {problem.topic} {problem.text}", err=True)
        raise Failure("the topics are not as they must be, nothing was started", CONFIGURATION)
    _serve(settings)


def _serve(settings: "Settings") -> None:
    from streams.review.audited import audited, wrong
    from streams.review.checkpoints import checkpoints_of
    from streams.review.process import Process, milliseconds, run
    from streams.review.serving import address_of, bound
    from streams.review.signer import SIGNER, Signer
    from streams.review.signing import key_of, keys_of
    from streams.review.threads import Part
    from streams.store.database import Database
    from streams.store.migrate import migrated

    listening = bound(settings)
    key, checkpoints = key_of(settings.review_audit_key), checkpoints_of(settings)
    checkpoints.prepared()
    database = Database(settings.review_database.get_secret_value())
    migrated(database)
    signer = Signer(
        database,
        checkpoints,
        key,
        every_records=settings.review_checkpoint_records,
        every_ms=int(settings.review_checkpoint_seconds * 1000),
        clock=milliseconds,
    )
    address = settings.review_origin or address_of(listening)
    process = Process(
        settings,
        database,
        app_of=lambda running: _app(running, address),
        listening=listening,
        verified=lambda: wrong(audited(database, checkpoints, keys_of([], settings.review_audit_key))),
        others=lambda running: [
            Part(SIGNER, lambda stop: signer.run(stop, running.lease(SIGNER), running.health)),
        ],
        registry=_registry(settings),
    )
    _announce(database, address)
    run(process)
    database.close()


def _app(running: "Running", origin: str) -> Any:
    """Return the app: the only place where settings, process and pages meet."""
    from streams.review.media import media_reader
    from streams.web.app import built
    from streams.web.parts import Parts

    settings = running.settings
    more: dict[str, Any] = {}
    if settings.review_secret is not None:
        secret = settings.review_secret.get_secret_value()
        if len(secret) < SECRET:
            raise Failure(f"MODERATION_REVIEW_SECRET is too short: at least {SECRET} characters", CONFIGURATION)
        more["secret"] = secret.encode()
    return built(
        Parts(
            database=running.database,
            clock=running.clock,
            origin=origin,
            metrics=running.metrics,
            media=media_reader(settings),
            media_origin=settings.review_media_origin,
            ready=running.health.ready,
            stopping=running.stopping.is_set,
            wake=running.wake,
            review_rules=running.following.of,
            issuer=_issuer(settings),
            **more,
        )
    )


def _issuer(settings: "Settings") -> "Issuer | None":
    """Return who vouches for people; raise WrongIssuer, or Failure for grants that are none."""
    import msgspec

    from streams.core.rights import Grant
    from streams.web.oidc import Issuer, Oidc

    if settings.review_oidc_issuer is None:
        return None
    if settings.review_oidc_client_id is None:
        raise Failure("MODERATION_REVIEW_OIDC_CLIENT_ID is not set: the issuer knows us by it", CONFIGURATION)
    try:
        grants = msgspec.convert(settings.review_oidc_grants, dict[str, tuple[Grant, ...]])
    except msgspec.ValidationError as error:
        raise Failure(f"MODERATION_REVIEW_OIDC_GRANTS: {error}: correct the environment", CONFIGURATION) from None
    secret = settings.review_oidc_client_secret
    return Issuer(
        Oidc(
            issuer=settings.review_oidc_issuer,
            client_id=settings.review_oidc_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            audience=settings.review_oidc_audience,
            scopes=settings.review_oidc_scopes,
            claim=settings.review_oidc_claim,
            grants=grants,
            label=settings.review_oidc_label,
        )
    )


def _registry(settings: "Settings") -> Any:
    """Return the schema registry, asked for the ids of what is written where the wire form needs them."""
    import asyncio

    from streams.adapters.registry import Registry
    from streams.review.relay import WRITTEN

    if settings.registry_url is None:
        return None
    registry = Registry(settings.registry_url, prefix=settings.topic_prefix)
    if settings.wire == "confluent":
        asyncio.run(registry.prepare(WRITTEN))
    return registry


def _announce(database: "Database", address: str) -> None:
    """Print where the pages are; and the first password, this once."""
    from streams.review.process import milliseconds
    from streams.store.accounts import first
    from streams.store.passwords import Passwords

    with database.writing() as writing:
        made = first(writing, Passwords(), milliseconds())
    print(f"review: {address}", flush=True)
    if made is not None:
        name, password = made
        print(f"review: sign in as {name} with the password {password} (shown this once)", flush=True)
