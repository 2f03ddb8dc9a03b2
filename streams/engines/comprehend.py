"""Amazon Comprehend: a text in, toxicity and personal data with confidences out; severities are the policy's word.

Pure: what is wanted, and what results mean. The role `comprehend` asks (`adapters/asking.py`). It knows English, for
personal data Spanish too, and nothing of the context: each piece of a text is scored alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple, get_args

from pydantic import Field, GetJsonSchemaHandler, model_validator

from streams.core.asking import AskWhen
from streams.core.calling import Address, Calling, is_open
from streams.core.engine import Accepts, Refused
from streams.core.finding import Answer, Evidence, Finding
from streams.core.rule import Rule, RuleConfig
from streams.core.span import Span, capped

Toxic = Literal["GRAPHIC", "HARASSMENT_OR_ABUSE", "HATE_SPEECH", "INSULT", "PROFANITY", "SEXUAL", "VIOLENCE_OR_THREAT"]
TOXIC: Final[tuple[Toxic, ...]] = get_args(Toxic)
Pii = Literal[
    "ALL",  # every one of them
    "ADDRESS",
    "AGE",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "BANK_ACCOUNT_NUMBER",
    "BANK_ROUTING",
    "CA_HEALTH_NUMBER",
    "CA_SOCIAL_INSURANCE_NUMBER",
    "CREDIT_DEBIT_CVV",
    "CREDIT_DEBIT_EXPIRY",
    "CREDIT_DEBIT_NUMBER",
    "DATE_TIME",
    "DRIVER_ID",
    "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER",
    "IN_AADHAAR",
    "IN_NREGA",
    "IN_PERMANENT_ACCOUNT_NUMBER",
    "IN_VOTER_NUMBER",
    "IP_ADDRESS",
    "LICENSE_PLATE",
    "MAC_ADDRESS",
    "NAME",
    "PASSPORT_NUMBER",
    "PASSWORD",
    "PHONE",
    "PIN",
    "SSN",
    "SWIFT_CODE",
    "UK_NATIONAL_HEALTH_SERVICE_NUMBER",
    "UK_NATIONAL_INSURANCE_NUMBER",
    "UK_UNIQUE_TAXPAYER_REFERENCE_NUMBER",
    "URL",
    "USERNAME",
    "US_INDIVIDUAL_TAX_IDENTIFICATION_NUMBER",
    "VEHICLE_IDENTIFICATION_NUMBER",
]
# GRAPHIC has no fixed label: the policy chooses.
LABELS_OF: Final[Mapping[str, str]] = {
    "HARASSMENT_OR_ABUSE": "harassment",
    "HATE_SPEECH": "hate_speech",
    "INSULT": "harassment",
    "PROFANITY": "profanity",
    "SEXUAL": "sexual_harassment",
    "VIOLENCE_OR_THREAT": "violence",
}
MOST_SPANS: Final = 50  # in the evidence of one finding
LANGUAGES: Final = frozenset({"en"})
PII_LANGUAGES: Final = frozenset({"en", "es"})

Threshold = Annotated[float, Field(ge=0, le=100)]


class ToxicConfig(RuleConfig):
    """One kind of toxicity that Comprehend scores, and what it leads to."""

    detects: Toxic
    threshold: Threshold = 70.0  # confidence from which it counts

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the schema of a rule whose label may be left out."""
        schema = handler.resolve_ref_schema(handler(core))
        return {**schema, "required": [key for key in schema["required"] if key != "label"]}

    @model_validator(mode="before")
    @classmethod
    def _labelled(cls, value: Any) -> Any:
        """Give what has a label of its own that label."""
        detects = value.get("detects") if isinstance(value, dict) else None
        if isinstance(detects, str) and "label" not in value and detects in LABELS_OF:
            return {**value, "label": LABELS_OF[detects]}
        return value


class PiiConfig(RuleConfig):
    """Kinds of personal data that lead to the same."""

    label: Literal["pii"] = "pii"
    types: list[Pii] = Field(min_length=1)
    threshold: Threshold = 70.0


def _toxic() -> list[ToxicConfig]:
    """Return a rule for each kind with a label of its own."""
    return [
        ToxicConfig(
            name=kind.lower(),
            detects=kind,
            label=LABELS_OF[kind],
            severity="high" if kind == "VIOLENCE_OR_THREAT" else None,
        )
        for kind in TOXIC
        if kind in LABELS_OF
    ]


class ComprehendConfig(Calling):
    """What is looked for, where, and from which confidence on; an empty list is not asked for, and not paid for."""

    region: str = Field(pattern=r"^[a-z0-9-]+$", max_length=64)
    endpoint: Address | None = None  # instead of the region's own
    allow_http: bool = False  # texts travel in the clear to an endpoint that is not on this machine
    toxic: list[ToxicConfig] = Field(default_factory=_toxic)
    pii: list[PiiConfig] = Field(default=[])
    ask_when: AskWhen | None = None


class Entity(NamedTuple):
    """Personal data that Comprehend found."""

    kind: str
    score: float  # 0..1
    span: Span  # in characters


class Comprehend:
    """Asks Comprehend for toxicity and personal data."""

    name: ClassVar[str] = "comprehend"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    apart: ClassVar[bool] = True
    Config: ClassVar[type[ComprehendConfig]] = ComprehendConfig

    def __init__(self, config: ComprehendConfig) -> None:
        if errors := list(_wrong(config)):
            raise Refused(errors)
        self.config = config
        self.rules: tuple[Rule, ...] = (
            *(one.rule(self.name, one.threshold) for one in config.toxic),
            *(one.rule(self.name, one.threshold) for one in config.pii),
        )
        self.labels: frozenset[str] = frozenset(rule.label for rule in self.rules)

    def toxicity_in(self, language: str | None) -> str | None:
        """Return the language in which toxicity is asked for; None where it is not, or not in that language."""
        return _served(language, LANGUAGES) if self.config.toxic else None

    def pii_in(self, language: str | None) -> str | None:
        """Return the language in which personal data is asked for; None as above."""
        return _served(language, PII_LANGUAGES) if self.config.pii else None

    def answer(self, toxicity: Mapping[str, float] | None, entities: Sequence[Entity] | None) -> Answer:
        """Return what was found, `not_evaluated` with reason `language` where one of the two could not be asked.

        Takes the highest score of each kind, 0..1, and the personal data; None for what was not asked.
        """
        findings: list[Finding] = []
        scores: dict[str, float] = {}
        if toxicity is not None:
            for one in self.config.toxic:
                score = toxicity.get(one.detects, 0.0)
                scores[one.label] = max(score, scores.get(one.label, 0.0))
                if score >= one.threshold / 100:
                    findings.append(_finding(one, one.threshold, score, ()))
        if entities is not None:
            for rule in self.config.pii:
                named = [entity for entity in entities if "ALL" in rule.types or entity.kind in rule.types]
                best = max((entity.score for entity in named), default=0.0)
                scores["pii"] = max(best, scores.get("pii", 0.0))
                if spans := [entity.span for entity in named if entity.score >= rule.threshold / 100]:
                    findings.append(_finding(rule, rule.threshold, best, spans))
        if (toxicity is None and self.config.toxic) or (entities is None and self.config.pii):
            return Answer("not_evaluated", "language", tuple(findings), scores or None)
        return Answer(findings=tuple(findings), scores=scores)


def _finding(rule: RuleConfig, threshold: float, score: float, spans: Sequence[Span]) -> Finding:
    return Finding(
        rule.label,
        rule.name,
        severity=rule.severity,
        confidence=round(100 * score, 2),
        threshold=threshold,
        evidence=tuple(Evidence(span=span) for span in capped(spans, MOST_SPANS)),
    )


def _served(language: str | None, known: frozenset[str]) -> str | None:
    """Return the language as Comprehend calls it; a text that says nothing of its language counts as English."""
    if language is None:
        return "en"
    short = re.split("[-_]", language.strip().lower(), maxsplit=1)[0]
    return short if short in known else None


def _wrong(config: ComprehendConfig) -> Iterator[tuple[str, str]]:
    if not config.toxic and not config.pii:
        yield "toxic", "is empty, and so is pii: there is nothing to ask for"
    if config.endpoint is not None and is_open(config.endpoint) and not config.allow_http:
        yield "endpoint", "would carry texts in the clear: use https, or say allow_http: true"
