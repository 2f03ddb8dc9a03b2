"""Groups of ImageNet classes: a probability for each of a thousand things in, one for each category out.

The classes are in the alphabetical order of their WordNet ids, which stand beside their places. A group's score is the
sum over its classes, and that the larger of the two views.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

GROUPS: Final[Mapping[str, Mapping[str, int]]] = {
    "alcohol": {
        "n02823428": 440,  # beer bottle
        "n02823750": 441,  # beer glass
        "n03062245": 503,  # cocktail shaker
        "n03443371": 572,  # goblet
        "n04591713": 907,  # wine bottle
        "n07892512": 966,  # red wine
    },
    "violence": {
        "n02749479": 413,  # assault rifle
        "n02950826": 471,  # cannon
        "n03041632": 499,  # cleaver
        "n03527444": 597,  # holster
        "n03773504": 657,  # missile
        "n04086273": 763,  # revolver
        "n04090263": 764,  # rifle
    },
    "swimwear_underwear": {
        "n02837789": 445,  # bikini
        "n02892767": 459,  # brassiere
        "n03710637": 638,  # maillot
        "n03710721": 639,  # maillot, tank suit
        "n04371430": 842,  # swimming trunks
    },
    "drugs_tobacco": {
        "n03937543": 720,  # pill bottle
        "n04376876": 845,  # syringe
    },
    "gambling": {
        "n04243546": 800,  # slot machine
    },
}


def grouped(probabilities: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return for each group float32 [n], 0..1, from float32 [n, views, 1000]."""
    return {
        group: probabilities[..., list(classes.values())].sum(axis=-1).max(axis=-1).clip(0, 1)
        for group, classes in GROUPS.items()
    }
