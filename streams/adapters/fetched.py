"""What was read of a stored object: its bytes, and which of its versions they are."""

from typing import NamedTuple

from streams.core.content import Location


class Fetched(NamedTuple):
    """Bytes, and where they lie: in S3 with the version and the etag that they have."""

    data: bytes
    location: Location
