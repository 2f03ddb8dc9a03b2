"""How a verdict ends, given the standing of its author: softened, bounced, or held against the content it replaces.

- A **first violation** of a user without any history, and violations of **trusted** authors, come to something milder
  where the policy says so; never where a rule found something critical, or an engine's answer is missing.
- **Bounce**: `bounce` is returned for revision however often it comes. `bounce_flag` and `bounce_block` are returned
  the first time, as `bounce`; what replaces a bounced content and still violates ends as `flag` or `block`. A text
  replaces the content that it names in `resubmits`, else the author's text before it, if either was bounced.
- Content of a **restricted** user has the action of the restriction already; what else was found in it counts as ever.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from streams.core.action import MASKING, STRENGTH, Action, strongest
from streams.core.decision import Consequence, Decision, Triggered
from streams.core.restriction import ENGINE as STANDING
from streams.core.standing_rules import Softening, StandingRules
from streams.core.standing_state import StandingState
from streams.core.verdict import Verdict

# What bounces the first time -> how it ends when it comes again and still violates.
AGAIN: Final[dict[Action, Action]] = {"bounce": "bounce", "bounce_flag": "flag", "bounce_block": "block"}


class Ending(msgspec.Struct, frozen=True, gc=False):
    """How a verdict ends."""

    action: Action
    masked_text: str | None = None
    label: str | None = None  # of the violation; None where it is none: nothing but a restriction, or a failed engine
    striking: tuple[str, ...] = ()  # labels of lines that count as strikes
    resubmission_of: str | None = None
    reasons: tuple[str, ...] = ()  # what the standing changed
    consequences: tuple[Consequence, ...] = ()


def ended(state: StandingState, verdict: Verdict, rules: StandingRules) -> Ending:
    """Return how a verdict ends; `state` is the author's, pruned, before this content."""
    decision = verdict.decision
    own = [line for line in decision.triggered if line.engine != STANDING and _acts(line, decision)]
    limited = any(line.engine == STANDING for line in decision.triggered)
    replaced = _replaced(state, verdict)
    trusted = _trust(state, verdict, rules)
    lenient = _leniency(state, decision, own, rules)
    action, reasons = decision.action, []
    if own and not limited and not decision.partial:
        for softening, why in ((trusted, "a trusted author"), (lenient, "a first violation")):
            milder = _shown(_softened(action, own, softening), decision, own)
            if STRENGTH[milder] < STRENGTH[action]:
                reasons.append(f"softened to {milder}: {why}")
                action = milder
    spared = lenient is not None and any(reason.endswith("first violation") for reason in reasons)
    consequences = [Consequence("lenient", why="first_violation")] if spared else []
    if action in AGAIN:
        ends = _shown(AGAIN[action], decision, own) if replaced is not None else "bounce"
        reasons.append("returned to be revised" if ends == "bounce" else "sent again, and still not in order")
        action = ends
    if replaced is not None:
        consequences.append(Consequence("resubmission"))
    return Ending(
        action=action,
        masked_text=decision.masked_text if action in MASKING else None,
        label=own[0].label if own else None,
        striking=() if spared else _striking(own, trusted, rules, again=replaced is not None),
        resubmission_of=replaced,
        reasons=tuple(reasons),
        consequences=tuple(consequences),
    )


def _acts(line: Triggered, decision: Decision) -> bool:
    """Say whether a line leads to something: one that is stronger than its decision was lifted by an exemption."""
    return 0 < STRENGTH[line.action] <= STRENGTH[decision.action]


def _replaced(state: StandingState, verdict: Verdict) -> str | None:
    """Return the bounced content that this one replaces, None where it replaces none."""
    bounced = {one.content_id for one in state.bounced} - {verdict.decision.content_id}
    return next((named for named in (verdict.resubmits, verdict.previous) if named in bounced), None)


def _trust(state: StandingState, verdict: Verdict, rules: StandingRules) -> Softening | None:
    trusted = verdict.trusted if state.trusted is None else state.trusted
    return rules.trusted if trusted else None


def _leniency(
    state: StandingState, decision: Decision, own: Sequence[Triggered], rules: StandingRules
) -> Softening | None:
    """Return the leniency for a first violation, None where there is a history, or a label that is never spared."""
    known = state.violations or state.strikes or state.ordered or state.rungs
    if rules.leniency is None or known or decision.severity == "critical":
        return None
    return rules.leniency if all(rules.leniency.covers(line.label) for line in own) else None


def _softened(action: Action, own: Sequence[Triggered], softening: Softening | None) -> Action:
    """Return what an action comes to when lines that a softening covers end milder."""
    if softening is None:
        return action
    ends = strongest(
        min(line.action, softening.action, key=STRENGTH.__getitem__) if _spares(softening, line) else line.action
        for line in own
    )
    return min(action, ends, key=STRENGTH.__getitem__)


def _spares(softening: Softening, line: Triggered) -> bool:
    return line.severity != "critical" and softening.covers(line.label)


def _shown(action: Action, decision: Decision, own: Sequence[Triggered]) -> Action:
    """Return an action that hides what lines of the decision mask, where it would show the whole text.

    A decision that masks nothing itself has the masked text only if its policy has its verdicts pass by here; without
    it the decision stays as it was.
    """
    if STRENGTH[action] > STRENGTH["mask_flag"] or not any(line.action in MASKING for line in own):
        return action
    if decision.masked_text is None:
        return "bounce" if decision.action in AGAIN else decision.action
    return "mask_flag"


def _striking(
    own: Sequence[Triggered], trusted: Softening | None, rules: StandingRules, *, again: bool
) -> tuple[str, ...]:
    """Return the labels of the lines that end in an action that counts, each once."""
    labels = []
    for line in own:
        end = AGAIN.get(line.action, line.action) if again else "bounce" if line.action in AGAIN else line.action
        if end in rules.counted and not (trusted is not None and _spares(trusted, line)):
            labels.append(line.label)
    return tuple(dict.fromkeys(labels))
