"""Policy files: a path in, the compiled policy and its engines out, or every error of all its parts in one go."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from streams.adapters.coherence import incoherent, labels_of
from streams.adapters.composites import AnyLabel, composed
from streams.adapters.draft import Draft
from streams.adapters.read_text import ReadText
from streams.adapters.shelf import Shelf
from streams.adapters.shipped_notices import shipped_notices
from streams.adapters.sources import OnDisk, Source
from streams.core.action import MASKING, RETURNED_FIRST
from streams.core.asking import ANY, Asking
from streams.core.composite import ENGINE as COMPOSITE
from streams.core.composite import Composites
from streams.core.duration import duration_ms
from streams.core.effects_config import compiled_effects
from streams.core.engine import Apart, Engine
from streams.core.label import LABELS
from streams.core.notices import combined
from streams.core.policy import NO_MARKS, Document, Marks, Policy, PolicyRef
from streams.core.rule import Rule
from streams.core.transcript import Reads

DEFAULT: Final = Path(__file__).parent.parent / "policies" / "default.yaml"

# Under this deadline jobs on stored videos are likely to be given up: each waits for its turn, watches the video, and
# its end is told by way of a topic and a queue.
JOB_MS: Final = 120_000


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
    apart: tuple[Apart, ...] = ()  # the engines for texts in roles of their own, in the order of the catalog
    pictures: tuple[Apart, ...] = ()  # the engines that have a service judge pictures, in the order of the catalog
    jobs: tuple[Apart, ...] = ()  # the engines that judge stored videos by jobs, in the order of the catalog

    @property
    def inline(self) -> tuple[Engine, ...]:
        """Return the engines that judge texts at once."""
        return tuple(engine for engine in self.engines if engine.accepts == "text")

    def own(self, name: str) -> Apart | None:
        """Return an engine with a role of its own, None where the policy does not name it."""
        return next((one for one in (*self.apart, *self.pictures, *self.jobs) if one.name == name), None)

    @property
    def looking(self) -> tuple[Engine, ...]:
        """Return the engines that need decoded media."""
        return tuple(engine for engine in self.engines if engine.accepts == "media")


def load(file: Path | None) -> Loaded:
    """Return the policy of a file, or the shipped default for None; raise PolicyErrors with all that is wrong."""
    return load_from(OnDisk(file or DEFAULT))


def load_from(source: Source, version: str | None = None, shelf: Shelf | None = None) -> Loaded:
    """Return the policy of a source; raise PolicyErrors with all that is wrong.

    `version` is the one it was published under: computed where nobody names it. Engines that some policy has already,
    with the same configuration and files, come from the shelf, and new ones go there.
    """
    draft = Draft(source, shelf or Shelf())
    document = draft.document()
    engines = draft.engines()
    apart, pictures, jobs = tuple(draft.apart()), tuple(draft.pictures()), tuple(draft.jobs())
    asking = draft.asking(engines, apart)
    ordered = tuple(sorted(engines, key=lambda engine: engine.accepts != "text"))  # stable: in the catalog's order
    every: tuple[Engine | Apart, ...] = (*ordered, *apart, *pictures, *jobs)
    errors, composites = list(draft.errors), None
    if document is not None:
        labels = AnyLabel() if draft.errors else labels_of(every)
        composites = composed(document.rules, labels, errors)
        errors += incoherent(document, every, labels, combined(shipped_notices(), document.notices))
    if errors or document is None:
        raise PolicyErrors(f"{source.name}: {error}" for error in errors)
    version = version or draft.version(document, every)
    policy = compiled(document, ordered, version, apart, asking, pictures=pictures, jobs=jobs, composites=composites)
    doubts = (*warnings(every), *unheard(ordered, asking), *hasty(policy))
    return Loaded(
        policy=policy,
        engines=ordered,
        warnings=tuple(f"{source.name}: {doubt}" for doubt in doubts),
        apart=apart,
        pictures=pictures,
        jobs=jobs,
    )


def compiled(
    document: Document,
    engines: tuple[Engine, ...],
    version: str,
    apart: tuple[Apart, ...] = (),
    asking: Mapping[str, Asking] | None = None,
    *,
    pictures: tuple[Apart, ...] = (),
    jobs: tuple[Apart, ...] = (),
    composites: Composites | None = None,
) -> Policy:
    """Return what the judge needs of a document and its engines."""
    otherwise = document.failure.get("default", "closed")
    every: tuple[Engine | Apart, ...] = (*engines, *apart, *pictures, *jobs)
    looking: tuple[Engine | Apart, ...] = (*engines, *pictures)
    own = [rule for engine in every for rule in engine.rules] + [composite.rule() for composite in document.rules]
    rules = {(rule.engine, rule.name): rule for rule in own} | handed(engines, pictures)
    ends = {document.failure_action, *(rule.action for rule in rules.values())}
    return Policy(
        ref=PolicyRef(document.id, version),
        kinds=frozenset(document.applies_to.kinds),
        rules=rules,
        text_engines=tuple(engine.name for engine in engines if engine.accepts == "text"),
        media_engines=tuple(engine.name for engine in looking if engine.accepts == "media"),
        exempt=tuple(exemption.compiled() for exemption in document.exempt),
        mode=document.mode,
        failure={
            name: document.failure.get(name, otherwise)
            for name in (*(engine.name for engine in every), *([COMPOSITE] if composites else []))
        },
        failure_action=document.failure_action,
        deadline_ms=duration_ms(document.deadline),
        apart_engines=tuple(engine.name for engine in apart),
        asking=dict(asking or {}),
        marks=_marks(engines, composites),
        composites=composites,
        picture_engines=tuple(engine.name for engine in pictures),
        video_engines=tuple(engine.name for engine in jobs),
        claim=document.applies_to.claim(),
        effects=compiled_effects(document.effects),
        notices=combined(shipped_notices(), document.notices),
        standing=None if document.standing is None else document.standing.rules(),
        via_standing=document.standing is not None or not RETURNED_FIRST.isdisjoint(ends),
    )


def handed(engines: tuple[Engine, ...], pictures: tuple[Apart, ...] = ()) -> dict[tuple[str, str], Rule]:
    """Have the text engines judge what media engines read; return their rules as those name them (read_text.py)."""
    judge = ReadText(engines)
    every: tuple[Engine | Apart, ...] = (*engines, *pictures)
    reading = [engine for engine in every if isinstance(engine, Reads)]
    for engine in reading:
        engine.hand_to(judge)
    return {(engine.name, name): rule for engine in reading for name, rule in judge.rules.items()}


def _marks(engines: Iterable[Engine], composites: Composites | None) -> Marks:
    """Return what the engine, or the condition, that wants most of a conversation's marks wants."""
    wanting = [*engines, *([composites.conditions] if composites else [])]
    most = max((getattr(each, "marks", 0) for each in wanting), default=0)
    horizon = max((getattr(each, "horizon_ms", 0) for each in wanting), default=0)
    return Marks(most, horizon) if most > 0 else NO_MARKS


def warnings(engines: Iterable[Engine | Apart]) -> Iterator[str]:
    """Yield what is allowed and yet looks wrong."""
    for engine in engines:
        for rule in engine.rules:
            yield from (f"engines.{engine.name}: {rule.name}: {warning}" for warning in _doubts(engine, rule))


def unheard(engines: Iterable[Engine], asking: Mapping[str, Asking]) -> Iterator[str]:
    """Yield the labels of `ask_when` that no inline engine can find: such a ground never holds."""
    labels = frozenset().union(*(engine.labels for engine in engines if engine.accepts == "text"))
    for name, condition in asking.items():
        waited = {
            "scores": {label for label, _, _ in condition.scores} - {ANY},
            "labels": condition.labels,
            "unless": condition.unless,
        }
        for key, named in waited.items():
            for label in sorted(named - labels):
                yield f"engines.{name}.ask_when.{key}: {label}: no inline engine of this policy finds it"


def hasty(policy: Policy) -> Iterator[str]:
    """Yield the engines whose jobs take longer than the policy gives a case."""
    if policy.deadline_ms < JOB_MS:
        for name in policy.video_engines:
            yield (
                f"deadline: {policy.deadline_ms / 1000:g} s is little for engines.{name}: "
                f"a job takes minutes, write {JOB_MS // 60_000}m or more"
            )


def _doubts(engine: Engine | Apart, rule: Rule) -> Iterator[str]:
    if rule.label not in LABELS:
        yield f"label: {rule.label} is none of the built-in labels: right for a label of your own, else a slip"
    if rule.action in MASKING and engine.accepts == "media":
        yield f"action: {rule.action} hides spans of a text: a picture is shown as it is"
