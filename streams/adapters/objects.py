"""Media objects: a location in, the bytes out, from whichever party holds them."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from msgspec import structs

from streams.adapters.fetched import Fetched
from streams.adapters.https import Https
from streams.adapters.quiet import quiet
from streams.adapters.s3 import S3
from streams.adapters.unreadable import Unreadable
from streams.core.content import Location
from streams.settings import Settings

quiet()


class Objects:
    """Reads media from S3, from allowed https hosts, and, for `moderation check` alone, from local files."""

    def __init__(
        self, settings: Settings, *, local: bool = False, locked: Callable[[str], object] | None = None
    ) -> None:
        """Take the `media_*` and `s3_*` settings; connects to nothing yet.

        `locked` is called with one line that says what to do when S3 lets no object be read.
        """
        self._limit = settings.media_limit
        self._local = local
        self._s3 = S3(
            endpoint=settings.s3_endpoint,
            region=settings.s3_region,
            limit=settings.media_limit,
            timeout=settings.media_timeout,
            concurrency=settings.media_concurrency,
            locked=locked,
        )
        self._https = Https(settings.media_hosts, settings.media_limit, settings.media_timeout)

    async def fetch(self, location: Location, limit: int | None = None) -> Fetched:
        """Return the bytes at a location, at most `limit` or `media_limit` of them, of the version that it names.

        Raises Unreadable with a reason and whether another try may help.
        """
        if location.url is not None:
            return Fetched(await self._https.read(location.url, limit), location)
        if location.path is not None:
            return Fetched(await self._file(Path(location.path), limit or self._limit), location)
        if location.bucket is None or location.key is None:
            raise Unreadable("invalid_location")
        stored = await self._s3.read(location.bucket, location.key, location.version_id, location.etag, limit)
        return Fetched(stored.data, structs.replace(location, version_id=stored.version_id, etag=stored.etag))

    async def close(self) -> None:
        """Close the connections."""
        await self._s3.close()

    async def _file(self, path: Path, limit: int) -> bytes:
        if not self._local:
            raise Unreadable("local_not_allowed")
        try:
            return await asyncio.to_thread(self._read, path, limit)
        except FileNotFoundError as error:
            raise Unreadable("object_not_found") from error
        except PermissionError as error:
            raise Unreadable("access_denied") from error
        except (OSError, ValueError) as error:  # a folder, a name too long, a null character
            raise Unreadable("invalid_location") from error

    def _read(self, path: Path, limit: int) -> bytes:
        if path.exists() and not path.is_file():  # a device or a pipe has no end
            raise Unreadable("invalid_location")
        with path.open("rb") as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise Unreadable("too_large")
        return data
