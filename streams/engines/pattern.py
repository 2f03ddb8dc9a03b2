r"""Patterns: texts in, what an administrator's regular expressions match out.

RE2 takes time linear in the text whatever the pattern, so that none can slow the stream; it knows no look-around and
no back-reference. One `re2.Set` says which patterns match a text, these alone are run again for their spans.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, ClassVar, Final

import re2
from pydantic import Field, field_validator

from streams.core.engine import Accepts, Config, Example, Text
from streams.core.finding import NOTHING_FOUND, Answer, Evidence, Finding
from streams.core.rule import Rule, RuleConfig
from streams.core.span import capped

MOST_SPANS: Final = 50  # in the evidence of one finding
MOST_PATTERNS: Final = 2000
MAX_MEM: Final = 8 << 20  # bytes that RE2 may use for one pattern
# Bytes for the set, shared by all patterns: the first that is enough. More is slower to fill, and stays filled.
SET_MAX_MEM: Final = (16 << 20, 64 << 20, 256 << 20)

# Characters for private use. A set with too little memory finds nothing, not even these, and says so nowhere.
SENTINEL: Final = "\U0010fff0\U0010fff1\U0010fff2"

# Texts in which zero-width patterns match nothing somewhere: at the start, between words, at a line's end.
ZERO_WIDTH_PROBES: Final = ("", "a b", "1-A\n_.")

# RE2's complaint -> what the author wrote and what would be right.
CONSTRUCTS: Final = (
    (r"invalid perl operator: \(\?<?[=!]", "look-around is not supported: it cannot run in linear time"),
    (r"invalid escape sequence: \\[1-9k]", "back-references are not supported: they cannot run in linear time"),
    (r"invalid perl operator: \(\?P\Z", "back-references such as (?P=name) are not supported; groups are (?P<name>…)"),
    (
        r"invalid perl operator: \(\?>|bad repetition operator: .\+",
        "atomic groups and possessive repetition: not needed in linear time",
    ),
    (r"invalid escape sequence: \\Z", r"\Z is written \z"),
    (r"invalid repetition size", "a repetition may ask for at most 1000, nested ones for 1000 together"),
    (r"pattern too large", "it needs more than 8 MB of memory: use smaller repetitions"),
)


def options(max_mem: int, *, case_sensitive: bool = True) -> Any:
    """Return RE2's options; it writes nothing to stderr by itself."""
    chosen = re2.Options()
    chosen.max_mem = max_mem
    chosen.log_errors = False
    chosen.case_sensitive = case_sensitive
    return chosen


def compiled(pattern: str, *, case_sensitive: bool = True) -> Any:
    """Return a compiled pattern; raise ValueError with what is wrong and what would be right."""
    if re.search(r"(?<!\\)(?:\\\\)*\\C", pattern):
        raise ValueError(r"\C matches half characters: use . or (?s:.)")
    try:
        expression = re2.compile(pattern, options(MAX_MEM, case_sensitive=case_sensitive))
    except re2.error as error:
        raise ValueError(_explained(error)) from None
    if any(match.start() == match.end() for probe in ZERO_WIDTH_PROBES for match in expression.finditer(probe)):
        raise ValueError("it matches where there is nothing: ask for at least one character, + in place of *")
    return expression


def _explained(error: Exception) -> str:
    complaint = error.args[0].decode("utf-8", "replace") if error.args else "it does not compile"
    for construct, meaning in CONSTRUCTS:
        if re.search(construct, complaint):
            return f"{meaning} ({complaint})"
    return str(complaint)


class PatternConfig(RuleConfig):
    """One regular expression, in RE2's syntax."""

    label: str = Field(default="spam", pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    pattern: Annotated[str, Field(min_length=1, max_length=1000)]
    case_sensitive: bool = True

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        """Refuse what does not compile: so the errors of all patterns are told at once."""
        compiled(pattern)
        return pattern


class PatternsConfig(Config):
    """What a policy may say about patterns."""

    patterns: list[PatternConfig] = Field(min_length=1, max_length=MOST_PATTERNS)


def first_pass(patterns: Sequence[PatternConfig]) -> Any:
    """Return the set that says which patterns match; raise ValueError when they need too much memory together."""
    for max_mem in SET_MAX_MEM:
        chosen = re2.Set.SearchSet(options(max_mem))
        try:
            for entry in patterns:
                chosen.Add(entry.pattern if entry.case_sensitive else f"(?i){entry.pattern}")
            sentinel = chosen.Add(SENTINEL)
            chosen.Compile()
        except re2.error:
            continue
        if sentinel in (chosen.Match(SENTINEL) or ()):
            return chosen
    raise ValueError("patterns: they need more than 256 MB of memory together: use fewer, or smaller repetitions")


class Pattern:
    """Finds what named regular expressions match."""

    name: ClassVar[str] = "pattern"
    version: ClassVar[str] = "1"
    accepts: ClassVar[Accepts] = "text"
    Config: ClassVar[type[PatternsConfig]] = PatternsConfig

    def __init__(self, config: PatternsConfig) -> None:
        self.rules: tuple[Rule, ...] = tuple(entry.rule(self.name) for entry in config.patterns)
        self.labels = frozenset(rule.label for rule in self.rules)
        self._expressions = tuple(
            compiled(entry.pattern, case_sensitive=entry.case_sensitive) for entry in config.patterns
        )
        self._first_pass = first_pass(config.patterns)

    def inspect(self, batch: Sequence[Text]) -> list[Answer]:
        """Return for each text one finding per pattern that matches, with the spans."""
        match = self._first_pass.Match
        return [
            self._answer(subject.text, matching) if (matching := match(subject.text.encode())) else NOTHING_FOUND
            for subject in batch
        ]

    def _answer(self, text: str, matching: Iterable[int]) -> Answer:
        findings = []
        for index in sorted(matching):
            if index == len(self.rules):  # the sentinel
                continue
            rule = self.rules[index]
            spans = [match.span() for match in self._expressions[index].finditer(text)]
            evidence = tuple(Evidence(span=span) for span in capped(spans, MOST_SPANS) if span[0] < span[1])
            if evidence:
                findings.append(Finding(rule.label, rule.name, rule.severity, evidence=evidence))
        return Answer(findings=tuple(findings), scores={finding.label: 1.0 for finding in findings})

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return texts with and without a match."""
        phone = {"patterns": [{"name": "phone", "pattern": r"\d{3}-\d{3}-\d{4}", "label": "pii"}]}
        free = {"patterns": [{"name": "free", "pattern": "free +money", "label": "scam", "case_sensitive": False}]}
        return (
            Example(phone, Text("📞 call 555-123-4567"), frozenset({"pii"})),
            Example(phone, Text("it costs 555-12"), frozenset()),
            Example(free, Text("FREE  money"), frozenset({"scam"})),
        )
