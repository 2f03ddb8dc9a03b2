"""Libraries that quote what they send."""

import logging

from streams.adapters.quiet import LIBRARIES, quiet


def test_nothing_below_a_warning_is_said_whatever_was_set_before() -> None:
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.DEBUG)
    quiet()
    assert [logging.getLogger(f"{library}.part").isEnabledFor(logging.INFO) for library in LIBRARIES] == [False] * 6
    assert all(logging.getLogger(f"{library}.part").isEnabledFor(logging.WARNING) for library in LIBRARIES)
