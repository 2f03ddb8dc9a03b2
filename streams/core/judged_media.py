"""A picture that a paid engine has judged: what its near copies are answered from, on `judged-media`, keyed by SHA-256.

No text that was read in a picture stands here: a near copy may say something else.
"""

import msgspec

from streams.core.content import Milliseconds
from streams.core.finding import Confidence
from streams.core.picture_task import Digest


class JudgedLabel(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One label of an answer."""

    name: str
    confidence: Confidence
    parent: str = ""  # "" at the first level


class JudgedMedia(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What was asked about a still picture, and what the service saw in it."""

    sha256: Digest
    pdq: Digest  # of the picture as it stands
    engine: str
    at: Milliseconds  # of the answer
    wanted: str  # what was asked for: adapter, expected model, text
    least: Confidence  # MinConfidence that it was asked with
    model: str  # version of the service's model
    adapter: bool  # whether the asked adapter answered; true where none was asked
    labels: tuple[JudgedLabel, ...] = ()
