"""Why the bytes of a medium cannot be had: a reason from a closed set, and whether a later try may help."""

from typing import Literal

Reason = Literal[
    # of the object: another try gives the same
    "object_not_found",
    "changed",  # another version lies there now: its own event is due
    "too_large",
    "archived",  # must be restored first
    "invalid_location",  # no bucket, key or address that could exist
    # of the rules: never asked, or asked and told no
    "not_https",
    "host_not_allowed",
    "address_not_allowed",  # the host's name leads into a private network
    "redirected",
    "local_not_allowed",
    "access_denied",
    "bucket_not_found",
    "no_credentials",
    "refused",  # any other answer that is no object
    # of the moment: another try may help
    "timeout",
    "unreachable",
    "unavailable",  # throttled, or the other side has trouble of its own
]


class Unreadable(Exception):
    """Bytes that cannot be had; the text is the reason alone, never a name of bucket, key or host."""

    def __init__(self, reason: Reason, *, retryable: bool = False) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.retryable = retryable
