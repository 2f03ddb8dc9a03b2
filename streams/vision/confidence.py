"""Confidences: what a classifier says of a category in, 0 to 100 out, on the scale of the policies' presets.

A network's number is no probability: how often it is right depends on what is uploaded. So each curve is set where
false positives were counted, such that a preset means the same for every category: `strict`, `balanced` and `sensitive`
begin where hardly any, few and some harmless pictures are found. Between these points it is straight.

- explicit is the mean of two classifiers' votes. Of 1000 everyday photographs 4 lie above .5, 2 above .8, 1 above .9.
  From .95 on both votes are .9 or more, which none of the 1000 has: that is where a policy may act by itself.
- visually_disturbing: of 995 such photographs none lies above .37. How much is missed is not known for these two: no
  explicit and no gruesome picture was used.
- violence is weapons: from .35 on 1 in 1000 photographs without one is found and 5 of 7 with one, from .2 on 6 of 7.
- the other groups of things: from .35 on no photograph without them is found and every one of 1 to 6 with them.

The photographs of the groups are ones that the network was trained with: on others it finds less.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Curve = tuple[tuple[float, float], ...]  # (score 0..1, confidence 0..100), both rising

SAFETY: Final[Curve] = ((0.0, 0.0), (0.4, 40.0), (0.5, 60.0), (0.8, 80.0), (0.95, 95.0), (1.0, 100.0))
WEAPONS: Final[Curve] = ((0.0, 0.0), (0.2, 40.0), (0.35, 60.0), (0.6, 80.0), (0.9, 95.0), (1.0, 100.0))
THINGS: Final[Curve] = ((0.0, 0.0), (0.2, 50.0), (0.35, 70.0), (0.6, 90.0), (1.0, 100.0))

CURVES: Final[Mapping[str, Curve]] = {
    "explicit": SAFETY,
    "visually_disturbing": SAFETY,
    "violence": WEAPONS,
    "alcohol": THINGS,
    "swimwear_underwear": THINGS,
    "drugs_tobacco": THINGS,
    "gambling": THINGS,
}


def confidences(category: str, scores: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return confidences, 0..100 to one decimal, for scores, 0..1; raise KeyError for a category without a curve."""
    at, values = zip(*CURVES[category], strict=True)
    found: NDArray[np.float64] = np.round(np.interp(scores, at, values), 1)
    return found
