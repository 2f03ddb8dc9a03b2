"""What a text says outright: signals in, what they add to the heads' logits out.

The labels that only a small set knows are learnt from few examples, which lack most words of their subject: the
expressions of `streams/signals` know more of them. Training calibrates the sums, so probabilities stay what they are.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.signals.signal import Signals


class Addition(NamedTuple):
    """What one signal adds to the logit of a label."""

    signal: str
    logit: float


# One step of e in the odds; what it gains was measured on held-out rows, and lies on a plateau from .5 to 2.
ADDITIONS: Final = {"sexual": Addition("explicit", 1.0), "harassment": Addition("directed", 1.0)}


def outright(shown: Sequence[Signals], labels: Sequence[str]) -> NDArray[np.float64]:
    """Return what is added to the logits [n, L] of texts that show these signals."""
    added = np.zeros((len(shown), len(labels)))
    for place, label in enumerate(labels):
        if (addition := ADDITIONS.get(label)) is not None:
            added[:, place] = [addition.logit * getattr(each, addition.signal) for each in shown]
    return added
