"""Sequencers: two of the same object key in, which event is older out. S3 promises no order of delivery, only this.

They are hexadecimal numbers of different lengths, in upper and lower case: the shorter one is filled up with zeros on
the right, then they compare as texts (S3's documentation of the event structure). Across keys they say nothing.
"""


def is_older(sequencer: str, newest: str) -> bool:
    """Tell whether an event came before the newest one of its key; two equal ones are repeats, and not older."""
    length = max(len(sequencer), len(newest))
    return _comparable(sequencer, length) < _comparable(newest, length)


def _comparable(sequencer: str, length: int) -> str:
    return sequencer.upper().ljust(length, "0")
