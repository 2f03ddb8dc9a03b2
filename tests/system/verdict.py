"""The checker's judgement: a way to read topics in, a verdict out. Pure: no broker, no clock, nothing of the stream."""

from tests.system import published, state
from tests.system.anomaly import Verdict
from tests.system.asked import Asked
from tests.system.cases import Cases
from tests.system.decided import Decided
from tests.system.rulings import Rulings
from tests.system.topic import Read


def judged(read: Read, prefix: str = "") -> Verdict:
    """Return what is wrong with a log; each topic is read once, its dead letters before it.

    `prefix` stands in front of the topics that dead letters name. Producers must be quiet and everything drained:
    what is still on its way counts as lost.
    """
    verdict = Verdict()
    asked = Asked(read, prefix, verdict)
    cases = Cases(asked, read, prefix, verdict)
    Decided(asked, cases, Rulings(read, prefix, verdict), read, verdict)
    published.check(read, frozenset(cases.digests), verdict)
    state.check(read, verdict)
    verdict.counts["contents"] = len(asked)
    return verdict
