"""Severity: a label that was found and the signals of its text in, how harmful it is out.

The one place where that is defined. `low` is playful or mild, `medium` clear and aimed at somebody, `high` an explicit
threat or a strong attempt at a scam, `critical` danger to somebody now: a child, a crowd, the author's own life. A
probability says how sure a detector is. It lifts a severity by one step at most and never to `critical`: only what
the text says does that.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from streams.core.label import SEVERITIES, SEVERITY_RANK, Severity
from streams.signals.signal import Signals

Shown = Callable[[Signals], bool]
Found = tuple[str, Severity]  # a label and how harmful it is


class Step(NamedTuple):
    """A severity that a text reaches when its signals say so."""

    severity: Severity
    shown: Shown


class Scale(NamedTuple):
    """How harmful what carries a label is: `start` as soon as it is found, and what leads higher or keeps it low."""

    start: Severity
    steps: tuple[Step, ...] = ()
    # Share of the way from the threshold to 1 from which a detector's certainty counts one step; above 1: never.
    sure: float = 0.8
    most: Severity = "high"  # that certainty alone can reach
    # Play, or somebody else's words, keep it here.
    eased: Severity | None = None


def _aimed_violence(found: Signals) -> bool:
    return found.threat or found.wish or found.urging


def _in_earnest(found: Signals) -> bool:
    return not found.playful and not found.reported


def _plain_intent(found: Signals) -> bool:
    """Say whether the author's own life is in danger now: no laugh, no quotation, not of the past."""
    return found.intent and _in_earnest(found) and (found.urgency or not found.recovery)


def _child_at_risk(found: Signals) -> bool:
    return found.child and not found.reported


def _sexual_minor(found: Signals) -> bool:
    return found.child or (found.minor and (found.explicit or found.advance))


def _attack(found: Signals) -> bool:
    return found.attack and not found.reported


def _put_down(found: Signals) -> bool:
    return found.ridicule or found.insult_strong


def _demanded(found: Signals) -> bool:
    return found.credentials and (found.lure or found.pressure or found.link)


KINDS: Final = 4_096  # different sets of signals that are remembered: most texts show one of few

_HIGH_VIOLENCE: Final = Step("high", _aimed_violence)
_MEDIUM_PUT_DOWN: Final = Step("medium", _put_down)
_INSULTING: Final = Scale(
    "low",
    (
        _HIGH_VIOLENCE,
        Step("medium", lambda found: _put_down(found) or found.menace or (found.directed and found.coarse)),
    ),
    most="medium",
    eased="low",
)

# Steps from the strongest to the weakest; the first that is shown counts.
SCALES: Final[Mapping[str, Scale]] = {
    # deceit: what is asked for makes it strong
    "scam": Scale(
        "medium",
        (
            Step(
                "high",
                lambda found: found.credentials or (found.lure and (found.money or found.link or found.pressure)),
            ),
        ),
        most="medium",
    ),
    "spam": Scale(
        "low",
        (Step("high", _demanded), Step("medium", lambda found: found.lure and (found.link or found.money))),
        sure=2,
    ),
    # sex: whom it is aimed at, how explicit it is, and whether a child is meant
    "sexual_harassment": Scale(
        "low",
        (
            Step("critical", _sexual_minor),
            _HIGH_VIOLENCE,
            Step("high", lambda found: found.explicit and found.advance and found.coarse),
            Step("medium", lambda found: found.explicit or found.coarse or found.insult_strong),
        ),
        most="medium",
        eased="low",
    ),
    "sexual": Scale(
        "low",
        (
            Step("critical", _sexual_minor),
            Step("high", lambda found: found.threat),
            Step("medium", lambda found: found.explicit),
        ),
        most="medium",
    ),
    "child_safety": Scale("high", (Step("critical", _sexual_minor),)),
    # hate: contempt for a group is never playful
    "hate_speech": Scale(
        "medium",
        (Step("critical", _attack), _HIGH_VIOLENCE, Step("high", lambda found: found.kills or found.attack)),
        eased="medium",
    ),
    "hate_threatening": Scale("high", (Step("critical", _attack),), eased="medium"),
    # insults: whether they are aimed, whether they are meant
    "harassment": _INSULTING,
    "toxicity": _INSULTING,
    "abuse": _INSULTING,
    "profanity": Scale(
        "low", (Step("medium", lambda found: found.directed and _put_down(found)),), sure=2, eased="low"
    ),
    # violence: who is to be harmed
    "violence": Scale(
        "low",
        (
            Step("critical", _attack),
            _HIGH_VIOLENCE,
            Step("high", lambda found: found.attack or (found.menace and found.real)),
            Step("medium", lambda found: found.menace or found.kills),
        ),
        most="medium",
        eased="medium",
    ),
    "violence_graphic": Scale("medium", (_HIGH_VIOLENCE,), eased="medium"),
    "terrorism": Scale("high", (Step("critical", _attack),), eased="medium"),
    # self-harm: whose life, and when
    "self_harm": Scale(
        "medium",
        (
            Step("critical", _plain_intent),
            Step("high", lambda found: found.urging or (found.intent and found.urgency)),
            Step("high", lambda found: found.despair and found.urgency and not found.recovery),
        ),
        sure=2,
    ),
    # goods that are offered
    "drugs": Scale("low", (Step("medium", lambda found: found.link or found.money),), most="medium"),
    "gambling": Scale("low", (Step("medium", lambda found: found.link or found.lure),), most="medium"),
}
# Labels of a policy's own.
OTHER: Final = Scale("low", (_HIGH_VIOLENCE, _MEDIUM_PUT_DOWN))


def graded(label: str, probability: float, threshold: float, found: Signals) -> Severity:
    """Return how harmful a text is that was found to carry a label, `probability` >= `threshold`, both 0..1."""
    scale = SCALES.get(label, OTHER)
    severity = next((step.severity for step in scale.steps if step.shown(found)), scale.start)
    if severity == "critical":
        return severity
    if scale.eased is not None and not _in_earnest(found):
        return _weaker(severity, scale.eased)
    if probability >= threshold + scale.sure * (1 - threshold) and severity == scale.start:
        return _weaker(_next(severity), scale.most)
    return severity


def _weaker(one: Severity, other: Severity) -> Severity:
    return min(one, other, key=SEVERITY_RANK.__getitem__)


def _next(severity: Severity) -> Severity:
    return SEVERITIES[min(SEVERITY_RANK[severity] + 1, SEVERITY_RANK["high"])]


class Clear(NamedTuple):
    """What the signals alone justify: a label and a severity, whatever a detector says."""

    label: str
    severity: Severity
    shown: Shown


CLEAR: Final = (
    Clear("child_safety", "critical", _child_at_risk),
    Clear("child_safety", "high", lambda found: found.child),
    Clear("terrorism", "critical", _attack),
    Clear("terrorism", "high", lambda found: found.attack),
    Clear("self_harm", "critical", _plain_intent),
    Clear("self_harm", "high", lambda found: found.intent and found.urgency),
    Clear("self_harm", "high", lambda found: found.urging and not found.reported),
    Clear(
        "self_harm", "high", lambda found: found.despair and found.urgency and _in_earnest(found) and not found.recovery
    ),
    Clear(
        "self_harm",
        "medium",
        lambda found: found.intent or (found.despair and not found.reported and not found.recovery),
    ),
    Clear("violence", "high", lambda found: found.threat and (_in_earnest(found) or found.real)),
    Clear("violence", "medium", lambda found: found.threat or found.wish),
    Clear("violence", "medium", lambda found: (found.menace or found.kills) and _in_earnest(found)),
    Clear("harassment", "high", lambda found: (found.wish or found.urging) and _in_earnest(found)),
    Clear("harassment", "medium", lambda found: _put_down(found) and _in_earnest(found)),
    Clear("harassment", "low", lambda found: found.insult_mild or _put_down(found)),
    Clear("sexual_harassment", "medium", lambda found: found.advance and found.explicit and _in_earnest(found)),
    Clear("scam", "high", lambda found: _demanded(found) and not found.reported),
)


@lru_cache(KINDS)
def by_signals(found: Signals) -> tuple[Found, ...]:
    """Return the labels that a text carries by its signals alone, each with the strongest severity."""
    return tuple(dict(_rising(found)).items())


def _rising(found: Signals) -> Iterator[Found]:
    """Yield labels with severities, the strongest of a label last."""
    for clear in reversed(CLEAR):
        if clear.shown(found):
            yield clear.label, clear.severity
