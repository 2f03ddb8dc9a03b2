"""Policy files: a path in, the compiled policy and its engines out, or every error of all its parts in one go."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from streams.adapters.draft import Draft
from streams.core.action import MASKING
from streams.core.engine import Engine
from streams.core.label import LABELS
from streams.core.policy import Document, Policy, PolicyRef, Rule, duration_ms

DEFAULT: Final = Path(__file__).parent.parent / "policies" / "default.yaml"

# A rule with one of these actions takes content away from others: its reason is for the author and the moderators.
NEEDS_WHY: Final = frozenset({"block", "shadow_block", "bounce_block"})


class PolicyErrors(Exception):
    """All that is wrong with a policy: lines of `file: rule or path: key: what is wrong and what would be right`."""

    exit_code: ClassVar[int] = 78  # EX_CONFIG

    def __init__(self, errors: Iterable[str]) -> None:
        self.errors: tuple[str, ...] = tuple(errors)
        super().__init__("\n".join(self.errors))


@dataclass(frozen=True)
class Loaded:
    """A policy that holds, and its engines in the order of the catalog, those for texts before those for media."""

    policy: Policy
    engines: tuple[Engine, ...]
    warnings: tuple[str, ...] = ()  # in the form of the errors


def load(file: Path | None) -> Loaded:
    """Return the policy of a file, or the shipped default for None; raise PolicyErrors with all that is wrong."""
    file = file or DEFAULT
    draft = Draft(file)
    document = draft.document()
    engines = draft.engines()
    if draft.errors or document is None:
        raise PolicyErrors(f"{file.name}: {error}" for error in draft.errors)
    ordered = tuple(sorted(engines, key=lambda engine: engine.accepts != "text"))  # stable: in the catalog's order
    return Loaded(
        policy=compiled(document, ordered, draft.version(document, ordered)),
        engines=ordered,
        warnings=tuple(f"{file.name}: {warning}" for warning in warnings(ordered)),
    )


def compiled(document: Document, engines: tuple[Engine, ...], version: str) -> Policy:
    """Return what the judge needs of a document and its engines."""
    otherwise = document.failure.get("default", "closed")
    return Policy(
        ref=PolicyRef(document.id, version),
        kinds=frozenset(document.applies_to.kinds),
        rules={(engine.name, rule.name): rule for engine in engines for rule in engine.rules},
        text_engines=tuple(engine.name for engine in engines if engine.accepts == "text"),
        media_engines=tuple(engine.name for engine in engines if engine.accepts == "media"),
        exempt_roles=frozenset(exemption.role for exemption in document.exempt),
        failure={engine.name: document.failure.get(engine.name, otherwise) for engine in engines},
        failure_action=document.failure_action,
        deadline_ms=duration_ms(document.deadline),
    )


def warnings(engines: Iterable[Engine]) -> Iterator[str]:
    """Yield what is allowed and yet looks wrong."""
    for engine in engines:
        for rule in engine.rules:
            yield from (f"engines.{engine.name}: {rule.name}: {warning}" for warning in _doubts(engine, rule))


def _doubts(engine: Engine, rule: Rule) -> Iterator[str]:
    if rule.label not in LABELS:
        yield f"label: {rule.label} is none of the built-in labels: right for a label of your own, else a slip"
    if rule.action in NEEDS_WHY and not rule.why:
        yield f"why: is missing: {rule.action} takes content away, say for what reason"
    if rule.action in MASKING and engine.accepts == "media":
        yield f"action: {rule.action} hides spans of a text: a picture is shown as it is"
