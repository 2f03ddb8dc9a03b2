"""Solicitation: texts and their context in, what leads away from the platform or defrauds out.

Its rules are the families of `streams.solicitation`. A score says how much of a label's clearest attempt a text holds,
0..1: it is no probability. A rule is triggered from 0.5 on; what lies below is a weak sign and goes into the scores.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from streams.core.engine import Accepts, Config, Example, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.label import Severity
from streams.core.normal import patterns
from streams.core.rule import Mode, PolicyAction, Rule, Shorthand
from streams.core.span import capped
from streams.core.window import EMPTY, Said, added, fingerprint
from streams.solicitation.clause import Family
from streams.solicitation.lexicon import families
from streams.solicitation.reading import THRESHOLD, Hit, reader
from streams.solicitation.signal import raised

MOST_SPANS: Final = 50  # in the evidence of one finding
BY_NAME: Final[Mapping[str, Family]] = {family.name: family for family in families()}


class RuleChange(Shorthand, BaseModel):
    """What a policy says of one rule in place of its defaults; an action alone stands for `{action: …}`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    action: PolicyAction | None = None
    severity: Severity | None = None  # fixed; without it, that of the rule, raised by the signals of the text
    mode: Mode = "enforce"
    escalate: bool = False
    why: str | None = Field(default=None, max_length=500)
    enabled: bool = True

    @model_validator(mode="before")
    @classmethod
    def _action_alone(cls, value: Any) -> Any:
        return {"action": value} if isinstance(value, str) else value


class SolicitationConfig(Config):
    """What a policy may say: rule name -> what is different; all rules are on by default."""

    rules: dict[str, RuleChange] = Field(default={})

    @field_validator("rules")
    @classmethod
    def _known(cls, rules: dict[str, RuleChange]) -> dict[str, RuleChange]:
        unknown = sorted(rules.keys() - BY_NAME.keys())
        if unknown:
            raise ValueError(f"unknown rule {', '.join(unknown)}: one of {', '.join(BY_NAME)}")
        if sum(not change.enabled for change in rules.values()) == len(BY_NAME):
            raise ValueError("no rule is enabled: leave the engine out")
        return rules


class Solicitation:
    """Finds contact and payment past the platform, and scam, by what is asked, promised and threatened together."""

    name: ClassVar[str] = "solicitation"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[SolicitationConfig]] = SolicitationConfig

    def __init__(self, config: SolicitationConfig) -> None:
        changes = {name: config.rules.get(name, RuleChange()) for name in BY_NAME}
        self._rules = {name: _rule(BY_NAME[name], change) for name, change in changes.items() if change.enabled}
        self._fixed = {name for name, change in changes.items() if change.severity is not None}
        self.rules: tuple[Rule, ...] = tuple(self._rules.values())
        self.labels = frozenset(rule.label for rule in self.rules)
        self._reader = reader(frozenset(self._rules))
        patterns()  # compiled now, not while the first message with an accent waits

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per rule that it triggers, and a score for each label it comes near."""
        read = self._reader.read
        return [self._answer(hits) if (hits := read(subject)) else NOTHING_FOUND for subject in batch]

    def _answer(self, hits: Sequence[Hit]) -> Answer:
        findings = []
        scores: dict[str, float] = {}
        for hit in hits:
            rule = self._rules[hit.family]
            points = round(hit.points, 3)
            scores[rule.label] = max(points, scores.get(rule.label, 0.0))
            if points >= THRESHOLD and rule.severity is not None:
                severity = rule.severity if hit.family in self._fixed else raised(rule.severity, hit.signals)
                spans = capped((span for span in hit.spans if span[0] < span[1]), MOST_SPANS)
                evidence = tuple(Evidence(span=span) for span in spans)
                findings.append(Finding(rule.label, rule.name, severity, threshold=THRESHOLD, evidence=evidence))
        return Answer(findings=tuple(findings), scores=scores)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return texts that lead away or defraud, ones that only speak of it, and an answer that needs its context."""
        bypass, scam = frozenset({"platform_bypass"}), frozenset({"scam"})
        offered = added(EMPTY, "m1", Said("u1", "add me", 0), fingerprint("m1"), 10, 0)
        return (
            Example({}, Text("w h a t s a p p me instead"), bypass),
            Example({}, Text("How do I report a user asking me to pay outside the platform?"), frozenset()),
            Example({}, Text("my mail is john (at) example dot com"), bypass),
            Example({}, Text("on tele, same name", before=offered, user_id="u1"), bypass),
            Example({}, Text("on tele, same name"), frozenset()),
            Example({}, Text("Claim your free prize here, just enter your credit card"), scam),
            Example({"rules": {"prize": {"enabled": False}}}, Text("Claim your free prize here"), frozenset()),
        )


def _rule(family: Family, change: RuleChange) -> Rule:
    return Rule(
        engine=Solicitation.name,
        name=family.name,
        label=family.label,
        action=change.action or family.action,
        severity=change.severity or family.severity,
        mode=change.mode,
        escalate=change.escalate,
        why=change.why or family.why,
        threshold=THRESHOLD,
    )
