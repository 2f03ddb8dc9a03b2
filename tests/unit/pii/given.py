"""What the tests of recognisers share: what was found, as it stands in the text."""

from streams.pii.detector import ORDER, Detector
from streams.pii.found import Recogniser
from streams.pii.regions import REGIONS

DETECTOR = Detector(ORDER, REGIONS)


def pieces(recogniser: Recogniser, text: str) -> list[str]:
    """Return what one recogniser finds in a text."""
    return [text[found.start : found.end] for found in recogniser.find(text)]


def entities(recogniser: Recogniser, text: str) -> list[str]:
    """Return what kinds of value one recogniser finds in a text."""
    return [found.entity for found in recogniser.find(text)]


def claimed(text: str, detector: Detector = DETECTOR) -> list[tuple[str, str]]:
    """Return type and wording of all that the whole detector finds in a text."""
    return [(claim.type, text[slice(*claim.span)]) for claim in detector.find(text)[1]]
