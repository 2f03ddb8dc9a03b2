"""Personal data: texts in, where it stands and what kind it is out; never the value itself.

Each type is a rule of its own, with the label `pii`. What is found by which proof stands in `streams/pii`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from streams.core.engine import Accepts, Config, Example, Refused, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.label import Severity
from streams.core.rule import Mode, PolicyAction, Rule
from streams.core.span import capped
from streams.pii.detector import ORDER, Claim, Detector
from streams.pii.form import Form
from streams.pii.keyed import Key
from streams.pii.phone import unknown_regions
from streams.pii.regions import REGIONS

LABEL: Final = "pii"
MOST_SPANS: Final = 50  # in the evidence of one finding
KEY_BYTES: Final = range(16, 4097)  # of a key; SHA-256 gains nothing beyond 64


# Type -> how harmful it is, and what an author and a moderator are told, unless the policy says otherwise.
SEVERITY: Final[Mapping[str, Severity]] = {
    "url_credentials": "medium",
    "email": "low",
    "wallet": "low",
    "iban": "medium",
    "card": "medium",
    "ip": "low",
    "national_id": "medium",
    "bank_routing": "low",
    "document": "medium",
    "phone": "low",
    "address": "low",
}
WHY: Final[Mapping[str, str]] = {
    "url_credentials": "A password in a web address opens an account to every reader.",
    "email": "An e-mail address identifies a person.",
    "wallet": "What is sent to a wallet never comes back.",
    "iban": "An account number can be misused.",
    "card": "A card number can be misused.",
    "ip": "An address of a network is noted and nothing more.",
    "national_id": "A national number lets others pose as its owner.",
    "bank_routing": "A routing number mostly stands beside an account number.",
    "document": "Numbers of passports and licences let others pose as their owner.",
    "phone": "A phone number identifies a person and leads off the platform.",
    "address": "A street address tells where somebody lives.",
}


class Handling(BaseModel):
    """What one type leads to; without a severity or a why it has those of its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    action: PolicyAction = "flag"
    severity: Severity | None = None
    mode: Mode = "enforce"
    escalate: bool = False
    why: str | None = Field(default=None, max_length=500)


def _spelled(value: Any) -> Any:
    """Return `off` as None and an action's name as the handling that it stands for."""
    if value == "off":
        return None
    return {"action": value} if isinstance(value, str) else value


Choice = Annotated[
    Handling | None, BeforeValidator(_spelled, json_schema_input_type=PolicyAction | Literal["off"] | Handling | None)
]


class Types(BaseModel):
    """What each type leads to: an action, a mapping with one, or `off`. Types that are not named have their default."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    url_credentials: Choice = Handling(action="mask")
    email: Choice = Handling(action="mask")
    wallet: Choice = Handling(action="flag")
    iban: Choice = Handling(action="mask")
    card: Choice = Handling(action="mask")
    ip: Choice = Handling(action="allow")
    national_id: Choice = Handling(action="mask")
    bank_routing: Choice = Handling(action="flag")
    document: Choice = Handling(action="mask")
    phone: Choice = Handling(action="mask_flag")
    address: Choice = Handling(action="flag")


class HashConfig(BaseModel):
    """The key of the hashes in the evidence: a file outside of the policy, so that no policy holds a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    key_file: str = Field(min_length=1, max_length=4096)  # absolute path of a mounted secret
    key_id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")  # change it with the key


class PiiConfig(Config):
    """What a policy may say about personal data; `pii: {}` searches every type."""

    types: Types = Types()
    # whose national phone numbers are known without a word such as `call` beside them
    regions: list[Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = Field(default=list(REGIONS), min_length=1)
    hash: HashConfig | None = None  # without it evidence holds no hash


def key_of(config: HashConfig) -> Key:
    """Return the key that a file holds, white space at its end left out; raise Refused when there is none."""
    where, file = "hash.key_file", Path(config.key_file)
    if not file.is_absolute():
        raise Refused([(where, "is relative: give the absolute path of the secret")])
    try:
        with file.open("rb") as stream:
            secret = stream.read(KEY_BYTES[-1] + 1).rstrip()
    except OSError as error:
        raise Refused([(where, f"cannot be read: {error.strerror}: mount the secret, or leave out `hash`")]) from None
    if len(secret) not in KEY_BYTES:
        raise Refused([(where, f"holds {len(secret)} bytes: a key has {KEY_BYTES[0]} to {KEY_BYTES[-1]}, random ones")])
    return Key(secret, config.key_id)


class Pii:
    """Finds personal data: contacts, accounts, national numbers, addresses."""

    name: ClassVar[str] = "pii"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[PiiConfig]] = PiiConfig

    def __init__(self, config: PiiConfig) -> None:
        errors = [(f"regions[{place}]", "has no phone numbers") for place in unknown_regions(config.regions)]
        if errors:
            raise Refused(errors)
        self.rules: tuple[Rule, ...] = tuple(_rules(config.types))
        if not self.rules:
            raise Refused([("types", "every type is off: leave out the engine instead")])
        self.labels = frozenset({LABEL})
        self._detector = Detector([rule.name for rule in self.rules], config.regions)
        self._key = key_of(config.hash) if config.hash else None

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per type of which it holds a value, with the spans."""
        find = self._detector.find
        answers = []
        for subject in batch:
            form, claims = find(subject.text)
            answers.append(self._answer(form, claims) if claims else NOTHING_FOUND)
        return answers

    def _answer(self, form: Form, claims: Sequence[Claim]) -> Answer:
        findings = []
        for rule in self.rules:
            own = [claim for claim in claims if claim.type == rule.name]
            if own:
                evidence = tuple(self._evidence(form, own))
                findings.append(Finding(LABEL, rule.name, rule.severity, evidence=evidence))
        return Answer(findings=tuple(findings), scores={LABEL: 1.0})

    def _evidence(self, form: Form, claims: Sequence[Claim]) -> Iterator[Evidence]:
        """Yield the places of one type; what is over the limit is covered by the last one, which has no hash."""
        spans = capped((claim.span for claim in claims), MOST_SPANS)
        for claim, span in zip(claims, spans, strict=False):
            digest = self._key.hashed(claim.type, form.text, claim.within) if self._key and span == claim.span else None
            yield Evidence(span=span, hash=digest, entity=claim.entity)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return texts with and without personal data; the numbers are those that standards give as examples."""
        found = frozenset({LABEL})
        return (
            Example({}, Text("write to jane.roe@example.com"), found),
            Example({}, Text("my card is 4111 1111 1111 1111"), found),
            Example({}, Text("GB82 WEST 1234 5698 7654 32"), found),
            Example({}, Text("meet at 10:30 on 2024-05-17, room 12, order 4155550132"), frozenset()),
            Example({"types": {"email": "off"}}, Text("write to jane.roe@example.com"), frozenset()),
        )


def _rules(types: Types) -> Iterator[Rule]:
    """Yield the rule of each type that is searched, in the order of the claims."""
    for name in ORDER:
        handling: Handling | None = getattr(types, name)
        if handling is not None:
            yield Rule(
                engine=Pii.name,
                name=name,
                label=LABEL,
                action=handling.action,
                severity=handling.severity or SEVERITY[name],
                mode=handling.mode,
                escalate=handling.escalate,
                why=handling.why or WHY[name],
            )
