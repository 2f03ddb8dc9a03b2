"""The one error of this package."""

from typing import Final


class SetUpError(RuntimeError):
    """Something that a laptop needs is missing or did not start; the message is one line that says what to do."""

    exit_code: Final = 78  # EX_CONFIG of sysexits.h
