"""What the parts of a policy say together: a document and the rules of its engines in, errors out.

None of these shows in a part by itself; all are told in the form of the others.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from streams.core.action import Action
from streams.core.composite import ENGINE
from streams.core.engine import Apart, Engine
from streams.core.label import LABELS
from streams.core.notices import DEFAULT, Notices, speechless
from streams.core.policy import Document
from streams.core.rule import Rule

# A rule with one of these actions takes content away from others: its reason is for the author and the moderators.
NEEDS_WHY: Final[frozenset[Action]] = frozenset({"block", "shadow_block", "bounce_block"})


def labels_of(engines: Iterable[Engine | Apart]) -> frozenset[str]:
    """Return the labels that conditions and exemptions may name: the built-in ones, and those of the engines."""
    return LABELS.union(*(engine.labels for engine in engines))


def incoherent(
    document: Document, engines: Iterable[Engine | Apart], labels: AbstractSet[str], notices: Notices
) -> Iterator[str]:
    """Yield what is wrong; `notices` are the shipped ones with those of the document over them."""
    if document.mode == "enforce":
        yield from unexplained(document, engines)
    own = {rule.label for rule in document.rules if rule.label is not None}
    for index, exemption in enumerate(document.exempt):
        for key, named in (("labels", exemption.labels or []), ("except_labels", exemption.except_labels)):
            yield from (
                f"exempt[{index}]: {key}: {label}: unknown label: one of {', '.join(sorted(labels | own))}"
                for label in named
                if label not in labels and label not in own
            )
    for key, label in document.standing.named() if document.standing is not None else ():
        if label not in labels and label not in own:
            yield f"standing.{key}: {label}: unknown label: one of {', '.join(sorted(labels | own))}"
    for locale in speechless(notices):
        yield f"notices.{locale}: {DEFAULT}: is missing: say what authors are told where no label has a sentence"


def unexplained(document: Document, engines: Iterable[Engine | Apart]) -> Iterator[str]:
    """Yield the enforced rules that take content away and do not say for what reason."""
    for engine in engines:
        yield from (f"engines.{engine.name}: {rule.name}: {_missing(rule)}" for rule in engine.rules if _bare(rule))
    for index, composite in enumerate(document.rules):
        rule = composite.rule()
        if _bare(rule):
            yield f"{ENGINE}[{index}] {rule.name}: {_missing(rule)}"


def _bare(rule: Rule) -> bool:
    return rule.mode == "enforce" and rule.action in NEEDS_WHY and not rule.why


def _missing(rule: Rule) -> str:
    return f"why: is missing: {rule.action} takes content away, say for what reason"
