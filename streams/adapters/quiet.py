"""Libraries whose log lines quote what they carry: addresses with tokens, keys, headers, in debug even bodies."""

import logging
from typing import Final

LIBRARIES: Final = ("boto3", "botocore", "s3transfer", "urllib3", "httpx", "httpcore")


def quiet() -> None:
    """Let these libraries say no more than warnings; every worker calls this, and what others import to send."""
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
